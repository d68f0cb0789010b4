package account_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/account"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/store/sqlite"
)

// The tests hold an account, with its store, against brute force: every ticket
// that it says it has, asked plainly for every view of every agent.

const (
	acme  = desk.AccountID("acme")
	begin = desk.Time(1774600000000) // two days before the clocks change in Europe
	hour  = desk.Time(time.Hour / time.Millisecond)
)

var (
	agents  = []desk.AgentID{"ann", "ben", "cat"}
	teams   = []desk.TeamID{"red", "blue"}
	filters = []string{
		`{"field":"priority","is":"gt","value":"normal"}`,
		`{"field":"assignee_agent","is":"is","value":"@me"}`,
		`{"op":"or","of":[{"field":"assignee_team","is":"is","value":"@my_teams"},{"field":"assignee_agent","is":"is","value":"@me"}]}`,
		`{"op":"and","of":[{"field":"updated_at","is":"older_than","value":"3h"},{"field":"status","is":"lt","value":"solved"}]}`,
		`{"field":"created_at","is":"today"}`,
		`{"field":"spam","is":"is","value":true}`,
		`{"op":"not","of":{"field":"tags","is":"has_any","value":["vip"]}}`,
		`{"field":"snoozed_until","is":"within_next","value":"2h"}`,
	}
)

// TestMain takes fewer examples than rapid would: each has a database of its
// own. More: go test ./internal/account -rapid.checks=1000.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "20")
	flag.Parse()
	os.Exit(m.Run())
}

// world is an account beside what is known of it.
type world struct {
	t         *rapid.T
	store     *sqlite.Store
	directory *account.Directory
	settings  desk.Account
	now       desk.Time
	agents    map[desk.AgentID]desk.Agent
	members   map[desk.TeamID][]desk.AgentID
	views     map[desk.ViewID]desk.View
	tickets   map[desk.TicketID]bool
	taken     int // steps
}

// checkEvery is after how many steps everything is compared: each comparison
// asks for every list of every agent.
const checkEvery = 8

func newWorld(t *rapid.T, dir string) *world {
	w := &world{t: t, now: begin, settings: desk.Account{ID: acme, Name: "Acme", Zone: "Europe/Rome", ManualClock: true, Version: 1},
		agents: map[desk.AgentID]desk.Agent{}, members: map[desk.TeamID][]desk.AgentID{}, views: map[desk.ViewID]desk.View{}, tickets: map[desk.TicketID]bool{}}
	store, err := sqlite.Open(filepath.Join(dir, "deskwire.db"))
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	body, _ := json.Marshal(w.settings)
	if err := store.Commit(context.Background(), acme, desk.Batch{Docs: []desk.Doc{{Kind: desk.AccountDoc, ID: string(acme), Version: 1, Body: body}}}); err != nil {
		t.Fatal(err)
	}
	w.wake()
	w.post(desk.SetClock{Now: w.now})
	for _, id := range agents {
		w.putAgent(id, nil)
	}
	for _, id := range teams {
		w.putTeam(id, nil)
	}
	for _, v := range desk.SystemViews() {
		w.views[v.ID] = v
	}
	return w
}

func (w *world) wake() {
	w.directory = account.NewDirectory(account.Options{Store: w.store, Logger: slog.New(slog.DiscardHandler)})
}

func (w *world) close() {
	w.directory.Close()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) post(e desk.Event) desk.Outcome {
	out, err := w.directory.Post(context.Background(), acme, desk.Post{Actor: desk.Actor{Kind: desk.ByBackend}, Event: e})
	if err != nil {
		w.t.Fatalf("%T: %v", e, err)
	}
	for i, r := range out.Results {
		if r.Problem != nil {
			w.t.Fatalf("line %d of a bulk: %v", i, r.Problem)
		}
	}
	return out
}

func ask[T any](w *world, q desk.Query) T {
	v, err := w.directory.Ask(context.Background(), acme, q)
	if err != nil {
		w.t.Fatalf("%T: %v", q, err)
	}
	return v.(T)
}

func (w *world) putAgent(id desk.AgentID, reads []desk.ReadRule) {
	a := desk.Agent{ID: id, Name: string(id), Role: desk.Regular, Reads: reads}
	w.post(desk.PutAgent{Agent: a})
	w.agents[id] = a
}

func (w *world) putTeam(id desk.TeamID, members []desk.AgentID) {
	w.post(desk.PutTeam{Team: desk.Team{ID: id, Name: string(id), Members: members}})
	w.members[id] = members
}

func pick[T any](t *rapid.T, all ...T) T { return rapid.SampledFrom(all).Draw(t, "pick") }

