// A shim around lwIP: the line protocol of ../README.md on standard input and output, on virtual time. Build it with ./build.
//
// lwIP keeps all of its state in global variables, so a run is a process (serve.c); a second stack in one process would share its
// connections, its timers and its initial sequence numbers with the first. The application uses the raw API, as lwIP's own socket
// layer does.
#define _GNU_SOURCE
#include "serve.h"
#include "stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"

enum {
    MAX_WORDS = 8,
    MAX_LINE = 1 << 20,
    MAX_RECEIVE = 1 << 20,
    // What is written at once.
    MAX_ANSWER = 1 << 18,
};

static char *answer;

// ---- Requests. Each prints its answer into `answer`, which is written behind the packets.

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    free(answer);
    if (vasprintf(&answer, format, arguments) < 0)
        answer = NULL;
    va_end(arguments);
    for (char *at = answer; at && *at; at++)
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
    int64_t mtu = 0, seed = -1, buffer = 0;
    for (int i = 0; i < count; i++) {
        if (!strncmp(words[i], "address=", 8))
            address = words[i] + 8;
        else if (!strncmp(words[i], "peer=", 5))
            peer = words[i] + 5;
        else if (!strncmp(words[i], "mtu=", 4) && !number(words[i] + 4, MAX_PACKET, &mtu))
            mtu = 0;
        else if (!strncmp(words[i], "seed=", 5) && !number(words[i] + 5, INT64_MAX, &seed))
            seed = -1;
        else if (!strncmp(words[i], "receive-buffer=", 15) && !number(words[i] + 15, INT64_MAX, &buffer))
            buffer = 0;
        else if (!strcmp(words[i], "again=1"))
            another_may_follow();
    }
    if (mtu < 68 || seed < 0)
        return say("error malformed hello");
    run.six = strchr(address, ':');
    ip_addr_t ours, theirs;
    if (!address_of(address, &ours) || !address_of(peer, &theirs))
        return say("error malformed address");
    begin(&ours, &theirs, (uint16_t)mtu, (unsigned)(seed ^ seed >> 32));
    // The receive buffer is as large as lwIP was compiled for.
    say("result name=lwip version=%s can=listen,connect,half-close,abort,nodelay,keepalive,pass,again%s", LWIP_VERSION_STRING,
        buffer == TCP_WND ? ",receive-buffer" : "");
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
        else if (!deliver(packet, length))
            say("error unsupported out of memory");
        return free(packet);
    }
    bool pass = !strcmp(words[0], "pass");
    if (run.begun && count == 2 && (pass || !strcmp(words[0], "advance"))) {
        if (!number(words[1], INT64_MAX / 4, &to) || to < run.now)
            return say("error malformed time");
        return advance(to, pass);
    }
    if (run.begun && count >= 2 && !strcmp(words[0], "call"))
        return call(words + 1, count - 1);
    say("error unknown%s%.60s", count ? " " : "", count ? words[0] : "");
}

// The answer's last line; a `pass` tells the time as well.
static void done(bool passed) {
    int64_t wake = run.begun ? wake_at() : -1;
    if (wake < 0)
        fputs("done -", run.out);
    else
        fprintf(run.out, "done %lld", (long long)wake);
    if (passed)
        fprintf(run.out, " %lld", (long long)run.now);
    fputc('\n', run.out);
    fflush(run.out);
}

// One line; false where it was the last of the run.
static bool answer_line(char *line, ssize_t length) {
    char *words[MAX_WORDS] = {""}, *rest = line, *word;
    int count = 0;
    while (length <= MAX_LINE && count < MAX_WORDS && (word = strsep(&rest, " \r\n")))
        if (*word)
            words[count++] = word;
    if (count == 1 && !strcmp(words[0], "bye")) {
        fputs("done -\n", run.out);
        fflush(run.out);
        return false;
    }
    free(answer);
    answer = NULL;
    if (length > MAX_LINE)
        say("error malformed line of more than %d octets", MAX_LINE);
    else
        request(words, count);
    if (run.begun)
        settle();
    if (answer)
        fprintf(run.out, "%s\n", answer);
    done(run.begun && !strcmp(words[0], "pass"));
    return true;
}

int main(void) {
    static char buffer[MAX_ANSWER];
    char *line = NULL;
    size_t room = 0;
    // lwIP prints its complaints to the standard output, which is the harness's: they go to the standard error.
    run.out = fdopen(dup(STDOUT_FILENO), "w");
    if (!run.out || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 1;
    setvbuf(run.out, buffer, _IOFBF, sizeof buffer);
    serve(run.out);
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        within_patience(true);
        bool more = answer_line(line, length);
        within_patience(false);
        if (!more)
            _exit(end_of_run());
    }
    free(line);
    return 0;
}
