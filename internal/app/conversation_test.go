package app_test

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/wire"
)

// TestConversations plays each file of conversations/ against a server.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("../../conversations/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d conversations, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(text), "-- skip --\n")
			skip, _, _ := strings.Cut(rest, "-- conversation --")
			_, script, found := strings.Cut(string(text), "-- conversation --\n")
			if !found {
				t.Fatal("there is no conversation in it")
			}
			talk(t, strings.Fields(skip), strings.Split(strings.TrimSpace(script), "\n"))
		})
	}
}

// speaker plays one conversation.
type speaker struct {
	h    *house
	conn net.Conn
	skip []string
}

func talk(t *testing.T, skip, script []string) {
	h := newHouse(t)
	conn, _, _, err := ws.Dialer{Protocols: []string{wire.Subprotocol}}.Dial(h.ctx(), "ws"+strings.TrimPrefix(h.app.URL, "http")+"/live")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	s := &speaker{h, conn, skip}
	names := strings.NewReplacer("$TOKEN", h.token("ann"), "$BEN", h.token("ben"), "$EXPIRED", expired(t))
	for _, line := range script {
		s.play(names.Replace(line))
	}
}

func expired(t *testing.T) string {
	then := time.Now().Add(-2 * time.Hour)
	token, err := pass.Sign(desk.Key{ID: "k", Secret: secret}, pass.Pass{Account: "acme", Agent: "ann", Expires: then.Add(time.Hour)}, then)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *speaker) play(line string) {
	s.h.t.Helper()
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case ">":
		if err := wsutil.WriteClientText(s.conn, []byte(rest)); err != nil {
			s.h.t.Fatalf("%s: %v", line, err)
		}
	case "!":
		part := strings.SplitN(rest, " ", 3)
		s.h.must(part[0], "/v1/accounts/acme/"+part[1], part[2])
	case "<":
		s.hears(rest)
	case "=":
		s.ends(rest)
	default:
		s.h.t.Fatalf("a line begins with >, <, ! or =, not %q", line)
	}
}

// hears wants the frame next, but for those that may come in between.
func (s *speaker) hears(want string) {
	s.h.t.Helper()
	var pattern map[string]any
	if err := json.Unmarshal([]byte(want), &pattern); err != nil {
		s.h.t.Fatalf("%s: %v", want, err)
	}
	for {
		b, err := wsutil.ReadServerText(s.conn)
		if err != nil {
			s.h.t.Fatalf("%s never came: %v", want, err)
		}
		var got map[string]any
		if err := json.Unmarshal(b, &got); err != nil {
			s.h.t.Fatalf("%s: %v", b, err)
		}
		if holds(got, pattern) {
			return
		}
		if kind, _ := got["t"].(string); !slices.Contains(s.skip, kind) && !(kind == "patch" && pattern["t"] == "patch") {
			s.h.t.Fatalf("got  %s\nwant %s", b, want)
		}
	}
}

// holds says whether got has what the pattern has.
func holds(got, pattern any) bool {
	switch p := pattern.(type) {
	case string:
		return p == "*" && got != nil || got == p
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range p {
			ok = ok && holds(g[k], v)
		}
		return ok
	}
	return reflect.DeepEqual(got, pattern)
}

// ends wants the connection to be closed with the code. A goodbye of the
// client's own is answered by the end of the connection alone.
func (s *speaker) ends(code string) {
	s.h.t.Helper()
	for {
		_, err := wsutil.ReadServerText(s.conn)
		if err == nil {
			continue
		}
		var closed wsutil.ClosedError
		if errors.As(err, &closed) && strconv.Itoa(int(closed.Code)) != code {
			s.h.t.Fatalf("closed with %d, want %s", closed.Code, code)
		}
		if !errors.As(err, &closed) && code != "1000" {
			s.h.t.Fatalf("ended without a code: %v, want %s", err, code)
		}
		return
	}
}

// TestThreeHundredEndsLeaveNothing: however connections end, their sessions end
// with them, and nothing of them is left (F14).
func TestThreeHundredEndsLeaveNothing(t *testing.T) {
	h := newHouse(t)
	for i := range 300 {
		conn, _, _, err := ws.Dialer{Protocols: []string{wire.Subprotocol}}.Dial(h.ctx(), "ws"+strings.TrimPrefix(h.app.URL, "http")+"/live")
		if err != nil {
			t.Fatal(err)
		}
		if i%4 > 0 { // the others end before they say who they are
			hello := `{"t":"hello","v":1,"build":"test","account":"acme","token":"` + h.token("ann") + `","follow":["counts"]}`
			if err := wsutil.WriteClientText(conn, []byte(hello)); err != nil {
				t.Fatal(err)
			}
			if _, err := wsutil.ReadServerText(conn); err != nil {
				t.Fatal(err)
			}
		}
		end(conn, i)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		var health desk.Health
		if err := json.Unmarshal(h.must("GET", "/v1/accounts/acme/health", ""), &health); err != nil {
			t.Fatal(err)
		}
		st := h.app.Line.Stats()
		if st.Connections == 0 && st.Sessions == 0 && health.Sessions == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after all have ended: %+v, and the account has %d sessions", st, health.Sessions)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// end ends a connection in one of the ways there are.
func end(conn net.Conn, i int) {
	switch i % 5 {
	case 0: // a page that says goodbye
		_ = wsutil.WriteClientText(conn, []byte(`{"t":"bye"}`))
	case 1: // a close frame
		_ = wsutil.WriteClientMessage(conn, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, ""))
	case 2: // a reset
		_ = conn.(*net.TCPConn).SetLinger(0)
	case 3: // a frame that is not of the protocol
		_ = wsutil.WriteClientBinary(conn, []byte("x"))
	case 4: // half a frame, and silence
		_, _ = conn.Write([]byte{0x81, 0xfe})
	}
	_ = conn.Close()
}
