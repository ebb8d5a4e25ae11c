// A shim around libslirp: the line protocol of ../README.md on standard input and output, on virtual time.
// Build it with ./build, which is one line: gcc -O2 -Wall -Wextra -o shim shim.c $(pkg-config --cflags --libs slirp)
//
// libslirp terminates the TCP of a virtual machine and hands the data to sockets of the host. Here the peer is the guest, and the
// stack's address is libslirp's virtual host. An application call works on a socket of ours at the host's loopback address: a
// listener at the port that libslirp will connect to, or a client of a port that libslirp forwards to the peer. Ports are real,
// hence each run takes a network namespace of its own. STACKPROOF_HOST_LOOPBACK=1 does without: then the peer can reach every
// service at the loopback address of the machine, so set it only inside a container.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <libslirp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_WORDS = 8,
    MAX_POLLED = 4096,
    MAX_FRAME = 65535 + 14,
    MAX_RECEIVE = 1 << 20,
    ETHERNET = 14,
    // Octets that may lie between libslirp and the application, each way. The kernel's own buffers are larger and never fill, because
    // what happens then depends on its timers, which are not ours.
    BETWEEN = 1 << 15,
    KERNEL_BUFFER = 1 << 20,
    // libslirp's own timers, in milliseconds: delayed acknowledgements, and everything else.
    FAST_TIMER = 2,
    SLOW_TIMER = 499,
};

