package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/desk"
)

const (
	crashData   = "DESKWIRE_TEST_CRASH_DATA" // set in the process that is to be killed
	crashKills  = 15
	crashWriter = 4
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashData); dir != "" {
		a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: dir, OperatorKey: operatorKey, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(a.URL)
		_ = a.Wait(context.Background())
		return
	}
	os.Exit(m.Run())
}

// victim is a server in a process of its own.
type victim struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	data string
}

func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.Command(os.Args[0], "-test.run=^$")
	v.cmd.Env = append(os.Environ(), crashData+"="+v.data)
	out, err := v.cmd.StdoutPipe()
	if err == nil {
		err = v.cmd.Start()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := out.Read(line)
	if v.url = strings.TrimSpace(string(line[:n])); err != nil || !strings.HasPrefix(v.url, "http") {
		v.t.Fatalf("the server did not start: %s %v", line[:n], err)
	}
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

func (v *victim) call(method, path, body string) (int, []byte, error) {
	req, _ := http.NewRequest(method, v.url+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+operatorKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	return res.StatusCode, b.Bytes(), err
}

// writer writes tickets one after the other and remembers which version of
// which was acknowledged.
type writer struct {
	n     int
	acked map[string]uint64
}

// write goes on until the server is gone. A ticket is put, and changed after
// it; each answer is an acknowledgement.
func (w *writer) write(v *victim, stop <-chan struct{}) {
	for i := 0; ; i++ {
		id := fmt.Sprintf("w%d-%d", w.n, i%7)
		select {
		case <-stop:
			return
		default:
		}
		version := w.acked[id] + 1
		status, _, err := v.call("PUT", "/v1/accounts/acme/tickets/"+id, fmt.Sprintf(`{"version":%d,"subject":"v%d","status":"open"}`, version, version))
		switch {
		case err != nil:
			return
		case status < 300, status == http.StatusConflict: // it came in before, and its answer was lost
			w.acked[id] = version
		}
	}
}

// TestNothingAcknowledgedIsLostUnderKill holds G8, T5 and I3: the server is
// killed at any moment, again and again, and what it has acknowledged is there
// afterwards, counted as it must be.
func TestNothingAcknowledgedIsLostUnderKill(t *testing.T) {
	v := &victim{t: t, data: t.TempDir()}
	v.start()
	if status, b, err := v.call("POST", "/v1/accounts", `{"id":"acme","name":"Acme"}`); err != nil || status >= 300 {
		t.Fatalf("%d %s %v", status, b, err)
	}
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	writers := make([]*writer, crashWriter)
	for i := range writers {
		writers[i] = &writer{i, map[string]uint64{}}
	}
	for range crashKills {
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for _, w := range writers {
			wg.Go(func() { w.write(v, stop) })
		}
		time.Sleep(time.Duration(r.IntN(120)) * time.Millisecond) // the moment of the crash is the chance this test is about
		v.kill()
		close(stop)
		wg.Wait()
		v.start()
		found(t, v, writers)
	}
	v.kill()
	total := 0
	for _, w := range writers {
		for _, n := range w.acked {
			total += int(n)
		}
	}
	if total < crashKills {
		t.Fatalf("only %d writes were acknowledged in %d lives", total, crashKills)
	}
	t.Logf("%d kills, %d acknowledged writes, none lost", crashKills, total)
}

// found compares what was acknowledged with what is there.
func found(t *testing.T, v *victim, writers []*writer) {
	t.Helper()
	tickets := 0
	for _, w := range writers {
		for id, version := range w.acked {
			var d desk.Dossier
			status, b, err := v.call("GET", "/v1/accounts/acme/tickets/"+id, "")
			if err != nil || status != http.StatusOK || json.Unmarshal(b, &d) != nil {
				t.Fatalf("ticket %s, acknowledged at version %d, is lost: %d %s %v", id, version, status, b, err)
			}
			if d.Ticket.Version < version || d.Ticket.Subject != fmt.Sprintf("v%d", d.Ticket.Version) {
				t.Fatalf("ticket %s was acknowledged at version %d, and is %d, %q", id, version, d.Ticket.Version, d.Ticket.Subject)
			}
			w.acked[id] = d.Ticket.Version
			tickets++
		}
	}
	var h desk.Health
	_, b, _ := v.call("GET", "/v1/accounts/acme/health", "")
	if err := json.Unmarshal(b, &h); err != nil || h.Tickets < tickets || h.Tickets > tickets+crashWriter*7 || h.Drift != 0 {
		t.Fatalf("%d tickets acknowledged, the account says %s (%v)", tickets, b, err)
	}
}
