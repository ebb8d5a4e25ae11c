// A shim around lwIP: the line protocol of ../README.md on standard input and output, on virtual time.
// Build it with ./build, which is one line: cc -O2 -Wall -Wextra -o shim shim.c -I/usr/include/lwip -llwip
//
// lwIP keeps all of its state in global variables, so a run is a process; a second stack in one process would share its
// connections, its timers and its initial sequence numbers with the first. Here lwIP lives without its thread: nobody calls
// tcpip_init, and everything happens in the order in which the harness asks for it. The application uses the raw API, as lwIP's own
// socket layer does. Timers are lwIP's, on our clock: the library takes sys_now from this program.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#if !NO_SYS
#include "lwip/tcpip.h"
#endif

enum {
    MAX_WORDS = 8,
    MAX_LINE = 1 << 20,
    MAX_PACKET = 65535,
    PIECE = 1536,
    MAX_RECEIVE = 1 << 20,
    MAX_CONNECTIONS = 65536,
    // Packets to itself that may follow from one request. More is a stack that talks to itself without end.
    MAX_LOOPED = 100000,
};

static const int64_t MS = 1000000;

// A connection as the application has it. lwIP knows it by this address (tcp_arg), and frees its own block whenever it likes: hence
// the block is looked for, and never kept.
struct connection {
    uint16_t listener; // the port it was accepted at, 0 for an active open
    bool accepted;     // the harness knows it
    bool established;  // the handshake was completed at some time
    bool ended;        // the peer's FIN has arrived
    bool closed;       // the application has closed, or aborted
    const char *failed; // why it is over, unless it ended in order
    uint8_t *data;     // what has arrived and was not yet read
    size_t length;
};

static struct {
    bool begun, six;
    int64_t now; // nanoseconds since the run began
    struct netif netif;
    struct connection *connections[MAX_CONNECTIONS];
    size_t count;
    FILE *out;
    char *answer;
} run;

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
    netif->mtu = *(uint16_t *)netif->state;
    // Broadcast only so that lwIP knows a broadcast address when it sees one; no ARP, no IGMP, no MLD.
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
    netif->output = output4;
    netif->output_ip6 = output6;
    return ERR_OK;
}

static void say(const char *format, ...);

// A packet as drivers hand it over, in pieces of a pool buffer's size. Debian's pool itself is not used: pbuf_alloc believes that its
// buffers hold 1536 octets, and the pool makes them of 592 (../../../../docs/LIVE-FINDINGS.md), so that longer packets overrun the heap.
static void deliver(const uint8_t *octets, size_t length) {
    struct pbuf *packet = NULL;
    for (size_t done = 0, part; done < length; done += part) {
        part = LWIP_MIN(length - done, PIECE);
        struct pbuf *piece = pbuf_alloc(PBUF_RAW, (u16_t)part, PBUF_RAM);
        if (!piece) {
            if (packet)
                pbuf_free(packet);
            return say("error unsupported out of memory");
        }
        memcpy(piece->payload, octets + done, part);
        if (packet)
            pbuf_cat(packet, piece);
        else
            packet = piece;
    }
    if (run.netif.input(packet, &run.netif) != ERR_OK)
        pbuf_free(packet);
}

// ---- What lwIP tells the application.

static struct connection *connection_new(uint16_t listener) {
    struct connection *made = run.count < MAX_CONNECTIONS ? calloc(1, sizeof *made) : NULL;
    if (made) {
        made->listener = listener;
        run.connections[run.count++] = made;
    }
    return made;
}

