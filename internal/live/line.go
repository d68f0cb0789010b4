package live

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/gobwas/ws"
)

// A line is a connection's bytes. Writing never waits: what the socket does not
// take at once is written by a goroutine that lives as long as the stall, and
// meanwhile the line says that it is busy.
type line struct {
	net net.Conn
	raw syscall.RawConn // nil when the connection is not a plain socket

	mu     sync.Mutex // guards the following; never held while something waits
	busy   bool       // a stall is being written off
	rest   []byte     // what follows the stall: answers, and a patch taken as it began
	closed bool
}

func (l *line) init(nc net.Conn) {
	l.net = nc
	if tcp, ok := nc.(*net.TCPConn); ok {
		l.raw, _ = tcp.SyscallConn()
	}
}

// maxRest is how many bytes wait behind a stall before the line is given up.
const maxRest = 64 << 10

// errBehind ends a line whose answers were not read for too long.
var errBehind = errors.New("live: too many answers wait behind a stall")

// send writes frames at once as far as the socket takes them; the others wait
// behind the stall. Whoever has patches asks isBusy first: they need not wait
// here, for the cursor keeps their place. resume is called when a stall is
// over, or with the error that ended the line.
func (l *line) send(b []byte, resume func(error)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	if l.busy {
		return l.waitBehind(b, resume)
	}
	n, err := l.writeNow(b)
	if err != nil {
		l.closed = true
		go resume(err)
		return false
	}
	if n == len(b) {
		return true
	}
	l.busy = true
	go l.drain(append([]byte(nil), b[n:]...), resume)
	return true
}

// waitBehind keeps b for when the stall is over. The caller holds l.mu.
func (l *line) waitBehind(b []byte, resume func(error)) bool {
	if len(l.rest) > maxRest {
		l.closed = true
		go resume(errBehind)
		return false
	}
	l.rest = append(l.rest, b...)
	return true
}

// isBusy says whether a stall is being written off.
func (l *line) isBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busy
}

// writers are borrowed for one write: the callback of RawConn.Write is made
// once a writer, not once a write.
var writers = sync.Pool{New: func() any {
	w := &writer{}
	w.call = w.write
	return w
}}

type writer struct {
	b    []byte
	n    int
	err  error
	call func(fd uintptr) bool
}

func (w *writer) write(fd uintptr) bool {
	for {
		w.n, w.err = syscall.Write(int(fd), w.b)
		if w.err != syscall.EINTR {
			return true
		}
	}
}

// writeNow writes what the socket takes without waiting.
func (l *line) writeNow(b []byte) (int, error) {
	if l.raw == nil {
		return 0, nil // not a plain socket: the drain writes it
	}
	w := writers.Get().(*writer)
	w.b = b
	err := l.raw.Write(w.call)
	n, werr := max(w.n, 0), w.err
	w.b = nil
	writers.Put(w)
	switch {
	case err != nil:
		return n, err
	case werr == syscall.EAGAIN:
		return n, nil
	}
	return n, werr
}

// drain writes off a stall and whatever has come to wait behind it.
func (l *line) drain(b []byte, resume func(error)) {
	for {
		_ = l.net.SetWriteDeadline(time.Now().Add(StallMax))
		_, err := l.net.Write(b)
		l.mu.Lock()
		b, l.rest = l.rest, nil
		if err != nil {
			l.closed = true
		}
		if err != nil || len(b) == 0 {
			l.busy = false
			l.mu.Unlock()
			resume(err)
			return
		}
		l.mu.Unlock()
	}
}

// shut makes every later send a no-op.
func (l *line) shut() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
}

// waitReadable parks until there is something to read. It holds no buffer.
func (l *line) waitReadable() error {
	if l.raw == nil {
		return nil
	}
	return l.raw.Read(peek)
}

// peek looks at the socket itself: RawConn.Read clears the poller's
// edge-triggered readiness first, so saying "not yet" without looking would
// lose a wake-up.
func peek(fd uintptr) bool {
	var b [1]byte
	_, _, e := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&b[0])), 1, syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
	return e != syscall.EAGAIN
}

// AppendFrame appends the text frame of a message, unmasked as servers send.
func AppendFrame(b, message []byte) []byte {
	return append(appendHeader(b, ws.OpText, len(message)), message...)
}

func appendHeader(b []byte, op ws.OpCode, n int) []byte {
	b = append(b, 0x80|byte(op))
	switch {
	case n < 126:
		return append(b, byte(n))
	case n < 1<<16:
		return append(b, 126, byte(n>>8), byte(n))
	}
	return append(b, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}
