package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/topic"
	"github.com/deskwire/deskwire/internal/wire"
)

// stage is a board that the test writes, with a door that is open.
type stage struct {
	board *topic.Board
	mu    sync.Mutex // the board has one writer at a time
	seq   topic.Seq
}

func (s *stage) write(c ...topic.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	s.board.Write(topic.Step{Seq: s.seq, Changes: c})
}

func (s *stage) Post(_ context.Context, _ desk.AccountID, p desk.Post) (desk.Outcome, error) {
	if e, ok := p.Event.(desk.SessionStated); ok {
		s.write(topic.Change{Topic: topic.Name("session:" + string(e.Session.ID)), Key: "big", Value: []byte(`{"topics":["big"]}`), Leads: []topic.Name{"big"}})
	}
	return desk.Outcome{}, nil
}

func (s *stage) Board(context.Context, desk.AccountID) (*topic.Board, error) { return s.board, nil }

func (s *stage) Check(context.Context, desk.AccountID, string, time.Time) (pass.Pass, error) {
	return pass.Pass{Account: "a", Agent: "ann", Expires: time.Now().Add(time.Hour)}, nil
}

func (s *stage) Origins(context.Context, desk.AccountID) ([]string, error) { return nil, nil }

// big is a value of a quarter of a megabyte that says its number.
func big(n int) []byte {
	return fmt.Appendf(nil, `{"n":%d,"pad":"%s"}`, n, bytes.Repeat([]byte("x"), 256<<10))
}

// TestSlowReaderIsToldTheSum: a page that does not read stalls its own line
// only, nothing is queued for it, and when it reads again it is told where
// things are, not what happened (F17, T14).
func TestSlowReaderIsToldTheSum(t *testing.T) {
	s := &stage{board: topic.NewBoard("e")}
	s.write(topic.Change{Topic: "big", Key: "v", Value: big(0)})
	server := New(Options{Poster: s, Boards: s, Doors: s, Logger: slog.New(slog.DiscardHandler)})
	web := httptest.NewServer(server)
	defer web.Close()
	conn := greet(t, web.URL)
	defer conn.Close()
	n := 0
	for end := time.Now().Add(20 * time.Second); !stalled(server); time.Sleep(time.Millisecond) {
		if n++; time.Now().After(end) {
			t.Fatal("the line never stalled")
		}
		s.write(topic.Change{Topic: "big", Key: "v", Value: big(n)})
	}
	const more = 1000
	value := big(0)
	for range more { // the same bytes: a queue would hold them a thousand times
		n++
		s.write(topic.Change{Topic: "big", Key: "v", Value: append(fmt.Appendf(nil, `{"n":%d,`, n), value[len(`{"n":0,`):]...)})
	}
	frames := readTo(t, conn, n)
	if frames >= more/4 {
		t.Errorf("%d changes were told in %d frames", n, frames)
	}
	if err := server.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// stalled says whether some line is being written off, and its socket full.
func stalled(s *Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.line.isBusy() {
			return true
		}
	}
	return false
}

func greet(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, _, _, err := ws.Dialer{Protocols: []string{wire.Subprotocol}}.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http"))
	if err != nil {
		t.Fatal(err)
	}
	if err := wsutil.WriteClientText(conn, []byte(`{"t":"hello","v":1,"account":"a","token":"x","follow":["big"]}`)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// readTo reads until the value with the number has come, and counts patches.
func readTo(t *testing.T, conn net.Conn, n int) (frames int) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		b, err := wsutil.ReadServerText(conn)
		if err != nil {
			t.Fatalf("after %d patches: %v", frames, err)
		}
		var f struct {
			Topic string `json:"topic"`
			Set   map[string]struct {
				N int `json:"n"`
			} `json:"set"`
		}
		if json.Unmarshal(b, &f) != nil || f.Topic != "big" {
			continue
		}
		frames++
		if f.Set["v"].N == n {
			return frames
		}
	}
}

// FuzzReadHeader holds the frame header's reader against the library's.
func FuzzReadHeader(f *testing.F) {
	f.Add([]byte{0x81, 0x85, 1, 2, 3, 4, 'h', 'e', 'l', 'l', 'o'})
	f.Add([]byte{0x88, 0x80, 0, 0, 0, 0})
	f.Add([]byte{0x81, 0xfe, 0x10, 0, 1, 2, 3, 4})
	f.Add([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 0, 0x10, 0, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := readHeader(b)
		if err != nil {
			return
		}
		want, err := ws.ReadHeader(bytes.NewReader(b))
		if err != nil || h != want {
			t.Fatalf("read %+v, the library %+v (%v)", h, want, err)
		}
		if n > len(b) || h.Length > wire.MaxFrame || h.Length < 0 {
			t.Fatalf("a header of %d bytes in %d, for %d", n, len(b), h.Length)
		}
	})
}

// FuzzMessages gives the reader anything at all after the handshake.
func FuzzMessages(f *testing.F) {
	masked := func(op ws.OpCode, payload string) []byte {
		var b bytes.Buffer
		_ = ws.WriteFrame(&b, ws.MaskFrame(ws.NewFrame(op, true, []byte(payload))))
		return b.Bytes()
	}
	f.Add(masked(ws.OpText, `{"t":"hello","v":1,"account":"a","token":"x","follow":["big"]}`))
	f.Add(append(masked(ws.OpPing, "x"), masked(ws.OpText, `{"t":"session","follow":[]}`)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &stage{board: topic.NewBoard("e")}
		server := New(Options{Poster: s, Boards: s, Doors: s, Logger: slog.New(slog.DiscardHandler)})
		ours, theirs := net.Pipe()
		go func() { _, _ = bytes.NewBuffer(nil).ReadFrom(theirs) }() // ends with the pipe
		c := &conn{server: server}
		c.line.init(ours)
		if !server.enter(c) {
			t.Fatal("the server is closed")
		}
		if rest, err := c.messages(b); err == nil && len(rest) > len(b) {
			t.Fatal("more is left than came")
		}
		c.lost()
		_ = theirs.Close()
		if err := server.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
