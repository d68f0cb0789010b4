package fanout

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/deskwire/deskwire/internal/wire"
)

// Crowd is the followers' process: it connects n of them, says so on out, and
// then, for every change, when the last of them has it. It ends with its input.
// mode is "live", or "raw" for sockets without a protocol.
func Crowd(ctx context.Context, mode, addr string, n int, out io.Writer) error {
	var got atomic.Int64
	full := make(chan int64, 64)
	for i := range n {
		r, err := attend(ctx, mode, addr)
		if err != nil {
			return fmt.Errorf("follower %d: %w", i, err)
		}
		go count(r, &got, int64(n), full)
	}
	fmt.Fprintln(out, "ready")
	go func() {
		for at := range full {
			fmt.Fprintln(out, at)
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// mark is in every frame that is counted.
var mark = []byte(`"topic":"counts:all"`)

// attend connects a follower. A live one has its first patch when it returns.
func attend(ctx context.Context, mode, addr string) (*bufio.Reader, error) {
	if mode == "raw" {
		c, err := net.Dial("tcp", addr)
		return bufio.NewReaderSize(c, 1024), err
	}
	d := ws.Dialer{Protocols: []string{wire.Subprotocol}, Timeout: 10 * time.Second}
	c, br, _, err := d.Dial(ctx, "ws://"+addr+"/live")
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(c, 1024)
	if br != nil {
		return nil, errors.New("a frame came before the hello")
	}
	hello := fmt.Sprintf(`{"t":"hello","v":%d,"build":"bench","account":"bench","token":"x","follow":["counts"]}`, wire.Version)
	if err := wsutil.WriteClientText(c, []byte(hello)); err != nil {
		return nil, err
	}
	for {
		b, err := next(r)
		if err != nil || bytes.Contains(b, mark) && bytes.Contains(b, []byte(`"set"`)) && bytes.Contains(b, []byte(`"all-open"`)) {
			return r, err
		}
	}
}

// next reads one frame.
func next(r *bufio.Reader) ([]byte, error) {
	h, err := ws.ReadHeader(r)
	if err != nil {
		return nil, err
	}
	b := make([]byte, h.Length)
	_, err = io.ReadFull(r, b)
	return b, err
}

// count counts the changes that come; the one that makes a round full tells
// when that was.
func count(r *bufio.Reader, got *atomic.Int64, n int64, full chan<- int64) {
	for {
		b, err := next(r)
		if err != nil {
			return
		}
		if bytes.Contains(b, mark) && got.Add(1)%n == 0 {
			full <- time.Now().UnixNano()
		}
	}
}
