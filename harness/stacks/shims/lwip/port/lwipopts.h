// How a source tree of lwIP is compiled for comparison (STACKPROOF_LWIP_SOURCE): without threads, and in all that shows on the wire as
// Debian's library is, so that two releases differ by their code alone. What is not set here is lwIP's default, and can be set by
// CC="cc -DLWIP_TCP_SACK_OUT=1" for example.
#ifndef STACKPROOF_LWIPOPTS_H
#define STACKPROOF_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0

#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8

#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#define LWIP_CHECKSUM_ON_COPY 1

#define LWIP_IPV4 1
#define IP_FORWARD 1
#define LWIP_IPV6 1
#define LWIP_IPV6_FORWARD 1
#define LWIP_IPV6_MLD 0
#define IPV6_FRAG_COPYHEADER 1

#define TCP_MSS 1460
#define TCP_WND 0xffff
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 1
#define TCP_SND_BUF TCP_WND
#define LWIP_TCP_KEEPALIVE 1
#define SO_REUSE 1
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#endif
