package main

import (
	"container/heap"
	"math"
	"math/rand"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// epoch is what the stack's clocks say when the run begins. Not zero: netstack takes a zero time for "never".
const epoch = time.Hour

// clock is netstack's clock on virtual time. Unlike faketime.ManualClock it tells when its next timer is due, and fires timers of
// the same moment in the order in which they were set.
type clock struct {
	mu     sync.Mutex
	now    time.Duration // since the run began
	timers timers
	count  uint64
}

// Now implements tcpip.Clock.
func (c *clock) Now() time.Time { return time.Unix(0, 0).Add(epoch + c.elapsed()) }

// NowMonotonic implements tcpip.Clock.
func (c *clock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(epoch + c.elapsed())
}

// AfterFunc implements tcpip.Clock.
func (c *clock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &timer{clock: c, f: f, place: idle}
	t.Reset(d)
	return t
}

func (c *clock) elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// next is when the earliest timer is due.
func (c *clock) next() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].due == math.MaxInt64 {
		return 0, false
	}
	return c.timers[0].due, true
}

// fire runs the timers that are due, and says whether there was one.
func (c *clock) fire() bool {
	fired := false
	for {
		c.mu.Lock()
		if len(c.timers) == 0 || c.timers[0].due > c.now {
			c.mu.Unlock()
			return fired
		}
		t := heap.Pop(&c.timers).(*timer)
		c.mu.Unlock()
		t.f()
		fired = true
	}
}

// idle is the place of a timer that does not run.
const idle = -1

type timer struct {
	clock *clock
	f     func()
	due   time.Duration
	order uint64
	place int // in the heap
}

// Reset implements tcpip.Timer. What is due at once is fired by the next clock.fire, not here: the caller may hold locks.
func (t *timer) Reset(d time.Duration) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.place != idle {
		heap.Remove(&c.timers, t.place)
	}
	if d < 0 {
		d = 0
	}
	t.due = c.now + d
	if t.due < c.now { // netstack creates timers that never fire by asking for the longest duration
		t.due = math.MaxInt64
	}
	c.count++
	t.order = c.count
	heap.Push(&c.timers, t)
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.place == idle {
		return false
	}
	heap.Remove(&t.clock.timers, t.place)
	return true
}

// timers is a heap by due time, then by the order of setting.
type timers []*timer

func (h timers) Len() int { return len(h) }

func (h timers) Less(i, j int) bool {
	if h[i].due != h[j].due {
		return h[i].due < h[j].due
	}
	return h[i].order < h[j].order
}

func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *timers) Push(x any) {
	t := x.(*timer)
	t.place = len(*h)
	*h = append(*h, t)
}

// Pop implements heap.Interface.
func (h *timers) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	last.place = idle
	return last
}

// lockedSource is a random source that goroutines may share, as netstack asks for.
type lockedSource struct {
	mu sync.Mutex
	rand.Source
}

// Int63 implements rand.Source.
func (s *lockedSource) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Source.Int63()
}