// lwIP's block of a connection; NULL once it has forgotten it.
static struct tcp_pcb *block_of(const struct connection *one) {
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

static void adopt(struct tcp_pcb *pcb, struct connection *one) {
    tcp_arg(pcb, one);
    tcp_recv(pcb, on_receive);
    tcp_err(pcb, on_error);
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error) {
    (void)pcb, (void)error;
    ((struct connection *)argument)->established = true;
    return ERR_OK;
}

// A listener's argument is its port.
static err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error) {
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
static void settle(void) {
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
static int64_t wake_at(void) {
    u32_t sleep = sys_timeouts_sleeptime();
    return sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? -1 : (run.now / MS + LWIP_MAX(sleep, 1)) * MS;
}

static void advance(int64_t to) {
    for (int64_t wake; (wake = wake_at()) >= 0 && wake <= to;) {
        run.now = wake;
        settle();
    }
    run.now = to;
    settle();
}

// ---- Requests. Each prints its answer into `answer`, which is written behind the packets.

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    free(run.answer);
    if (vasprintf(&run.answer, format, arguments) < 0)
        run.answer = NULL;
    va_end(arguments);
    for (char *at = run.answer; at && *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

static void *must(void *memory) {
    if (!memory) {
        fputs("lwip shim: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

// A decimal number no larger than `most`.
static bool number(const char *text, int64_t most, int64_t *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *value <= most;
}

static int digit(char one) { return one >= '0' && one <= '9' ? one - '0' : one >= 'a' && one <= 'f' ? one - 'a' + 10 : -1; }

// Octets of lower-case hex, to be freed; "-" is none. NULL if malformed.
static uint8_t *octets_of(const char *text, size_t *length) {
    size_t digits = strcmp(text, "-") ? strlen(text) : 0;
    *length = digits / 2;
    if (digits % 2 || strspn(text, "0123456789abcdef") < digits)
        return NULL;
    uint8_t *made = must(malloc(*length + 1));
    for (size_t i = 0; i < *length; i++)
        made[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return made;
}

static bool address_of(const char *text, ip_addr_t *made) {
    uint8_t octets[16];
    memset(made, 0, sizeof *made);
    IP_SET_TYPE_VAL(*made, run.six ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
    if (inet_pton(run.six ? AF_INET6 : AF_INET, text, octets) != 1)
        return false;
    if (run.six)
        memcpy(ip_2_ip6(made)->addr, octets, 16);
    else
        memcpy(&ip_2_ip4(made)->addr, octets, 4);
    return true;
}

static void hello(char **words, int count) {
    const char *address = "", *peer = "";
    int64_t mtu = 0, seed = -1;
    for (int i = 0; i < count; i++) {
        if (!strncmp(words[i], "address=", 8))
            address = words[i] + 8;
        else if (!strncmp(words[i], "peer=", 5))
            peer = words[i] + 5;
        else if (!strncmp(words[i], "mtu=", 4) && !number(words[i] + 4, MAX_PACKET, &mtu))
            mtu = 0;
        else if (!strncmp(words[i], "seed=", 5) && !number(words[i] + 5, INT64_MAX, &seed))
            seed = -1;
    }
    if (mtu < 68 || seed < 0)
        return say("error malformed hello");
    run.six = strchr(address, ':');
    ip_addr_t ours, theirs;
    if (!address_of(address, &ours) || !address_of(peer, &theirs))
        return say("error malformed address");
    srand((unsigned)(seed ^ seed >> 32)); // LWIP_RAND is rand, in Debian's build and in ours
    lwip_init();
    uint16_t size = (uint16_t)mtu;
    ip4_addr_t none = {0}, mask = {lwip_htonl(0xffffff00)};
    netif_add(&run.netif, run.six ? &none : ip_2_ip4(&ours), run.six ? &none : &mask, run.six ? &none : ip_2_ip4(&theirs), &size,
              netif_begins, ip_input);
    run.netif.state = NULL;
    netif_set_default(&run.netif);
    netif_set_up(&run.netif);
    run.netif.rs_count = 0; // no router solicitations
    if (run.six) {
        netif_ip6_addr_set(&run.netif, 0, ip_2_ip6(&ours));
        netif_ip6_addr_set_state(&run.netif, 0, IP6_ADDR_PREFERRED);
    }
    run.begun = true;
    say("result name=lwip version=%s can=listen,connect,half-close,abort,nodelay,keepalive", LWIP_VERSION_STRING);
}

// A fresh block bound to that port; NULL, and an answer, if there is none. Servers set SO_REUSEADDR, and so do we: without it a port is
// taken as long as any of its connections lingers.
static struct tcp_pcb *bound(uint16_t port) {
    struct tcp_pcb *pcb = tcp_new_ip_type(run.six ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
    if (!pcb) {
        say("error unsupported out of memory");
        return NULL;
    }
    ip_set_option(pcb, SOF_REUSEADDR);
    if (port && tcp_bind(pcb, run.six ? IP6_ADDR_ANY : IP4_ADDR_ANY, port) != ERR_OK) {
        tcp_close(pcb);
        say("error in-use");
        return NULL;
    }
    return pcb;
}

static bool listened_at(uint16_t port) {
    for (struct tcp_pcb_listen *one = tcp_listen_pcbs.listen_pcbs; one; one = one->next)
        if (one->local_port == port)
            return true;
    return false;
}

static void call_listen(uint16_t port) {
    if (listened_at(port))
        return say("error in-use");
    struct tcp_pcb *pcb = bound(port);
    if (!pcb)
        return;
    err_t error = ERR_OK;
    struct tcp_pcb *listener = tcp_listen_with_backlog_and_err(pcb, TCP_DEFAULT_LISTEN_BACKLOG, &error);
    if (!listener) {
        tcp_close(pcb);
        return say(error == ERR_USE ? "error in-use" : "error unsupported lwIP error %d", error);
    }
    tcp_arg(listener, (void *)(uintptr_t)port);
    tcp_accept(listener, on_accept);
    say("result ok");
}

static void call_accept(uint16_t port) {
    for (size_t i = 0; i < run.count; i++) {
        struct connection *one = run.connections[i];
        if (one->listener == port && !one->accepted) {
            one->accepted = true;
            return say("result %zu", i + 1);
        }
    }
    say(listened_at(port) ? "result none" : "error closed");
}

static void call_connect(uint16_t local, const char *remote, uint16_t port) {
    ip_addr_t to;
    if (!address_of(remote, &to))
        return say(strchr(remote, '.') || strchr(remote, ':') ? "error unsupported address" : "error malformed address");
    struct tcp_pcb *pcb = bound(local);
    if (!pcb)
        return;
    struct connection *made = connection_new(0);
    if (!made) {
        tcp_close(pcb);
        return say("error unsupported too many connections");
    }
    adopt(pcb, made);
    made->accepted = true;
    err_t error = tcp_connect(pcb, &to, port, on_connected);
    if (error == ERR_OK)
        return say("result %zu", run.count);
    tcp_close(pcb);
    made->closed = true;
    say(error == ERR_USE || error == ERR_BUF ? "error in-use"
        : error == ERR_RTE                   ? "error unreachable"
        : error == ERR_VAL || error == ERR_ARG ? "error bad-address"
                                               : "error unsupported lwIP error %d",
        error);
}

static void call_send(struct connection *one, const char *hex) {
    size_t length, took = 0;
    uint8_t *data = octets_of(hex, &length);
    if (!data)
        return say("error malformed hex");
    struct tcp_pcb *pcb = block_of(one);
    if (!pcb || (pcb->state != SYN_SENT && pcb->state != SYN_RCVD && pcb->state != ESTABLISHED && pcb->state != CLOSE_WAIT)) {
        free(data);
        return say("error closed");
    }
    // Where the whole does not fit (ERR_MEM: too many buffers are queued) a half may.
    for (size_t part = length; part && took < length;) {
        part = LWIP_MIN(LWIP_MIN(part, length - took), tcp_sndbuf(pcb));
        err_t error = part ? tcp_write(pcb, data + took, (u16_t)part, TCP_WRITE_FLAG_COPY) : ERR_OK;
        if (error == ERR_OK)
            took += part;
        else
            part = error == ERR_MEM ? part / 2 : 0;
    }
    free(data);
    tcp_output(pcb);
    say("result %zu", took);
}

// What was read makes room in the window, as lwIP's socket layer does it.
static void call_receive(struct connection *one, const char *most) {
    static const char digits[] = "0123456789abcdef";
    int64_t limit;
    if (!number(most, INT32_MAX, &limit) || !limit)
        return say("error malformed count");
    if (!one->length) {
        if (one->failed)
            return say("error %s", one->failed);
        return say(one->ended ? "result end" : "result none");
    }
    size_t count = LWIP_MIN(LWIP_MIN((size_t)limit, one->length), MAX_RECEIVE);
    char *hex = must(malloc(2 * count + 1));
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = digits[one->data[i] >> 4];
        hex[2 * i + 1] = digits[one->data[i] & 15];
    }
    hex[2 * count] = 0;
    say("result data %s", hex);
    free(hex);
    one->length -= count;
    memmove(one->data, one->data + count, one->length);
    struct tcp_pcb *pcb;
    for (size_t part; count && (pcb = block_of(one)); count -= part) {
        part = LWIP_MIN(count, 0xffff);
        tcp_recved(pcb, (u16_t)part);
    }
}

static void call_status(const struct connection *one) {
    static const char *const names[] = {"closed",     "listen",     "syn-sent", "syn-received", "established", "fin-wait-1",
                                        "fin-wait-2", "close-wait", "closing",  "last-ack",     "time-wait"};
    const struct tcp_pcb *pcb = block_of(one);
    size_t state = pcb ? pcb->state : CLOSED;
    say("result %s", state < sizeof names / sizeof *names ? names[state] : "unknown");
}

static void call_option(struct connection *one, const char *name, const char *value) {
    struct tcp_pcb *pcb = block_of(one);
    bool nodelay = !strcmp(name, "nodelay"), on = !strcmp(value, "1");
    if ((!nodelay && strcmp(name, "keepalive")) || (!on && strcmp(value, "0")))
        return say("error unsupported option");
    if (!pcb)
        return say("error closed");
    if (nodelay && on)
        tcp_nagle_disable(pcb);
    else if (nodelay)
        tcp_nagle_enable(pcb);
    else if (on)
        ip_set_option(pcb, SOF_KEEPALIVE);
    else
        ip_reset_option(pcb, SOF_KEEPALIVE);
    say("result ok");
}

// CLOSE of both directions; lwIP resets the connection where data was not read. Before the handshake there is nothing to shut, and
// lwIP's tcp_shutdown says so: an application that is done then closes (RFC 9293 section 3.10.4).
static void call_end(struct connection *one, const char *how) {
    struct tcp_pcb *pcb = block_of(one);
    bool half = !strcmp(how, "shutdown");
    if (half && pcb && pcb->state != SYN_SENT)
        return say(tcp_shutdown(pcb, 0, 1) == ERR_OK ? "result ok" : "error closed");
    if (half && !pcb)
        return say("error closed");
    err_t error = ERR_OK;
    if (pcb && !strcmp(how, "abort"))
        tcp_abort(pcb);
    else if (pcb)
        error = tcp_close(pcb);
    if (error != ERR_OK)
        return say("error unsupported lwIP error %d", error);
    one->closed = true;
    one->length = 0;
    say("result ok");
}

static void call(char **words, int count) {
    const char *name = words[0];
    int64_t first, port;
    bool passive = !strcmp(name, "listen") || !strcmp(name, "accept"), active = !strcmp(name, "connect");
    if ((passive && count != 2) || (active && count != 4))
        return say("error malformed arguments");
    if (passive || active) {
        if (!number(words[active ? 3 : 1], 65535, &port) || !port || !number(words[1], 65535, &first))
            return say("error malformed port");
        if (active)
            return call_connect((uint16_t)first, words[2], (uint16_t)port);
        return !strcmp(name, "listen") ? call_listen((uint16_t)port) : call_accept((uint16_t)port);
    }
    bool send = !strcmp(name, "send"), receive = !strcmp(name, "receive"), option = !strcmp(name, "option");
    bool status = !strcmp(name, "status"), end = !strcmp(name, "shutdown") || !strcmp(name, "close") || !strcmp(name, "abort");
    if (!send && !receive && !option && !status && !end)
        return say("error unsupported call");
    if (count != 2 + send + receive + 2 * option || !number(words[1], MAX_CONNECTIONS, &first))
        return say("error malformed arguments");
    struct connection *one = first && (size_t)first <= run.count ? run.connections[first - 1] : NULL;
    if (!one || !one->accepted || (one->closed && !status))
        return say("error closed");
    if (send)
        call_send(one, words[2]);
    else if (receive)
        call_receive(one, words[2]);
    else if (option)
        call_option(one, words[2], words[3]);
    else if (status)
        call_status(one);
    else
        call_end(one, name);
}

static void request(char **words, int count) {
    int64_t to;
    size_t length;
    if (count >= 2 && !strcmp(words[0], "hello") && !strcmp(words[1], "1") && !run.begun)
        return hello(words + 2, count - 2);
    if (run.begun && count == 2 && !strcmp(words[0], "packet")) {
        uint8_t *packet = octets_of(words[1], &length);
        if (!packet || !length || length > MAX_PACKET)
            say("error malformed packet");
        else
            deliver(packet, length);
        return free(packet);
    }
    if (run.begun && count == 2 && !strcmp(words[0], "advance")) {
        if (!number(words[1], INT64_MAX / 4, &to) || to < run.now)
            return say("error malformed time");
        return advance(to);
    }
    if (run.begun && count >= 2 && !strcmp(words[0], "call"))
        return call(words + 1, count - 1);
    say("error unknown%s%.60s", count ? " " : "", count ? words[0] : "");
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    // lwIP prints its complaints to the standard output, which is the harness's: they go to the standard error.
    run.out = fdopen(dup(STDOUT_FILENO), "w");
    if (!run.out || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 1;
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        char *words[MAX_WORDS], *rest = line, *word;
        int count = 0;
        while (length <= MAX_LINE && count < MAX_WORDS && (word = strsep(&rest, " \r\n")))
            if (*word)
                words[count++] = word;
        bool bye = count == 1 && !strcmp(words[0], "bye");
        free(run.answer);
        run.answer = NULL;
        if (length > MAX_LINE)
            say("error malformed line of more than %d octets", MAX_LINE);
        else if (!bye)
            request(words, count);
        if (run.begun && !bye)
            settle();
        if (run.answer)
            fprintf(run.out, "%s\n", run.answer);
        int64_t wake = run.begun && !bye ? wake_at() : -1;
        if (wake < 0)
            fputs("done -\n", run.out);
        else
            fprintf(run.out, "done %lld\n", (long long)wake);
        fflush(run.out);
        if (bye)
            return 0;
    }
    return 0;
}
