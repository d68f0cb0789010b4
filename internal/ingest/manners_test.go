package ingest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// How clients behave who do not: slow, silent, greedy, gone.

// The client reads nothing and sends on; then it reads. What is in between
// waits outside of memory.
func TestASlowReaderPinsBoundedMemory(t *testing.T) {
	const lines, room = 50_000, 6 << 20 // bytes; the answers have 10 MB
	d := &till{forget: true, id: strings.Repeat("1", desk.MaxIDLength)}
	c := dial(t, d.handler())
	one := `{"op":"ticket.delete","id":"1"}` + "\n"
	if _, err := io.WriteString(c, head(lines*len(one))); err != nil {
		t.Fatal(err)
	}
	before := heap()
	part := strings.Repeat(one, 1000)
	for range lines / 1000 {
		if _, err := io.WriteString(c, part); err != nil {
			t.Fatal(err)
		}
	}
	for d.count.Load() < lines { // posted, and its answers somewhere
		runtime.Gosched()
	}
	if grown := heap() - before; grown > room {
		t.Errorf("%d MB more in memory with the answers to %d lines unread", grown>>20, lines)
	}
	if answers, sum := answersOf(t, c); len(answers) != lines || !sum.Done {
		t.Errorf("%d answers, %+v", len(answers), sum)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// T18: a small body that unpacks to a big one costs no memory either.
func TestABombIsReadInPieces(t *testing.T) {
	before := heap()
	const blanks = 1 << 17
	body := gzipped(strings.Repeat("\n", blanks) + strings.Repeat("x", 8<<20))
	d := &till{forget: true}
	answers, sum := d.lines(t, body, "Content-Encoding", "gzip")
	if len(answers) != 1 || answers[0].Line != blanks+1 || answers[0].Problem.Status != 413 || !sum.Done {
		t.Errorf("%+v %+v", answers, sum)
	}
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("%d MB more", grown>>20)
	}
}

// Who sends nothing for MaxSilence is told so and let go; a moment less is fine.
func TestASilentClientIsLetGo(t *testing.T) {
	for _, c := range []struct {
		pause  time.Duration
		status int
	}{{ingest.MaxSilence - time.Second, 200}, {ingest.MaxSilence + time.Second, 408}} {
		synctest.Test(t, func(t *testing.T) {
			d := &till{}
			conn := dial(t, d.handler())
			line := `{"op":"ticket.delete","id":"1"}` + "\n"
			if _, err := io.WriteString(conn, head(2*len(line))+line); err != nil {
				t.Fatal(err)
			}
			go func() {
				time.Sleep(c.pause)
				_, _ = io.WriteString(conn, line)
			}()
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || res.StatusCode != c.status {
				t.Fatalf("after %s: %+v %v", c.pause, res, err)
			}
			if text := read(t, res.Body); c.status != 200 && (!strings.Contains(text, "2m0s") || len(d.taken()) != 0) {
				t.Errorf("%s", text)
			}
			time.Sleep(2 * time.Second) // the late writer ends
		})
	}
}

// A client that takes no answer when everything is done is let go too: it may
// not hold a seat for ever.
func TestAClientThatTakesNoAnswerIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &till{}
		h := d.handler()
		body := strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n", 1000)
		for range ingest.MaxAccountBulks {
			if _, err := io.WriteString(dial(t, h), head(len(body))+body); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if w := d.call(t, "POST", bulkPath, body); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "of this account") {
			t.Errorf("one more than MaxAccountBulks: %d %s", w.Code, w.Body)
		}
		time.Sleep(ingest.MaxSilence + time.Second)
		if w := d.call(t, "POST", bulkPath, body); w.Code != 200 {
			t.Errorf("after MaxSilence: %d %s", w.Code, w.Body)
		}
	})
}

func TestBulksAreLimitedOverAllAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &till{}
		h := d.handler()
		var conns []net.Conn
		for i := range ingest.MaxBulks {
			c := dial(t, h)
			conns = append(conns, c)
			if _, err := io.WriteString(c, strings.Replace(head(10), "acme", fmt.Sprintf("acme%d", i/ingest.MaxAccountBulks), 1)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if w := d.call(t, "POST", bulkPath, ""); w.Code != 503 || !strings.Contains(w.Body.String(), "16 bulks run") {
			t.Errorf("one more than MaxBulks: %d %s", w.Code, w.Body)
		}
		_ = conns[0].Close()
		synctest.Wait()
		if w := d.call(t, "POST", bulkPath, ""); w.Code != 200 {
			t.Errorf("when one has gone: %d %s", w.Code, w.Body)
		}
	})
}

// What is left of a body that was given up must not be taken for a request.
func TestTheRestOfABodyIsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		d := &till{post: func(p desk.Post) (desk.Outcome, error) {
			if n++; n == 2 {
				return desk.Outcome{}, desk.Problemf(desk.Unavailable, "restarting")
			}
			return well(p), nil
		}}
		c := dial(t, d.handler())
		first := strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n", 4)
		hidden := "DELETE /v1/accounts/acme/tickets/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\n\r\n"
		request := strings.NewReplacer("/bulk", "/bulk?step=2", "Connection: close\r\n", "").Replace(head(len(first) + len(hidden)))
		go func() { _, _ = io.Copy(io.Discard, c) }()
		if _, err := io.WriteString(c, request+first); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the bulk has failed
		if _, err := io.WriteString(c, hidden); err == nil {
			t.Error("the connection is open still")
		}
		synctest.Wait()
		if len(d.taken()) != 2 {
			t.Errorf("a part of a body was done as a request")
		}
		_ = c.Close()
	})
}

// Between two bulks on one connection may lie any time, and one may take long.
func TestABulkLeavesNoDeadlineBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &till{post: func(p desk.Post) (desk.Outcome, error) {
			time.Sleep(2 * ingest.MaxSilence)
			return well(p), nil
		}}
		c := dial(t, d.handler())
		line := `{"op":"ticket.delete","id":"1"}` + "\n"
		in := bufio.NewReader(c)
		for range 2 {
			if _, err := io.WriteString(c, strings.Replace(head(len(line)), "Connection: close\r\n", "", 1)+line); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, sum := split(t, read(t, res.Body)); !sum.Done || sum.Failed != 0 {
				t.Errorf("%+v", sum)
			}
		}
	})
}
