package app_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/follow"
	"github.com/deskwire/deskwire/internal/pass"
)

const (
	operatorKey = "operator-key-for-tests"
	secret      = "0123456789abcdef0123456789abcdef"
)

// house is a whole server with one account, as a helpdesk engineer sets it up.
type house struct {
	t    *testing.T
	app  *app.App
	data string
}

func open(t *testing.T, data string) *house {
	t.Helper()
	a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: data, OperatorKey: operatorKey, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop() })
	return &house{t, a, data}
}

func newHouse(t *testing.T) *house {
	h := open(t, t.TempDir())
	h.must("POST", "/v1/accounts", `{"id":"acme","name":"Acme","zone":"Europe/Rome","keys":[{"id":"k","secret":"`+secret+`"}]}`)
	h.must("PUT", "/v1/accounts/acme/agents/ann", `{"name":"Ann","role":"lead"}`)
	h.must("PUT", "/v1/accounts/acme/agents/ben", `{"name":"Ben","role":"agent","reads":["assigned_to_me"]}`)
	return h
}

func (h *house) call(method, path, body string) (int, []byte) {
	h.t.Helper()
	req, _ := http.NewRequest(method, h.app.URL+path, bytes.NewReader([]byte(body)))
	req.Header.Set("Authorization", "Bearer "+operatorKey)
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, b
}

func (h *house) must(method, path, body string) []byte {
	h.t.Helper()
	status, b := h.call(method, path, body)
	if status >= 300 {
		h.t.Fatalf("%s %s: %d %s", method, path, status, b)
	}
	return b
}

func (h *house) token(agent desk.AgentID) string {
	now := time.Now()
	s, err := pass.Sign(desk.Key{ID: "k", Secret: secret}, pass.Pass{Account: "acme", Agent: agent, Expires: now.Add(time.Hour)}, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) follow(agent desk.AgentID, topics ...string) *follow.Follower {
	h.t.Helper()
	f, err := follow.Dial(h.ctx(), follow.Options{URL: "ws" + strings.TrimPrefix(h.app.URL, "http") + "/live", Account: "acme", Token: h.token(agent), Follow: topics})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(f.Close)
	return f
}

func (h *house) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	h.t.Cleanup(cancel)
	return ctx
}

// until waits, frame by frame, until the screen is as it should be.
func (h *house) until(f *follow.Follower, what string, ok func() bool) {
	h.t.Helper()
	ctx := h.ctx()
	for !ok() {
		if err := cmp.Or(context.Cause(ctx), f.Next(ctx)); err != nil {
			h.t.Fatalf("never: %s: %v", what, err)
		}
	}
}

// sees waits until the agent's screen shows the view's count.
func (h *house) sees(f *follow.Follower, view string, n int64) {
	h.t.Helper()
	err := f.WaitCounts(h.ctx(), func(c map[string]follow.Count) bool { return c[view].Exact && c[view].N == n })
	if err != nil {
		h.t.Fatalf("%s never showed %d: %v, but %+v", view, n, err, f.Counts()[view])
	}
}

func TestATicketThatComesInIsCountedOnTheScreen(t *testing.T) {
	h := newHouse(t)
	ann := h.follow("ann", "counts", "views", "list:all-open", "me")
	h.sees(ann, "all-open", 0)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"id":"1","version":1,"subject":"Hello","status":"open","message_count":0}`)
	h.sees(ann, "all-open", 1)
	h.sees(ann, "unassigned", 1)
	h.must("PATCH", "/v1/accounts/acme/tickets/1", `{"assignee_agent":"ann"}`)
	h.sees(ann, "mine", 1)
	h.sees(ann, "unassigned", 0)
	h.until(ann, "the list shows the assignee", func() bool {
		rows, _ := ann.Topic("list:all-open")
		var row desk.Ticket
		return json.Unmarshal(rows["1"], &row) == nil && row.AssigneeAgent == "ann"
	})
}

// TestWhoLosesATicketIsToldSo holds VC-6 and I11: a removal, and nothing after.
func TestWhoLosesATicketIsToldSo(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"Hello","status":"open","assignee_agent":"ben"}`)
	ben := h.follow("ben", "counts", "list:all-open", "ticket:1")
	h.sees(ben, "all-open", 1)
	h.must("PATCH", "/v1/accounts/acme/tickets/1", `{"assignee_agent":"ann"}`)
	h.sees(ben, "all-open", 0)
	h.until(ben, "the ticket is refused", func() bool { return ben.Refused("ticket:1") == "not_found" })
	if _, there := ben.Topic("ticket:1"); there {
		t.Errorf("ben still holds the ticket")
	}
}

