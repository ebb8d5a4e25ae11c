// A shim around gVisor's netstack: the line protocol of ../README.md on standard input and output, on virtual time.
// Build it with ./build. See clock.go for the time, and settle below for how the stack's goroutines are waited for.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/rand"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/bufferv2"
	netstackrand "gvisor.dev/gvisor/pkg/rand"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const (
	nic     = 1
	backlog = 128
	// collectEvery so many requests, each of which leaves some hundred kilobytes at most, garbage is collected.
	collectEvery = 500
	can          = "connect,listen,half-close,keepalive,nodelay,abort"
)

// version is what ./build says: netstack itself does not tell.
var version = "unknown"

func main() {
	// One processor: while this goroutine yields, every other one runs until it blocks. See run.
	runtime.GOMAXPROCS(1)
	// While garbage is collected, a goroutine that allocates may have to wait: so it is collected between requests only, unless
	// memory is getting short.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	input := bufio.NewReaderSize(os.Stdin, 1<<16)
	output := bufio.NewWriterSize(os.Stdout, 1<<16)
	var host *host
	for requests := 1; ; requests++ {
		if requests%collectEvery == 0 {
			runtime.GC()
		}
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) == 1 && words[0] == "bye" {
			fmt.Fprintln(output, "done -")
			output.Flush()
			return
		}
		var answer string
		host, answer = request(host, words)
		wake := "-"
		if host != nil {
			for _, packet := range host.settle() {
				fmt.Fprintf(output, "packet %x\n", packet)
			}
			if next, ok := host.clock.next(); ok {
				wake = strconv.FormatInt(int64(next), 10)
			}
		}
		if answer != "" {
			fmt.Fprintln(output, answer)
		}
		fmt.Fprintln(output, "done", wake)
		output.Flush()
	}
}

// request carries out one line. The answer is a whole line, or empty where none is due.
func request(h *host, words []string) (*host, string) {
	switch {
	case len(words) >= 2 && words[0] == "hello" && words[1] == "1" && h == nil:
		made, why := newHost(words[2:])
		if why != "" {
			return nil, why
		}
		return made, "result name=gvisor version=" + version + " can=" + can
	case h == nil:
	case len(words) == 2 && words[0] == "packet":
		packet, ok := octets(words[1])
		if !ok {
			return h, "error malformed hex"
		}
		h.deliver(packet)
		return h, ""
	case len(words) == 2 && words[0] == "advance":
		to, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil || time.Duration(to) < h.clock.elapsed() || to > math.MaxInt64/2 {
			return h, "error malformed time"
		}
		h.advance(time.Duration(to))
		return h, ""
	case len(words) >= 2 && words[0] == "call":
		return h, h.call(words[1], words[2:])
	}
	text := strings.Join(words, " ")
	if len(text) > 60 {
		text = text[:60]
	}
	return h, strings.TrimRight("error unknown "+strings.ToValidUTF8(text, "?"), " ")
}

// host is one stack with one address, and its sockets by number.
type host struct {
	stack     *stack.Stack
	clock     *clock
	link      *channel.Endpoint
	protocol  tcpip.NetworkProtocolNumber
	address   tcpip.Address
	listeners map[uint16]*socket
	sockets   map[int]*socket
	packets   [][]byte
}

// socket is an endpoint and what the application has seen of its end.
type socket struct {
	tcpip.Endpoint
	closed bool   // by the application
	failed string // how it ended, once that was reported
}

func newHost(pairs []string) (*host, string) {
	given := map[string]string{}
	for _, pair := range pairs {
		if key, value, ok := strings.Cut(pair, "="); ok {
			given[key] = value
		}
	}
	mtu, mtuWrong := strconv.ParseUint(given["mtu"], 10, 16)
	seed, seedWrong := strconv.ParseUint(given["seed"], 10, 64)
	address, protocol := parseAddress(given["address"])
	if mtuWrong != nil || seedWrong != nil || protocol == 0 {
		return nil, "error malformed hello"
	}
	// Everything random comes from the seed: initial sequence numbers, timestamp offsets, IP identifications.
	random := rand.New(&lockedSource{Source: rand.NewSource(int64(seed))})
	netstackrand.Reader = random
	h := &host{
		clock: &clock{}, protocol: protocol, address: address,
		listeners: map[uint16]*socket{}, sockets: map[int]*socket{},
		link: channel.New(4096, uint32(mtu), ""),
	}
	// No neighbour or router discovery, no multicast reports: the wire begins at the IP layer.
	h.stack = stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{
			ipv4.NewProtocol,
			ipv6.NewProtocolWithOptions(ipv6.Options{}),
		},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6,
		},
		Clock:      h.clock,
		RandSource: &lockedSource{Source: rand.NewSource(int64(seed))},
		SecureRNG:  random,
	})
	if err := h.stack.CreateNIC(nic, h.link); err != nil {
		return nil, "error unsupported " + err.String()
	}
	local := tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: address.WithPrefix()}
	if err := h.stack.AddProtocolAddress(nic, local, stack.AddressProperties{}); err != nil {
		return nil, "error unsupported " + err.String()
	}
	h.stack.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: nic},
		{Destination: header.IPv6EmptySubnet, NIC: nic},
	})
	// As gVisor's own sandbox does; the library alone leaves it off. The rest is the library's default.
	sack := tcpip.TCPSACKEnabled(true)
	if err := h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &sack); err != nil {
		return nil, "error unsupported " + err.String()
	}
	return h, ""
}

