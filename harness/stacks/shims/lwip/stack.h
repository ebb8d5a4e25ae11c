// lwIP with its wire, its clock and its connections, as the line protocol in shim.c needs them.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lwip/netif.h"
#include "lwip/tcp.h"

enum {
    MAX_PACKET = 65535,
    MAX_CONNECTIONS = 65536,
};

// A connection as the application has it. lwIP knows it by this address (tcp_arg), and frees its own block whenever it likes: hence
// the block is looked for, and never kept.
struct connection {
    uint16_t listener;  // the port it was accepted at, 0 for an active open
    bool accepted;      // the harness knows it
    bool established;   // the handshake was completed at some time
    bool ended;         // the peer's FIN has arrived
    bool closed;        // the application has closed, or aborted
    const char *failed; // why it is over, unless it ended in order
    uint8_t *data;      // what has arrived and was not yet read
    size_t length;
};

extern struct run {
    bool begun, six;
    int64_t now;       // nanoseconds since the run began
    int64_t fragments; // until then lwIP may report that some were never completed
    struct netif netif;
    struct connection *connections[MAX_CONNECTIONS];
    size_t count;
    size_t sent; // packets so far
    FILE *out; // where packets are written
} run;

// Starts lwIP with these addresses.
void begin(const ip_addr_t *ours, const ip_addr_t *theirs, uint16_t mtu, unsigned seed);
// A packet arrives; false if there is no memory for it.
bool deliver(const uint8_t *octets, size_t length);
// Lets lwIP finish what it has to do now.
void settle(void);
// Lets time pass; where asked for, no further than until something is sent.
void advance(int64_t to, bool until_sent);
// When to be woken, -1 for never.
int64_t wake_at(void);

// NULL if there are too many.
struct connection *connection_new(uint16_t listener);
// lwIP's block of a connection; NULL once it has forgotten it.
struct tcp_pcb *block_of(const struct connection *one);
// Makes lwIP tell that connection what happens.
void adopt(struct tcp_pcb *pcb, struct connection *one);
err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error);
err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error);