static const char PRINTABLE[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

// libslirp's clock does not begin at zero, because it takes zero for "no timer runs". Milliseconds.
static const int64_t EPOCH = 1000000;
static const int64_t MS = 1000000;
static const uint8_t PEER_MAC[6] = {0x52, 0x54, 0, 0, 0, 2};

// What the current request is: tells why a connection went away.
enum event { EVENT_CALL, EVENT_PACKET, EVENT_RESET, EVENT_ADVANCE };

// A connection as the application has it. libslirp's side of the loopback connection identifies it.
struct connection {
    int fd;            // the application's socket, or -1 once it was closed
    int slirp_fd;      // libslirp's, or -1
    uint16_t slirp;    // libslirp's port at the loopback address
    uint16_t forward;  // the forwarded port, until libslirp has taken the connection
    uint16_t listener; // the port it was accepted at, 0 for an active open
    uint16_t local, remote_port; // an active open's ports
    char remote[INET6_ADDRSTRLEN];
    char state[24];    // RFC 9293's name; empty until libslirp has shown one
    bool established;  // the handshake was completed at some time
    bool accepted;     // the harness knows it
    bool gone;         // libslirp has forgotten it
    const char *failed; // why, unless it ended in order
};

struct listener {
    uint16_t port;
    int fd;
};

struct timer {
    SlirpTimerCb fire;
    void *opaque;
    int64_t due; // milliseconds, -1 while it does not run
};

static struct {
    Slirp *slirp;
    int family;
    uint8_t address[16], peer[16];
    int64_t now; // nanoseconds since the run began
    enum event event;
    unsigned long sent;
    GPtrArray *connections, *listeners, *timers;
    GRand *random; // from the seed
    GQueue frames; // link-layer answers of the peer, not yet delivered
    struct pollfd polled[MAX_POLLED];
    int polled_count;
    int64_t fast_since, slow_last; // libslirp's timers, followed from outside; milliseconds
    bool slow_runs;
} run;

static int64_t now_ms(void) { return EPOCH + run.now / MS; }

// ---- The wire: Ethernet frames to and from libslirp, IP packets to and from the harness.

static uint16_t checksum(const uint8_t *octets, size_t length, uint32_t sum) {
    for (size_t i = 0; i < length; i++)
        sum += i % 2 ? octets[i] : octets[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static uint8_t *frame_new(uint16_t type) {
    uint8_t *frame = g_malloc0(128);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, PEER_MAC, 6);
    frame[12] = type >> 8;
    frame[13] = type & 0xff;
    return frame;
}

// The peer tells libslirp its hardware address. A reply to `to`, or of its own accord where there is none.
static void arp_tell(const uint8_t *who, const uint8_t *to) {
    static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
    uint8_t *frame = frame_new(0x0806), *arp = frame + ETHERNET;
    memcpy(arp, head, 6);
    arp[7] = to ? 2 : 1;
    memcpy(arp + 8, PEER_MAC, 6);
    memcpy(arp + 14, who, 4);
    memcpy(arp + 24, to ? to : who, 4);
    g_queue_push_tail(&run.frames, frame);
}

// The same for IPv6: a neighbour advertisement.
static void neighbour_tell(const uint8_t *who, const uint8_t *to) {
    uint8_t *frame = frame_new(0x86dd), *ip = frame + ETHERNET, *icmp = ip + 40;
    ip[0] = 0x60;
    ip[5] = 32;
    ip[6] = IPPROTO_ICMPV6;
    ip[7] = 255;
    memcpy(ip + 8, who, 16);
    memcpy(ip + 24, to, 16);
    icmp[0] = 136;
    icmp[4] = 0x60; // solicited, override
    memcpy(icmp + 8, who, 16);
    icmp[24] = 2; // option: target link-layer address
    icmp[25] = 1;
    memcpy(icmp + 26, PEER_MAC, 6);
    uint16_t sum = checksum(ip + 8, 32 + 32, 32 + IPPROTO_ICMPV6);
    icmp[2] = sum >> 8;
    icmp[3] = sum & 0xff;
    g_queue_push_tail(&run.frames, frame);
}

// libslirp sends a frame. What belongs to the link ends here; IP goes to the harness.
static ssize_t send_packet(const void *buffer, size_t length, void *opaque) {
    const uint8_t *frame = buffer, *ip = frame + ETHERNET;
    (void)opaque;
    if (length < ETHERNET + 20)
        return length;
    uint16_t type = frame[12] << 8 | frame[13];
    size_t size = length - ETHERNET;
    if (type == 0x0806) {
        if (size >= 28 && ip[7] == 1 && memcmp(ip + 24, run.address, 4))
            arp_tell(ip + 24, ip + 14);
        return length;
    }
    if (type == 0x86dd && size >= 48 && ip[6] == IPPROTO_ICMPV6 && ip[40] >= 133 && ip[40] <= 137) {
        if (ip[40] == 135 && size >= 64 && memcmp(ip + 48, run.address, 16))
            neighbour_tell(ip + 48, ip + 8);
        return length;
    }
    if (type != 0x0800 && type != 0x86dd)
        return length;
    fputs("packet ", stdout);
    for (size_t i = 0; i < size; i++)
        printf("%02x", ip[i]);
    putchar('\n');
    run.sent++;
    return length;
}

// A packet for libslirp. As it is a router, it would carry what is for others to the real network: that is dropped, as a host does.
static void deliver(const uint8_t *ip, size_t length) {
    static uint8_t frame[MAX_FRAME];
    bool six = run.family == AF_INET6;
    size_t header = six ? 40 : 20;
    if (length < header || length > MAX_FRAME - ETHERNET || ip[0] >> 4 != (six ? 6 : 4))
        return;
    if (memcmp(ip + (six ? 24 : 16), run.address, six ? 16 : 4))
        return;
    // Router advertisements and the like are of the link.
    if (six && ip[6] == IPPROTO_ICMPV6 && length > 40 && ip[40] >= 133 && ip[40] <= 137)
        return;
    size_t tcp = six ? 40 : (ip[0] & 15) * 4u;
    if (ip[six ? 6 : 9] == IPPROTO_TCP && length > tcp + 13 && ip[tcp + 13] & 4)
        run.event = EVENT_RESET;
    memset(frame, 0, ETHERNET);
    memcpy(frame + 6, PEER_MAC, 6);
    frame[12] = six ? 0x86 : 0x08;
    frame[13] = six ? 0xdd : 0x00;
    memcpy(frame + ETHERNET, ip, length);
    slirp_input(run.slirp, frame, ETHERNET + length);
}

// ---- Time: libslirp asks for it, and is woken at it.

static int64_t clock_get_ns(void *opaque) {
    (void)opaque;
    return EPOCH * MS + run.now;
}

static void *timer_new(SlirpTimerCb fire, void *cb_opaque, void *opaque) {
    (void)opaque;
    struct timer *timer = g_new0(struct timer, 1);
    *timer = (struct timer){fire, cb_opaque, -1};
    g_ptr_array_add(run.timers, timer);
    return timer;
}

static void timer_free(void *timer, void *opaque) {
    (void)opaque;
    g_ptr_array_remove(run.timers, timer);
    g_free(timer);
}

static void timer_mod(void *timer, int64_t due, void *opaque) {
    (void)opaque;
    ((struct timer *)timer)->due = due;
}

// When libslirp next has something to do, in nanoseconds since the run began; -1 for never.
static int64_t wake_at(void) {
    int64_t wake = INT64_MAX;
    if (run.fast_since)
        wake = MIN(wake, run.fast_since + FAST_TIMER);
    if (run.slow_runs)
        wake = MIN(wake, run.slow_last + SLOW_TIMER);
    for (guint i = 0; i < run.timers->len; i++) {
        struct timer *timer = run.timers->pdata[i];
        if (timer->due >= 0)
            wake = MIN(wake, timer->due);
    }
    if (wake == INT64_MAX)
        return -1;
    return (MAX(wake, now_ms() + 1) - EPOCH) * MS;
}

// What libslirp also wants to tell. settle asks for its sockets each time anyway.
static void guest_error(const char *message, void *opaque) { (void)message, (void)opaque; }
static void ignore_fd(int fd, void *opaque) { (void)fd, (void)opaque; }
static void ignore(void *opaque) { (void)opaque; }

static void fire_timers(void) {
    for (guint i = 0; i < run.timers->len; i++) {
        struct timer *timer = run.timers->pdata[i];
        if (timer->due >= 0 && timer->due <= now_ms()) {
            timer->due = -1;
            timer->fire(timer->opaque);
        }
    }
}

// ---- The host's side: loopback sockets.

static socklen_t loopback(struct sockaddr_storage *to, uint16_t port) {
    memset(to, 0, sizeof *to);
    to->ss_family = run.family;
    if (run.family == AF_INET6) {
        ((struct sockaddr_in6 *)to)->sin6_addr = in6addr_loopback;
        ((struct sockaddr_in6 *)to)->sin6_port = htons(port);
        return sizeof(struct sockaddr_in6);
    }
    ((struct sockaddr_in *)to)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ((struct sockaddr_in *)to)->sin_port = htons(port);
    return sizeof(struct sockaddr_in);
}

// How many octets a socket has that nobody has read yet.
static int unread(int fd) {
    int count = 0;
    return fd < 0 || ioctl(fd, FIONREAD, &count) ? 0 : count;
}

// The port of one end of a socket; 0 if it has none.
static uint16_t port_of(int fd, int (*end)(int, struct sockaddr *, socklen_t *)) {
    struct sockaddr_storage at;
    socklen_t length = sizeof at;
    if (end(fd, (struct sockaddr *)&at, &length))
        return 0;
    // The port is at the same place in both families.
    return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

static void large_buffers(int fd) {
    int size = KERNEL_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

// A socket bound to a port at the loopback address, or -1.
static int bound(uint16_t port) {
    struct sockaddr_storage at;
    socklen_t length = loopback(&at, port);
    int on = 1, fd = socket(run.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    large_buffers(fd);
    if (bind(fd, (struct sockaddr *)&at, length)) {
        close(fd);
        return -1;
    }
    return fd;
}

static struct connection *connection_new(int fd) {
    struct connection *made = g_new0(struct connection, 1);
    made->fd = fd;
    made->slirp_fd = -1;
    made->slirp = port_of(fd, getpeername);
    g_ptr_array_add(run.connections, made);
    return made;
}

// Takes what libslirp has connected to our listeners. The handshake with the peer is not over then.
static bool take_connections(void) {
    bool any = false;
    for (guint i = 0; i < run.listeners->len; i++) {
        struct listener *listener = run.listeners->pdata[i];
        int fd;
        while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            connection_new(fd)->listener = listener->port;
            any = true;
        }
    }
    return any;
}

// Has libslirp listen at a port, and open a connection to the guest for each that comes there. Nonzero if it cannot.
static int forward(uint16_t port, const struct sockaddr_storage *to) {
    struct sockaddr_storage at;
    socklen_t length = loopback(&at, port);
    return slirp_add_hostxfwd(run.slirp, (struct sockaddr *)&at, length, (const struct sockaddr *)to, length, 0);
}

static void unforward(uint16_t port) {
    struct sockaddr_storage at;
    socklen_t length = loopback(&at, port);
    slirp_remove_hostxfwd(run.slirp, (struct sockaddr *)&at, length, 0);
}

// Why a connection is no longer there, unless in order.
static const char *cause(const struct connection *gone) {
    bool over = !strcmp(gone->state, "time-wait") || !strcmp(gone->state, "last-ack") || !strcmp(gone->state, "closing");
    if (run.event == EVENT_RESET && !strcmp(gone->state, "syn-sent"))
        return "refused";
    if (run.event == EVENT_RESET && strcmp(gone->state, "time-wait"))
        return "reset";
    if (over)
        return NULL;
    return run.event == EVENT_ADVANCE ? "timeout" : "reset";
}

// Reads the states of all connections from libslirp's report of them, the only place where it tells.
static void read_states(void) {
    bool *there = g_new0(bool, run.connections->len + 1);
    char *report = slirp_connection_info(run.slirp), *rest = report, *line;
    while ((line = strsep(&rest, "\n"))) {
        char name[24];
        int fd;
        if (sscanf(line, " TCP[%23[^]]] %d", name, &fd) != 2 || !strcmp(name, "HOST_FORWARD") || fd < 0)
            continue;
        uint16_t port = port_of(fd, getsockname);
        for (guint i = 0; port && i < run.connections->len; i++) {
            struct connection *one = run.connections->pdata[i];
            if (one->slirp != port || one->gone)
                continue;
            there[i] = true;
            if (one->slirp_fd < 0)
                large_buffers(fd);
            one->slirp_fd = fd;
            for (char *c = name; *c; c++)
                *c = *c == '_' ? '-' : g_ascii_tolower(*c);
            strcpy(one->state, !strcmp(name, "syn-rcvd") ? "syn-received" : name);
            one->established |= strncmp(one->state, "syn-", 4) && strcmp(one->state, "none");
        }
    }
    g_free(report);
    for (guint i = 0; i < run.connections->len; i++) {
        struct connection *one = run.connections->pdata[i];
        if (there[i] && one->forward) {
            unforward(one->forward);
            one->forward = 0;
        }
        if (there[i] || one->gone || !one->state[0])
            continue;
        one->gone = true;
        one->slirp_fd = -1;
        one->failed = cause(one);
        if (!one->established && one->listener) { // the application never knew it
            close(one->fd);
            one->fd = -1;
        }
    }
    g_free(there);
}

// How many octets libslirp may write to a socket. None while the application does not read: then libslirp's window closes.
static size_t room(int slirp_fd) {
    for (guint i = 0; i < run.connections->len; i++) {
        struct connection *one = run.connections->pdata[i];
        if (one->slirp_fd == slirp_fd)
            return MAX(0, BETWEEN - unread(one->fd));
    }
    return BETWEEN;
}

// libslirp calls this in place of the C library's: it writes what arrives at once, without asking poll.
ssize_t send(int fd, const void *data, size_t length, int flags) {
    size_t most = room(fd);
    if (length && !most) {
        errno = EAGAIN;
        return -1;
    }
    return sendto(fd, data, MIN(length, most), flags, NULL, 0);
}

static int add_poll(int fd, int events, void *opaque) {
    (void)opaque;
    if (run.polled_count == MAX_POLLED)
        return -1;
    if (events & SLIRP_POLL_OUT && !room(fd))
        events &= ~SLIRP_POLL_OUT;
    short wanted = (events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) | (events & SLIRP_POLL_PRI ? POLLPRI : 0);
    run.polled[run.polled_count] = (struct pollfd){fd, wanted, 0};
    return run.polled_count++;
}

static int get_revents(int index, void *opaque) {
    (void)opaque;
    if (index < 0)
        return 0;
    short got = run.polled[index].revents;
    return (got & POLLIN ? SLIRP_POLL_IN : 0) | (got & POLLOUT ? SLIRP_POLL_OUT : 0) | (got & POLLPRI ? SLIRP_POLL_PRI : 0) |
           (got & POLLERR ? SLIRP_POLL_ERR : 0) | (got & POLLHUP ? SLIRP_POLL_HUP : 0);
}

// Asks libslirp which sockets it waits for, and notes which of its timers run.
static void fill(void) {
    uint32_t timeout = UINT32_MAX;
    run.polled_count = 0;
    slirp_pollfds_fill(run.slirp, &timeout, add_poll, NULL);
    run.slow_runs = timeout <= SLOW_TIMER;
    if (timeout > FAST_TIMER)
        run.fast_since = 0;
    else if (!run.fast_since)
        run.fast_since = now_ms();
}

// Lets libslirp and the kernel's loopback work until neither has anything to do. The kernel nearly always hands over loopback data
// within the system call that sends it; the short wait is for when it does not.
static void settle(void) {
    bool touched = run.event != EVENT_ADVANCE;
    for (int quiet = 0, fruitless = 0; quiet < (touched ? 2 : 1) && fruitless < 64;) {
        unsigned long before = run.sent;
        fill();
        bool wait = quiet && touched && run.polled_count;
        int ready = ppoll(run.polled, run.polled_count, &(struct timespec){0, wait ? 200000 : 0}, NULL);
        if (run.fast_since && now_ms() - run.fast_since >= FAST_TIMER)
            run.fast_since = 0;
        if (run.slow_runs && now_ms() - run.slow_last >= SLOW_TIMER)
            run.slow_last = now_ms();
        slirp_pollfds_poll(run.slirp, ready < 0, get_revents, NULL);
        bool busy = take_connections() || ready > 0 || run.sent != before;
        uint8_t *frame;
        while ((frame = g_queue_pop_head(&run.frames))) {
            slirp_input(run.slirp, frame, frame[12] == 8 ? 60 : ETHERNET + 72);
            g_free(frame);
            busy = true;
        }
        touched |= busy;
        quiet = busy ? 0 : quiet + 1;
        fruitless = run.sent != before ? 0 : fruitless + 1;
        read_states();
    }
    fill();
}

// Lets time pass until `to`; where `stops`, only until libslirp sends something.
static void advance(int64_t to, bool stops) {
    unsigned long before = run.sent;
    bool there = false;
    for (int64_t wake; !there && (wake = wake_at()) >= 0 && wake <= to;) {
        there = wake == to;
        run.now = wake;
        fire_timers();
        settle();
        if (stops && run.sent != before)
            return;
    }
    if (!there) {
        run.now = to;
        settle();
    }
}

// ---- Requests. Each prints its answer into `answer`, which is written behind the packets.

static char *answer;

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_free(answer);
    answer = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

// A decimal number no larger than `most`.
static bool number(const char *text, int64_t most, int64_t *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return g_ascii_isdigit(*text) && !*end && !errno && *value <= most;
}

// Octets of lower-case hex; "-" is none. NULL if malformed.
static uint8_t *octets(const char *text, size_t *length) {
    size_t digits = strcmp(text, "-") ? strlen(text) : 0;
    *length = digits / 2;
    if (digits % 2 || strspn(text, "0123456789abcdef") < digits)
        return NULL;
    uint8_t *made = g_malloc(*length + 1);
    for (size_t i = 0; i < *length; i++)
        made[i] = g_ascii_xdigit_value(text[2 * i]) << 4 | g_ascii_xdigit_value(text[2 * i + 1]);
    return made;
}

// A network namespace of our own, its loopback interface up. NULL, or what went wrong.
static const char *own_network(void) {
    if (getenv("STACKPROOF_HOST_LOOPBACK"))
        return NULL;
    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
        return strerror(errno);
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const char *wrong = ioctl(fd, SIOCSIFFLAGS, &lo) ? strerror(errno) : NULL;
    close(fd);
    return wrong;
}

// The bits that two addresses have in common, from the left.
static int common_bits(const uint8_t *a, const uint8_t *b, int bits) {
    int count = 0;
    while (count < bits && !((a[count / 8] ^ b[count / 8]) & 0x80 >> count % 8))
        count++;
    return count;
}

// An address of the network that is neither of the two: libslirp insists upon a name server.
static void third_address(uint8_t *made, size_t length) {
    memcpy(made, run.address, length);
    do
        made[length - 1]++;
    while (!memcmp(made, run.address, length) || !memcmp(made, run.peer, length));
}

static void hello(char **words, int count) {
    const char *address = NULL, *peer = NULL;
    int64_t mtu = 0, seed = -1;
    for (int i = 0; i < count; i++) {
        if (g_str_has_prefix(words[i], "address="))
            address = words[i] + 8;
        else if (g_str_has_prefix(words[i], "peer="))
            peer = words[i] + 5;
        else if (g_str_has_prefix(words[i], "mtu=") && !number(words[i] + 4, 65521, &mtu))
            mtu = 0;
        else if (g_str_has_prefix(words[i], "seed=") && !number(words[i] + 5, INT64_MAX, &seed))
            seed = -1;
    }
    if (!address || !peer || mtu < 68 || seed < 0)
        return say("error malformed hello");
    run.family = strchr(address, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(run.family, address, run.address) != 1 || inet_pton(run.family, peer, run.peer) != 1)
        return say("error malformed address");
    const char *wrong = own_network();
    if (wrong)
        return say("error unsupported no network namespace: %s", wrong);

    static const SlirpCb callbacks = {
        .send_packet = send_packet,
        .guest_error = guest_error,
        .clock_get_ns = clock_get_ns,
        .timer_new = timer_new,
        .timer_free = timer_free,
        .timer_mod = timer_mod,
        .register_poll_fd = ignore_fd,
        .unregister_poll_fd = ignore_fd,
        .notify = ignore,
    };
    SlirpConfig config = {.version = 4, .if_mtu = mtu, .if_mru = mtu, .disable_dns = true, .disable_dhcp = true};
    if (run.family == AF_INET) {
        int bits = MIN(24, common_bits(run.address, run.peer, 32));
        config.in_enabled = true;
        config.vnetmask.s_addr = bits ? htonl(~0u << (32 - bits)) : 0;
        memcpy(&config.vhost, run.address, 4);
        memcpy(&config.vdhcp_start, run.peer, 4);
        config.vnetwork.s_addr = config.vhost.s_addr & config.vnetmask.s_addr;
        third_address((uint8_t *)&config.vnameserver, 4);
    } else {
        config.in6_enabled = true;
        config.vprefix_len = MIN(64, common_bits(run.address, run.peer, 128));
        memcpy(&config.vhost6, run.address, 16);
        third_address((uint8_t *)&config.vnameserver6, 16);
        for (int i = 0; i < config.vprefix_len; i++)
            config.vprefix_addr6.s6_addr[i / 8] |= run.address[i / 8] & 0x80 >> i % 8;
    }
    run.slirp = slirp_new(&config, &callbacks, NULL);
    if (!run.slirp)
        return say("error unsupported configuration");
    run.random = g_rand_new_with_seed(seed);
    if (run.family == AF_INET)
        arp_tell(run.peer, NULL);
    else
        neighbour_tell(run.peer, run.address);
    say("result name=libslirp version=%s can=connect,listen,half-close,abort,pass", slirp_version_string());
}

static void call_listen(uint16_t port) {
    int fd = bound(port);
    if (fd < 0 || listen(fd, SOMAXCONN)) {
        if (errno == EADDRINUSE)
            say("error in-use");
        else
            say("error unsupported %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    struct listener *made = g_new0(struct listener, 1);
    *made = (struct listener){port, fd};
    g_ptr_array_add(run.listeners, made);
    say("result ok");
}

// The first connection whose handshake is over. libslirp connects to the listener before it answers the SYN.
static void call_accept(uint16_t port) {
    for (guint i = 0; i < run.connections->len; i++) {
        struct connection *one = run.connections->pdata[i];
        if (one->listener == port && one->established && !one->accepted) {
            one->accepted = true;
            return say("result %u", i + 1);
        }
    }
    for (guint i = 0; i < run.listeners->len; i++)
        if (((struct listener *)run.listeners->pdata[i])->port == port)
            return say("result none");
    say("error closed");
}

// libslirp opens towards its guest when somebody connects to a forwarded port; it keeps that client's port.
static void call_connect(uint16_t local, const char *remote, uint16_t port) {
    struct sockaddr_storage guest, at;
    socklen_t length = loopback(&guest, port);
    void *address = run.family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)&guest)->sin6_addr : (void *)&((struct sockaddr_in *)&guest)->sin_addr;
    if (inet_pton(run.family, remote, address) != 1)
        return say(strchr(remote, '.') || strchr(remote, ':') ? "error unsupported address" : "error malformed address");
    for (guint i = 0; local && i < run.connections->len; i++) {
        struct connection *one = run.connections->pdata[i];
        if (!one->gone && one->local == local && one->remote_port == port && !strcmp(one->remote, remote))
            return say("error in-use");
    }
    // The port would be the host's choice; for runs that repeat, it is ours.
    int probe = bound(0), client = local ? bound(local) : -1;
    for (int tries = 100; !local && client < 0 && tries; tries--)
        client = bound(g_rand_int_range(run.random, 49152, 65536));
    uint16_t forwarded = probe < 0 ? 0 : port_of(probe, getsockname);
    if (probe >= 0)
        close(probe);
    if (!forwarded || client < 0) {
        if (client >= 0)
            close(client);
        return say("error in-use");
    }
    length = loopback(&at, forwarded);
    if (forward(forwarded, &guest) || (connect(client, (struct sockaddr *)&at, length) && errno != EINPROGRESS)) {
        unforward(forwarded);
        close(client);
        return say("error in-use");
    }
    struct connection *made = connection_new(client);
    made->slirp = made->forward = forwarded;
    made->local = port_of(client, getsockname);
    made->remote_port = port;
    made->accepted = true;
    g_strlcpy(made->remote, remote, sizeof made->remote);
    say("result %u", run.connections->len);
}

static void call_send(struct connection *one, const char *hex) {
    size_t length;
    uint8_t *data = octets(hex, &length);
    if (!data)
        return say("error malformed hex");
    ssize_t took = 0, free = BETWEEN - unread(one->slirp_fd);
    if (one->fd < 0 || one->gone)
        say("error closed");
    else if (length && free > 0 && (took = send(one->fd, data, MIN((ssize_t)length, free), MSG_NOSIGNAL)) < 0 && errno != EAGAIN)
        say("error closed");
    else
        say("result %zd", MAX(took, 0));
    g_free(data);
}

static void call_receive(struct connection *one, const char *most) {
    static const char digits[] = "0123456789abcdef";
    static uint8_t data[MAX_RECEIVE];
    int64_t limit;
    if (!number(most, INT32_MAX, &limit) || !limit)
        return say("error malformed count");
    if (one->fd < 0)
        return say("error closed");
    ssize_t got = recv(one->fd, data, MIN(limit, MAX_RECEIVE), 0);
    if (got > 0) {
        char *hex = g_malloc(2 * got + 1);
        for (ssize_t i = 0; i < got; i++) {
            hex[2 * i] = digits[data[i] >> 4];
            hex[2 * i + 1] = digits[data[i] & 15];
        }
        hex[2 * got] = 0;
        say("result data %s", hex);
        g_free(hex);
    } else if (one->failed)
        say("error %s", one->failed);
    else if (got < 0 && (errno == EAGAIN || errno == ENOTCONN))
        say("result none");
    else if (got < 0)
        say("error reset");
    else
        say("result end");
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
        return active ? call_connect(first, words[2], port) : !strcmp(name, "listen") ? call_listen(port) : call_accept(port);
    }
    int arguments = !strcmp(name, "send") || !strcmp(name, "receive") ? 1 : !strcmp(name, "option") ? 2 : 0;
    static const char *const plain[] = {"send", "receive", "option", "shutdown", "close", "abort", "status", NULL};
    if (!g_strv_contains(plain, name))
        return say("error unsupported call");
    if (count != 2 + arguments || !number(words[1], INT32_MAX, &first))
        return say("error malformed arguments");
    struct connection *one = first && first <= run.connections->len ? run.connections->pdata[first - 1] : NULL;
    if (!one || !one->accepted)
        return say("error closed");
    if (!strcmp(name, "send"))
        return call_send(one, words[2]);
    if (!strcmp(name, "receive"))
        return call_receive(one, words[2]);
    if (!strcmp(name, "status"))
        return say("result %s", one->gone ? "closed" : one->state[0] && strcmp(one->state, "none") ? one->state : "unknown");
    if (one->fd < 0)
        return say("error closed");
    if (!strcmp(name, "option")) // libslirp never delays small segments, and has its own mind about keepalive
        return say(!strcmp(words[2], "nodelay") && !strcmp(words[3], "1") ? "result ok" : "error unsupported option");
    if (!strcmp(name, "shutdown")) {
        if (one->gone || shutdown(one->fd, SHUT_WR))
            return say("error closed");
        return say("result ok");
    }
    if (!strcmp(name, "abort"))
        setsockopt(one->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(one->fd);
    one->fd = -1;
    say("result ok");
}

static void request(char **words, int count) {
    int64_t to;
    size_t length;
    run.event = EVENT_CALL;
    if (count >= 2 && !strcmp(words[0], "hello") && !strcmp(words[1], "1") && !run.slirp)
        return hello(words + 2, count - 2);
    if (run.slirp && count == 2 && !strcmp(words[0], "packet")) {
        uint8_t *packet = octets(words[1], &length);
        if (!packet)
            return say("error malformed hex");
        run.event = EVENT_PACKET;
        deliver(packet, length);
        g_free(packet);
        return;
    }
    bool passes = !strcmp(words[0], "pass");
    if (run.slirp && count == 2 && (passes || !strcmp(words[0], "advance"))) {
        if (!number(words[1], INT64_MAX / 4, &to) || to < run.now)
            return say("error malformed time");
        run.event = EVENT_ADVANCE;
        return advance(to, passes);
    }
    if (run.slirp && count >= 2 && !strcmp(words[0], "call"))
        return call(words + 1, count - 1);
    say("error unknown%s%.60s", count ? " " : "", count ? words[0] : "");
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    signal(SIGPIPE, SIG_IGN);
    run.connections = g_ptr_array_new();
    run.listeners = g_ptr_array_new();
    run.timers = g_ptr_array_new();
    g_queue_init(&run.frames);
    while (getline(&line, &room, stdin) > 0) {
        char *words[MAX_WORDS], *rest = line, *word;
        int count = 0;
        while (count < MAX_WORDS && (word = strsep(&rest, " \r\n")))
            if (*word)
                words[count++] = word;
        if (count == 1 && !strcmp(words[0], "bye")) {
            puts("done -");
            return 0;
        }
        g_clear_pointer(&answer, g_free);
        request(words, count);
        int64_t wake = -1;
        if (run.slirp) {
            if (run.event != EVENT_ADVANCE)
                settle();
            wake = wake_at();
        }
        if (answer)
            puts(g_strcanon(answer, PRINTABLE, '?'));
        fputs("done ", stdout);
        if (wake < 0)
            putchar('-');
        else
            printf("%" G_GINT64_FORMAT, wake);
        if (count && !strcmp(words[0], "pass"))
            printf(" %" G_GINT64_FORMAT, run.now);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