// deliver hands the stack a packet. What is no IP packet has no network protocol to go to.
func (h *host) deliver(packet []byte) {
	if len(packet) == 0 {
		return
	}
	var protocol tcpip.NetworkProtocolNumber
	switch packet[0] >> 4 {
	case 4:
		protocol = ipv4.ProtocolNumber
	case 6:
		protocol = ipv6.ProtocolNumber
	default:
		return
	}
	buffer := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: bufferv2.MakeWithData(packet)})
	h.link.InjectInbound(protocol, buffer)
	buffer.DecRef()
}

// advance moves the clock, and stops wherever a timer is due on the way.
func (h *host) advance(to time.Duration) {
	for {
		h.run()
		next, ok := h.clock.next()
		if !ok || next > to {
			break
		}
		h.clock.set(next)
	}
	h.clock.set(to)
}

// settle lets the stack finish, and returns what it sent since the last time.
func (h *host) settle() [][]byte {
	h.run()
	sent := h.packets
	h.packets = nil
	return sent
}

// run fires due timers and lets goroutines run until nothing happens any more. With one processor, Gosched queues this goroutine
// behind all that can run, and each of those runs until it blocks; the scheduler looks out of turn now and then, hence several
// times. Nothing in netstack waits for real time, so what is blocked then waits for us.
func (h *host) run() {
	for quiet := 0; quiet < 3; {
		for i := 0; i < 16; i++ {
			runtime.Gosched()
		}
		quiet++
		if h.clock.fire() {
			quiet = 0
		}
		for packet := h.link.Read(); !packet.IsNil(); packet = h.link.Read() {
			view := packet.ToView()
			h.packets = append(h.packets, append([]byte(nil), view.AsSlice()...))
			view.Release()
			packet.DecRef()
			quiet = 0
		}
	}
}

// call carries out an application call and returns the whole answer.
func (h *host) call(name string, arguments []string) string {
	forms := map[string]int{"listen": 1, "accept": 1, "connect": 3, "send": 2, "receive": 2, "shutdown": 1, "close": 1, "abort": 1,
		"status": 1, "option": 3}
	count, known := forms[name]
	if !known {
		return "error unsupported call"
	}
	if len(arguments) != count {
		return "error malformed arguments"
	}
	switch name {
	case "listen", "accept":
		port, err := strconv.ParseUint(arguments[0], 10, 16)
		if err != nil || port == 0 {
			return "error malformed port"
		}
		if name == "listen" {
			return h.listen(uint16(port))
		}
		return h.accept(uint16(port))
	case "connect":
		return h.connect(arguments)
	}
	number, err := strconv.Atoi(arguments[0])
	if err != nil {
		return "error malformed socket"
	}
	s := h.sockets[number]
	if s == nil {
		return "error closed"
	}
	switch name {
	case "status":
		return "result " + s.status()
	case "receive":
		return s.receive(arguments[1])
	case "send":
		return s.send(arguments[1])
	}
	if s.closed {
		return "error closed"
	}
	switch name {
	case "shutdown":
		if err := s.Shutdown(tcpip.ShutdownWrite); err != nil {
			return "error closed"
		}
	case "close":
		s.closed = true
		s.Close()
	case "abort":
		// SO_LINGER of zero is how an application asks for ABORT; it covers each state that RFC 9293 section 3.10.5 resets.
		s.closed = true
		s.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
		s.Close()
	case "option":
		return s.option(arguments[1], arguments[2])
	}
	return "result ok"
}

func (h *host) listen(port uint16) string {
	if h.listeners[port] != nil {
		return "error in-use"
	}
	s, why := h.endpoint()
	if why == nil {
		why = s.Bind(tcpip.FullAddress{Addr: h.address, Port: port})
	}
	if why == nil {
		why = s.Listen(backlog)
	}
	if why != nil {
		s.Close()
		return "error in-use"
	}
	h.listeners[port] = s
	return "result ok"
}

func (h *host) accept(port uint16) string {
	listener := h.listeners[port]
	if listener == nil {
		return "error closed"
	}
	accepted, _, err := listener.Accept(nil)
	if err != nil {
		return "result none"
	}
	return h.number(&socket{Endpoint: accepted})
}

