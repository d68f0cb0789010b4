package live

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sync"

	"github.com/gobwas/ws"

	"github.com/deskwire/deskwire/internal/wire"
)

// buffers are borrowed while something is being read.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, wire.MaxFrame+maxHeader)
	return &b
}}

// maxHeader is the longest frame header from a client, in bytes.
const maxHeader = 14

// park waits for the connection to become readable on a goroutine with a fresh,
// small stack, and hands over to one that reads.
func (c *conn) park() {
	if err := c.line.waitReadable(); err != nil {
		c.lost()
		return
	}
	go c.read()
}

// read takes what there is to read, handles the whole messages in it, and goes
// back to park. The bytes of a part of a message are kept.
func (c *conn) read() {
	buf := buffers.Get().(*[]byte)
	n := copy(*buf, c.part)
	m, err := c.line.net.Read((*buf)[n:])
	if err != nil {
		buffers.Put(buf)
		c.lost()
		return
	}
	rest, err := c.messages((*buf)[:n+m])
	c.part = nil
	if err == nil && len(rest) > 0 {
		c.part = append([]byte(nil), rest...)
	}
	buffers.Put(buf)
	if err != nil {
		c.fault(err)
		return
	}
	go c.park()
}

// A fault of the framing, with the code that tells it.
type frameError struct {
	code   wire.Code
	reason string
}

func (e *frameError) Error() string { return e.reason }

// errClosed says that the client has closed its side.
var errClosed = errors.New("live: closed by the client")

func (c *conn) fault(err error) {
	fe := (*frameError)(nil)
	if errors.As(err, &fe) {
		c.end(fe.code, fe.reason)
	}
	c.lost()
}

// messages handles each whole frame in b and gives back what is left.
func (c *conn) messages(b []byte) ([]byte, error) {
	for {
		h, n, err := readHeader(b)
		if err == io.ErrUnexpectedEOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if int64(len(b)-n) < h.Length {
			return b, nil
		}
		payload := b[n : n+int(h.Length)]
		b = b[n+int(h.Length):]
		ws.Cipher(payload, h.Mask, 0)
		if err := c.frame(h, payload); err != nil {
			return nil, err
		}
	}
}

// readHeader reads a client's frame header, and how long it is.
func readHeader(b []byte) (h ws.Header, n int, err error) {
	if len(b) < 2 {
		return h, 0, io.ErrUnexpectedEOF
	}
	h.Fin, h.Rsv, h.OpCode, h.Masked = b[0]&0x80 != 0, b[0]>>4&7, ws.OpCode(b[0]&0xf), b[1]&0x80 != 0
	n = 2
	switch l := b[1] & 0x7f; l {
	case 126:
		if len(b) < 4 {
			return h, 0, io.ErrUnexpectedEOF
		}
		h.Length, n = int64(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		if len(b) < 10 {
			return h, 0, io.ErrUnexpectedEOF
		}
		h.Length, n = int64(min(binary.BigEndian.Uint64(b[2:]), math.MaxInt64)), 10
	default:
		h.Length = int64(l)
	}
	if err := checkHeader(h); err != nil {
		return h, 0, err
	}
	if len(b) < n+4 {
		return h, 0, io.ErrUnexpectedEOF
	}
	copy(h.Mask[:], b[n:])
	return h, n + 4, nil
}

func checkHeader(h ws.Header) error {
	control := h.OpCode.IsControl()
	switch {
	case h.Rsv != 0 || h.OpCode.IsReserved():
		return &frameError{wire.BadFrame, "a frame uses bits that were not agreed on"}
	case !h.Masked:
		return &frameError{wire.BadFrame, "a client's frames are masked"}
	case control && (!h.Fin || h.Length > 125):
		return &frameError{wire.BadFrame, "a control frame is whole and short"}
	case h.Length > wire.MaxFrame:
		return &frameError{wire.TooLarge, "a frame is at most 16 KiB"}
	}
	return nil
}

// frame handles one frame: control frames here, messages once they are whole.
func (c *conn) frame(h ws.Header, payload []byte) error {
	switch {
	case h.OpCode == ws.OpClose:
		c.goodbye.Store(c.goodbye.Load() || len(payload) >= 2 && binary.BigEndian.Uint16(payload) == 1000)
		return errClosed
	case h.OpCode == ws.OpPing:
		c.write(append(appendHeader(nil, ws.OpPong, len(payload)), payload...))
		return nil
	case h.OpCode == ws.OpPong:
		return nil
	case h.OpCode == ws.OpBinary:
		return &frameError{wire.NotProtocol, "frames are text"}
	case (h.OpCode == ws.OpContinuation) != (c.whole != nil):
		return &frameError{wire.BadFrame, "a continuation without a beginning, or a beginning inside a message"}
	}
	if h.Fin && c.whole == nil {
		return c.message(payload)
	}
	if c.whole = append(c.whole, payload...); len(c.whole) > wire.MaxFrame {
		return &frameError{wire.TooLarge, "a message is at most 16 KiB"}
	}
	if c.whole == nil {
		c.whole = []byte{}
	}
	if !h.Fin {
		return nil
	}
	whole := c.whole
	c.whole = nil
	return c.message(whole)
}