// TestReconnectTellsTheDifference holds F22 and F27 over a real line.
func TestReconnectTellsTheDifference(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"Hello","status":"open"}`)
	first := h.follow("ann", "counts")
	h.sees(first, "all-open", 1)
	epoch, have := first.Held()
	first.Close()
	h.must("PUT", "/v1/accounts/acme/tickets/2", `{"subject":"Again","status":"open"}`)
	f, err := follow.Dial(h.ctx(), follow.Options{URL: "ws" + strings.TrimPrefix(h.app.URL, "http") + "/live", Account: "acme", Token: h.token("ann"),
		Follow: []string{"counts"}, Epoch: epoch, Have: have})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = f.WaitCounts(h.ctx(), func(c map[string]follow.Count) bool { return c["all-open"].N == 2 })
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.Counts()); n >= 9 {
		t.Errorf("the difference told all %d views again", n)
	}
}

// TestRestartLosesNothing holds G8: what was acknowledged is there afterwards.
func TestRestartLosesNothing(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"Hello","status":"open"}`)
	h.must("POST", "/v1/accounts/acme/tickets/1/messages", `{"kind":"public","from":{"kind":"customer","id":"c"},"body":"Hi"}`)
	h.must("PUT", "/v1/accounts/acme/views/v", `{"name":"V","kind":"public","filter":{"field":"status","is":"is","value":"open"}}`)
	if err := h.app.Stop(); err != nil {
		t.Fatal(err)
	}
	h = open(t, h.data)
	ann := h.follow("ann", "counts", "ticket:1")
	h.sees(ann, "v", 1)
	var d desk.Dossier
	if err := json.Unmarshal(h.must("GET", "/v1/accounts/acme/tickets/1", ""), &d); err != nil || len(d.Messages) != 1 || d.Messages[0].Body != "Hi" {
		t.Errorf("%+v %v", d, err)
	}
}

func TestACommandIsDoneOnceHoweverOftenItIsSent(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"Hello","status":"open"}`)
	ann := h.follow("ann", "counts", "ticket:1")
	body := map[string]any{"ticket": "1", "kind": "public", "body": "We look into it"}
	one, err := ann.Command(h.ctx(), "key-1", "message.add", body)
	if err != nil {
		t.Fatal(err)
	}
	two, err := ann.Command(h.ctx(), "key-1", "message.add", body)
	if err != nil || two.ID != one.ID || !two.Again {
		t.Fatalf("%+v %v", two, err)
	}
	var d desk.Dossier
	_ = json.Unmarshal(h.must("GET", "/v1/accounts/acme/tickets/1", ""), &d)
	if len(d.Messages) != 1 {
		t.Errorf("%d messages", len(d.Messages))
	}
}

// TestStopWhileEverybodyLeaves: the goodbyes of connections that end by
// themselves are waited for like those that Stop ends.
func TestStopWhileEverybodyLeaves(t *testing.T) {
	h := newHouse(t)
	var all []*follow.Follower
	for range 40 {
		all = append(all, h.follow("ann", "counts"))
	}
	go func() {
		for _, f := range all {
			f.Close()
		}
	}()
	if err := h.app.Stop(); err != nil {
		t.Fatal(err)
	}
	if st := h.app.Line.Stats(); st.Connections != 0 || st.Sessions != 0 {
		t.Errorf("%+v", st)
	}
}