func (h *host) connect(arguments []string) string {
	local, localWrong := strconv.ParseUint(arguments[0], 10, 16)
	address, protocol := parseAddress(arguments[1])
	port, portWrong := strconv.ParseUint(arguments[2], 10, 16)
	if localWrong != nil || portWrong != nil || protocol == 0 || port == 0 {
		return "error malformed connect"
	}
	if protocol != h.protocol {
		return "error unsupported address family"
	}
	s, why := h.endpoint()
	if why == nil && local != 0 {
		why = s.Bind(tcpip.FullAddress{Addr: h.address, Port: uint16(local)})
	}
	if why != nil {
		return "error in-use"
	}
	switch err := s.Connect(tcpip.FullAddress{NIC: nic, Addr: address, Port: uint16(port)}).(type) {
	case nil, *tcpip.ErrConnectStarted:
		return h.number(s)
	case *tcpip.ErrPortInUse, *tcpip.ErrNoPortAvailable, *tcpip.ErrDuplicateAddress:
		return "error in-use"
	default:
		return "error closed " + err.String()
	}
}

func (h *host) endpoint() (*socket, tcpip.Error) {
	endpoint, err := h.stack.NewEndpoint(tcp.ProtocolNumber, h.protocol, &waiter.Queue{})
	return &socket{Endpoint: endpoint}, err
}

// number gives a socket the number by which the harness knows it.
func (h *host) number(s *socket) string {
	h.sockets[len(h.sockets)+1] = s
	return "result " + strconv.Itoa(len(h.sockets))
}

func (s *socket) status() string {
	switch state := tcp.EndpointState(s.State()); state {
	case tcp.StateConnecting:
		return "syn-sent"
	case tcp.StateSynRecv:
		return "syn-received"
	case tcp.StateFinWait1:
		return "fin-wait-1"
	case tcp.StateFinWait2:
		return "fin-wait-2"
	case tcp.StateInitial, tcp.StateBound, tcp.StateError, tcp.StateClose:
		return "closed"
	default:
		return strings.ToLower(state.String()) // netstack's other names are RFC 9293's
	}
}

func (s *socket) receive(most string) string {
	limit, err := strconv.ParseUint(most, 10, 31)
	if err != nil || limit == 0 {
		return "error malformed count"
	}
	if s.closed {
		return "error closed"
	}
	if s.failed != "" {
		return s.failed
	}
	var data bytes.Buffer
	_, why := s.Read(&limitedWriter{&data, int(limit)}, tcpip.ReadOptions{})
	if data.Len() > 0 {
		return "result data " + hex.EncodeToString(data.Bytes())
	}
	switch why.(type) {
	case nil, *tcpip.ErrWouldBlock, *tcpip.ErrBadBuffer:
		return "result none"
	case *tcpip.ErrClosedForReceive:
		return "result end"
	case *tcpip.ErrConnectionRefused:
		s.failed = "error refused"
	case *tcpip.ErrTimeout:
		s.failed = "error timeout"
	case *tcpip.ErrConnectionReset, *tcpip.ErrConnectionAborted, *tcpip.ErrAborted:
		s.failed = "error reset"
	default:
		s.failed = "error closed " + why.String()
	}
	return s.failed
}

func (s *socket) send(text string) string {
	data, ok := octets(text)
	if !ok {
		return "error malformed hex"
	}
	if s.closed {
		return "error closed"
	}
	count, err := s.Write(bytes.NewReader(data), tcpip.WriteOptions{})
	switch err.(type) {
	case nil, *tcpip.ErrWouldBlock:
		return "result " + strconv.FormatInt(count, 10)
	case *tcpip.ErrConnectionReset, *tcpip.ErrConnectionAborted, *tcpip.ErrAborted:
		// netstack tells it once; whoever reads next is to know it too.
		s.failed = "error reset"
		return s.failed
	}
	return "error closed"
}

func (s *socket) option(name, value string) string {
	if value != "0" && value != "1" {
		return "error unsupported value"
	}
	switch name {
	case "nodelay": // netstack calls Nagle's algorithm "delay"
		s.SocketOptions().SetDelayOption(value == "0")
	case "keepalive":
		s.SocketOptions().SetKeepAlive(value == "1")
	default:
		return "error unsupported option"
	}
	return "result ok"
}

// limitedWriter takes no more than so many octets; netstack keeps the rest for the next read.
type limitedWriter struct {
	to   io.Writer
	left int
}

func (w *limitedWriter) Write(data []byte) (int, error) {
	if len(data) <= w.left {
		w.left -= len(data)
		return w.to.Write(data)
	}
	n, _ := w.to.Write(data[:w.left])
	w.left = 0
	return n, io.ErrShortWrite
}

func parseAddress(text string) (tcpip.Address, tcpip.NetworkProtocolNumber) {
	address := net.ParseIP(text)
	if four := address.To4(); four != nil {
		return tcpip.Address(four), ipv4.ProtocolNumber
	}
	if address != nil {
		return tcpip.Address(address), ipv6.ProtocolNumber
	}
	return "", 0
}

func octets(text string) ([]byte, bool) {
	if text == "-" {
		return nil, true
	}
	data, err := hex.DecodeString(text)
	return data, err == nil && len(data) > 0
}
