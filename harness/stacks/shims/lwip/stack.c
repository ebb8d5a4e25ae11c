// lwIP behind stack.h. It lives here without its thread: nobody calls tcpip_init, and everything happens in the order in which it is
// asked for. Its timers are its own, on our clock: the library takes sys_now from this program.
#include "stack.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#if !NO_SYS
#include "lwip/tcpip.h"
#endif

enum {
    PIECE = 1536,
    // Packets to itself that may follow from one request. More is a stack that talks to itself without end.
    MAX_LOOPED = 100000,
};

static const int64_t MS = 1000000;

struct run run;

// ---- What lwIP asks of its surroundings.

u32_t sys_now(void) { return (u32_t)(run.now / MS); }

#if !NO_SYS
// lwIP would have its thread call netif_poll when a packet to itself waits; there is none, and settle does it.
err_t tcpip_try_callback(tcpip_callback_fn function, void *context) {
    (void)function, (void)context;
    return ERR_OK;
}
#endif

// ---- The wire: IP packets without a link header.

// Neighbour and router discovery and multicast reports are the link's affair, and stay inside (RFC 4861, RFC 2710, RFC 3810).
static bool of_the_link(const uint8_t *packet, size_t length) {
    return length > 40 && packet[0] >> 4 == 6 && packet[6] == IPPROTO_ICMPV6
        && ((packet[40] >= 130 && packet[40] <= 137) || packet[40] == 143);
}

static err_t transmit(struct pbuf *packet) {
    static const char digits[] = "0123456789abcdef";
    static uint8_t octets[MAX_PACKET];
    static char hex[2 * MAX_PACKET + 1];
    size_t length = pbuf_copy_partial(packet, octets, packet->tot_len, 0);
    if (!length || of_the_link(octets, length))
        return ERR_OK;
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[octets[i] >> 4];
        hex[2 * i + 1] = digits[octets[i] & 15];
    }
    hex[2 * length] = 0;
    fprintf(run.out, "packet %s\n", hex);
    run.sent++;
    return ERR_OK;
}

static err_t output4(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to) {
    (void)netif, (void)to;
    return transmit(packet);
}

// Path MTUs live in lwIP's destination cache, which it fills where it looks for a neighbour's hardware address (RFC 8201). This link has
// none, so the entry is made here; without it every Packet Too Big would go unheard for our fault.
static err_t output6(struct netif *netif, struct pbuf *packet, const ip6_addr_t *to) {
    struct nd6_destination_cache_entry *place = &destination_cache[0];
    for (int i = 0; i < LWIP_ND6_NUM_DESTINATIONS; i++) {
        struct nd6_destination_cache_entry *one = &destination_cache[i];
        if (ip6_addr_cmp(&one->destination_addr, to)) {
            one->age = 0;
            return transmit(packet);
        }
        if (ip6_addr_isany(&one->destination_addr) || (!ip6_addr_isany(&place->destination_addr) && one->age > place->age))
            place = one;
    }
    ip6_addr_copy(place->destination_addr, *to);
    ip6_addr_copy(place->next_hop_addr, *to);
    place->pmtu = netif->mtu;
    place->age = 0;
    return transmit(packet);
}

static err_t netif_begins(struct netif *netif) {
    netif->name[0] = 's';
    netif->name[1] = 'p';
    netif->mtu = *(const uint16_t *)netif->state;
    // Broadcast only so that lwIP knows a broadcast address when it sees one; no ARP, no IGMP, no MLD.
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
    netif->output = output4;
    netif->output_ip6 = output6;
    return ERR_OK;
}

void begin(const ip_addr_t *ours, const ip_addr_t *theirs, uint16_t mtu, unsigned seed) {
    srand(seed); // LWIP_RAND is rand, in Debian's build and in ours
    lwip_init();
    ip4_addr_t none = {0}, mask = {lwip_htonl(0xffffff00)};
    netif_add(&run.netif, run.six ? &none : ip_2_ip4(ours), run.six ? &none : &mask, run.six ? &none : ip_2_ip4(theirs), &mtu,
              netif_begins, ip_input);
    run.netif.state = NULL;
    netif_set_default(&run.netif);
    netif_set_up(&run.netif);
    run.netif.rs_count = 0; // no router solicitations
    if (run.six) {
        netif_ip6_addr_set(&run.netif, 0, ip_2_ip6(ours));
        netif_ip6_addr_set_state(&run.netif, 0, IP6_ADDR_PREFERRED);
    }
    run.begun = true;
}

// A packet as drivers hand it over, in pieces of a pool buffer's size. Debian's pool itself is not used: pbuf_alloc believes that its
// buffers hold 1536 octets, and the pool makes them of 592 (../../../../docs/LIVE-FINDINGS.md), so that longer packets overrun the heap.
bool deliver(const uint8_t *octets, size_t length) {
    struct pbuf *packet = NULL;
    bool six = octets[0] >> 4 == 6;
    if (six ? length > 6 && octets[6] != IPPROTO_TCP : length > 7 && ((octets[6] & 0x3f) || octets[7]))
        run.fragments = run.now + (IPV6_REASS_MAXAGE + 2) * 1000 * MS;
    for (size_t done = 0, part; done < length; done += part) {
        part = LWIP_MIN(length - done, PIECE);
        struct pbuf *piece = pbuf_alloc(PBUF_RAW, (u16_t)part, PBUF_RAM);
        if (!piece) {
            if (packet)
                pbuf_free(packet);
            return false;
        }
        memcpy(piece->payload, octets + done, part);
        if (packet)
            pbuf_cat(packet, piece);
        else
            packet = piece;
    }
    if (run.netif.input(packet, &run.netif) != ERR_OK)
        pbuf_free(packet);
    return true;
}