func (w *world) drawTicket(t *rapid.T) desk.Ticket {
	id := desk.TicketID(fmt.Sprintf("t%d", rapid.IntRange(0, 9).Draw(t, "ticket")))
	k := desk.Ticket{ID: id, Subject: "s", Status: pick(t, desk.Statuses...), Priority: pick(t, desk.Priorities...),
		AssigneeAgent: desk.AgentID(pick(t, "", "ann", "ben")), AssigneeTeam: desk.TeamID(pick(t, "", "red", "blue")), Spam: rapid.IntRange(0, 5).Draw(t, "spam") == 0}
	if rapid.Bool().Draw(t, "vip") {
		k.Tags = []string{"vip"}
	}
	if rapid.IntRange(0, 3).Draw(t, "snooze") == 0 {
		k.SnoozedUntil = w.now + hour*desk.Time(rapid.IntRange(1, 4).Draw(t, "hours"))
	}
	return k
}

// steps are what may happen.
func (w *world) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"put": func(t *rapid.T) {
			k := w.drawTicket(t)
			w.post(desk.PutTicket{Ticket: k})
			w.tickets[k.ID] = true
		},
		"bulk": func(t *rapid.T) { // VC-10
			var all []desk.Event
			for range rapid.IntRange(1, 8).Draw(t, "lines") {
				k := w.drawTicket(t)
				all = append(all, desk.PutTicket{Ticket: k})
				w.tickets[k.ID] = true
			}
			w.post(desk.Bulk{Events: all})
		},
		"patch": func(t *rapid.T) {
			if id, ok := w.any(t); ok {
				w.post(desk.PatchTicket{ID: id, Patch: []byte(pick(t, `{"status":"open"}`, `{"assignee_agent":"cat"}`, `{"assignee_team":null}`, `{"snoozed_until":null}`, `{"tags_add":["vip"]}`, `{"trashed_at":"2026-03-01T00:00:00Z"}`, `{"trashed_at":null}`))})
			}
		},
		"delete": func(t *rapid.T) {
			if id, ok := w.any(t); ok {
				w.post(desk.DeleteTicket{ID: id})
				delete(w.tickets, id)
			}
		},
		"write": func(t *rapid.T) {
			if id, ok := w.any(t); ok {
				from := desk.Author{Kind: desk.FromCustomer, ID: "c"}
				if rapid.Bool().Draw(t, "agent") {
					from = desk.Author{Kind: desk.FromAgent, ID: "ann"}
				}
				w.post(desk.AddMessage{Message: desk.Message{Ticket: id, Kind: desk.Public, From: from, Body: "hello"}})
			}
		},
		"time": func(t *rapid.T) { // VC-5
			w.now += pick(t, 1, hour/2, hour, 3*hour, 26*hour)
			w.post(desk.SetClock{Now: w.now})
		},
		"view": func(t *rapid.T) { // VC-9
			v := desk.View{ID: desk.ViewID(fmt.Sprintf("v%d", rapid.IntRange(0, 3).Draw(t, "view"))), Name: "v", Kind: desk.PublicView, Filter: json.RawMessage(pick(t, filters...))}
			if rapid.Bool().Draw(t, "private") {
				v.Kind, v.Owner = desk.PrivateView, pick(t, agents...)
			}
			w.post(desk.PutView{View: v})
			w.views[v.ID] = v
		},
		"rights": func(t *rapid.T) { // VC-6
			w.putAgent(pick(t, agents...), pick(t, nil, []desk.ReadRule{desk.ReadMine}, []desk.ReadRule{desk.ReadMyTeams, desk.ReadUnassigned}, []desk.ReadRule{desk.ReadTeamsUnassigned, desk.ReadMine}))
		},
		"team": func(t *rapid.T) {
			w.putTeam(pick(t, teams...), pick(t, nil, []desk.AgentID{"ann"}, []desk.AgentID{"ann", "ben"}, []desk.AgentID{"cat"}))
		},
		"sleep":   func(*rapid.T) { w.directory.Sleep(acme) },
		"restart": func(*rapid.T) { w.directory.Close(); w.wake() },
		"": func(*rapid.T) {
			if w.taken++; w.taken%checkEvery == 0 {
				w.check()
			}
		},
	}
}

func (w *world) any(t *rapid.T) (desk.TicketID, bool) {
	if len(w.tickets) == 0 {
		return "", false
	}
	return pick(t, slices.Sorted(maps.Keys(w.tickets))...), true
}

// check compares every count and every list of every agent.
func (w *world) check() {
	schema, err := desk.NewSchema(w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	env, err := desk.NewEnv(w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	var tickets []desk.Ticket
	for _, id := range slices.Sorted(maps.Keys(w.tickets)) {
		tickets = append(tickets, ask[desk.Dossier](w, desk.GetTicket{ID: id}).Ticket)
	}
	for _, id := range agents {
		counts := map[desk.ViewID]int64{}
		for _, c := range ask[[]desk.ViewCount](w, desk.ListCounts{Agent: id}) {
			counts[c.View] = c.Count
		}
		for view, v := range w.views {
			if v.Kind == desk.PrivateView && v.Owner != id {
				if _, seen := counts[view]; seen {
					w.t.Fatalf("%s sees the private view %s of %s", id, view, v.Owner)
				}
				continue
			}
			var want []string
			condition := w.condition(schema, v, w.agents[id])
			for _, k := range tickets {
				if ok, _ := condition.Eval(&k, env, w.now); ok {
					want = append(want, string(k.ID))
				}
			}
			w.same(id, view, counts, want)
		}
	}
}

func (w *world) condition(schema *desk.Schema, v desk.View, a desk.Agent) *desk.Condition {
	c, _, err := schema.Parse(v.Filter)
	if err != nil {
		w.t.Fatal(err)
	}
	who := desk.Viewer{Agent: a.ID}
	for _, team := range teams {
		if slices.Contains(w.members[team], a.ID) {
			who.Teams = append(who.Teams, team)
		}
	}
	c = c.WithDefaults()
	if access := a.Access(); access != nil {
		c = &desk.Condition{Op: desk.And, Of: []*desk.Condition{access, c}}
	}
	return c.Bind(who)
}

// same holds the count and the list against what they must be (VC-15).
func (w *world) same(id desk.AgentID, view desk.ViewID, counts map[desk.ViewID]int64, want []string) {
	if n, there := counts[view]; !there || n != int64(len(want)) {
		w.t.Fatalf("%s sees %d (%v) in %s, brute force says %d", id, n, there, view, len(want))
	}
	page := ask[desk.TicketPage](w, desk.ListTickets{Agent: id, View: view})
	var got []string
	for _, k := range page.Tickets {
		got = append(got, string(k.ID))
	}
	slices.Sort(got)
	if page.Total != int64(len(want)) || !slices.Equal(got, want) {
		w.t.Fatalf("%s lists %v in %s, brute force says %v", id, got, view, want)
	}
}

// TestAnAccountIsItsBruteForce holds VC-1, VC-5, VC-6, VC-9, VC-10, VC-15, I8 to
// I10 through everything that may happen, sleep and restart included.
func TestAnAccountIsItsBruteForce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(r, t.TempDir())
		defer w.close()
		r.Repeat(w.steps())
		w.check()
	})
}

// TestQuietAccountsSleepWhenMemoryIsShort: over the budget the longest quiet
// ones go, those with sessions never.
func TestQuietAccountsSleepWhenMemoryIsShort(t *testing.T) {
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "deskwire.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := account.NewDirectory(account.Options{Store: store, Logger: slog.New(slog.DiscardHandler), Budget: 1, Quiet: 50 * time.Millisecond})
	defer d.Close()
	ctx := context.Background()
	for _, id := range []desk.AccountID{"a", "b"} {
		body := []byte(`{"id":"` + string(id) + `","name":"x","version":1}`)
		if err := store.Commit(ctx, id, desk.Batch{Docs: []desk.Doc{{Kind: desk.AccountDoc, ID: string(id), Version: 1, Body: body}}}); err != nil {
			t.Fatal(err)
		}
		for _, e := range []desk.Event{desk.PutAgent{Agent: desk.Agent{ID: "ann", Name: "Ann", Role: desk.Regular}}, desk.PutTicket{Ticket: desk.Ticket{ID: "1", Subject: "s", Status: "open"}}} {
			if _, err := d.Post(ctx, id, desk.Post{Actor: desk.Actor{Kind: desk.ByBackend}, Event: e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); d.Awake() != 1; time.Sleep(2 * time.Millisecond) {
		// Again and again: an account may fall asleep as the session comes in, which
		// the line tells the browser, and the browser comes back.
		if _, err := d.Post(ctx, "a", desk.Post{Actor: desk.Actor{Kind: desk.ByAgent, ID: "ann"}, Event: desk.SessionStated{Session: desk.Session{ID: "s", Agent: "ann", Follow: []string{"counts"}}}}); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatalf("%d accounts are awake", d.Awake())
		}
	}
	got, err := d.Ask(ctx, "b", desk.ListCounts{Agent: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.([]desk.ViewCount) {
		if c.View == "all-open" && c.Count != 1 {
			t.Errorf("after its sleep the account counts %d", c.Count)
		}
	}
}