// ---- What lwIP tells the application.

struct connection *connection_new(uint16_t listener) {
    struct connection *made = run.count < MAX_CONNECTIONS ? calloc(1, sizeof *made) : NULL;
    if (made) {
        made->listener = listener;
        run.connections[run.count++] = made;
    }
    return made;
}

// lwIP's block of a connection; NULL once it has forgotten it.
struct tcp_pcb *block_of(const struct connection *one) {
    struct tcp_pcb *const lists[] = {tcp_active_pcbs, tcp_tw_pcbs};
    for (size_t i = 0; i < 2; i++)
        for (struct tcp_pcb *pcb = lists[i]; pcb; pcb = pcb->next)
            if (pcb->callback_arg == one)
                return pcb;
    return NULL;
}

static err_t on_receive(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error) {
    struct connection *one = argument;
    (void)pcb, (void)error;
    if (!data) {
        one->ended = true;
        return ERR_OK;
    }
    uint8_t *grown = realloc(one->data, one->length + data->tot_len);
    if (!grown)
        return ERR_MEM; // lwIP keeps the data, and offers it again
    one->data = grown;
    one->length += pbuf_copy_partial(data, grown + one->length, data->tot_len, 0);
    pbuf_free(data);
    return ERR_OK;
}

// The block is gone already.
static void on_error(void *argument, err_t error) {
    struct connection *one = argument;
    if (error == ERR_RST)
        one->failed = one->established ? "reset" : "refused";
    else if (error == ERR_ABRT)
        one->failed = "timeout"; // what lwIP's timers give up; our own tcp_abort leads here as well, and nobody asks then
    else if (error != ERR_CLSD)
        one->failed = "aborted";
}

void adopt(struct tcp_pcb *pcb, struct connection *one) {
    tcp_arg(pcb, one);
    tcp_recv(pcb, on_receive);
    tcp_err(pcb, on_error);
}

err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error) {
    (void)pcb, (void)error;
    ((struct connection *)argument)->established = true;
    return ERR_OK;
}

// A listener's argument is its port.
err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error) {
    if (error != ERR_OK || !pcb)
        return ERR_VAL; // lwIP could not make the connection
    struct connection *made = connection_new((uint16_t)(uintptr_t)argument);
    if (!made)
        return ERR_MEM;
    made->established = true;
    adopt(pcb, made);
    return ERR_OK;
}

// ---- Time.

// Lets lwIP finish what it has to do now: timers that are due, packets that it sent to itself.
void settle(void) {
    sys_check_timeouts();
    for (int i = 0; run.netif.loop_first; i++) {
        if (i == MAX_LOOPED) {
            fprintf(stderr, "lwip shim: %d packets to itself in a row\n", MAX_LOOPED);
            abort();
        }
        netif_poll(&run.netif);
    }
}

// When lwIP's next timer is due, -1 if none runs. Later than now, because settle has done what was due.
static int64_t timer_at(void) {
    u32_t sleep = sys_timeouts_sleeptime();
    return sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? -1 : (run.now / MS + LWIP_MAX(sleep, 1)) * MS;
}

// The next run of TCP's slow timer comes within a tick from now, the one after `ticks` more not sooner than that.
static int64_t after_ticks(int64_t ticks) { return run.now + LWIP_MAX(ticks, 0) * TCP_SLOW_INTERVAL * MS; }

// A time before which lwIP sends nothing for this connection by itself: it is early where that would need a closer look.
static int64_t silent_until(const struct tcp_pcb *pcb) {
    if (pcb->unsent || pcb->refused_data || pcb->persist_backoff || pcb->flags & (TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND | TF_NAGLEMEMERR))
        return run.now;
    if (pcb->unacked)
        return pcb->rtime < 0 ? run.now : after_ticks(pcb->rto - pcb->rtime - 1);
    if (!ip_get_option(pcb, SOF_KEEPALIVE))
        return INT64_MAX;
    return pcb->keep_cnt_sent ? run.now : after_ticks((int64_t)(pcb->keep_idle / TCP_SLOW_INTERVAL) - (u32_t)(tcp_ticks - pcb->tmr));
}

// When to be woken, -1 for never. Some timer of lwIP runs ten times a second; most of them change nothing that anybody could see, and
// `advance` runs those by itself.
int64_t wake_at(void) {
    int64_t timer = timer_at(), silent = run.now < run.fragments ? run.now : INT64_MAX;
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb && silent > run.now; pcb = pcb->next)
        silent = LWIP_MIN(silent, silent_until(pcb));
    for (const struct tcp_pcb *pcb = tcp_tw_pcbs; pcb && silent > run.now; pcb = pcb->next)
        silent = LWIP_MIN(silent, after_ticks(2 * TCP_MSL / TCP_SLOW_INTERVAL - (int64_t)(u32_t)(tcp_ticks - pcb->tmr)));
    return timer < 0 || silent == INT64_MAX ? -1 : LWIP_MAX(timer, silent);
}

void advance(int64_t to, bool until_sent) {
    size_t sent = run.sent;
    for (int64_t wake; (wake = timer_at()) >= 0 && wake <= to;) {
        run.now = wake;
        settle();
        if (until_sent && run.sent > sent)
            return;
    }
    run.now = to;
    settle();
}

