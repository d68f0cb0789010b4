package views

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

// The tests hold the engine against brute force: every condition asked plainly
// of every whole ticket. Times are small numbers so that windows open and
// close all the time.

var testAccount = desk.Account{ID: "a", Zone: "Europe/Rome",
	Calendars: []desk.Calendar{{ID: "office", Hours: map[string][]desk.Hours{
		"monday": {{From: "09:00", To: "12:30"}, {From: "13:30", To: "18:00"}}, "tuesday": {{From: "09:00", To: "18:00"}},
		"thursday": {{From: "00:00", To: "24:00"}}}, Holidays: []string{"2026-03-30"}}},
	Fields: []desk.FieldDef{{Key: "plan", Type: desk.EnumField}, {Key: "score", Type: desk.NumberField}, {Key: "note", Type: desk.TextField},
		{Key: "gold", Type: desk.BoolField}, {Key: "due", Type: desk.TimeField}, {Key: "kinds", Type: desk.SetField}}}

// begin is two days before the clocks change in Europe.
const begin = desk.Time(1774600000000)

func testEnv(t testing.TB) (*desk.Schema, *desk.Env) {
	t.Helper()
	schema, err := desk.NewSchema(testAccount)
	if err != nil {
		t.Fatal(err)
	}
	env, err := desk.NewEnv(testAccount)
	if err != nil {
		t.Fatal(err)
	}
	return schema, env
}

func pick[T any](t *rapid.T, all ...T) T { return rapid.SampledFrom(all).Draw(t, "pick") }

func someOf(t *rapid.T, all ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 3, rapid.ID[string]).Draw(t, "some")
}

var spans = []string{"1s", "1m", "1h", "8h", "24h", "7d"}

// drawLeaf writes a leaf of any type and operator.
func drawLeaf(t *rapid.T, schema *desk.Schema) map[string]any {
	f := pick(t, schema.Fields()...)
	is := pick(t, f.Operators...)
	leaf := map[string]any{"field": f.Key, "is": is}
	if v := drawOperand(t, f, is); v != nil {
		leaf["value"] = v
	}
	return leaf
}

func drawOperand(t *rapid.T, f desk.FieldSpec, is desk.Operator) any {
	list := slices.Contains([]desk.Operator{desk.In, desk.NotIn, desk.HasAll, desk.HasAny, desk.HasNone}, is)
	switch {
	case is == desk.Empty || is == desk.NotEmpty:
		return nil
	case f.Type == desk.EnumField || f.Type == desk.RefField || f.Type == desk.SetField:
		values := wordsOf(f)
		if f.Type == desk.RefField && rapid.Bool().Draw(t, "nobody") {
			values = append(values, desk.Nobody)
		}
		if list {
			return someOf(t, values...)
		}
		return pick(t, values...)
	case f.Type == desk.TextField:
		return pick(t, "refund", "My ORDER", "order 7", "über")
	case f.Type == desk.NumberField && is == desk.Between:
		return []float64{float64(rapid.IntRange(-1, 4).Draw(t, "lo")), float64(rapid.IntRange(0, 5).Draw(t, "hi"))}
	case f.Type == desk.NumberField:
		return pick(t, 0, 1, 2, 2.5, 3.0)
	case f.Type == desk.BoolField:
		return rapid.Bool().Draw(t, "bool")
	}
	return drawTimeOperand(t, is)
}

func drawTimeOperand(t *rapid.T, is desk.Operator) any {
	switch is {
	case desk.Before, desk.After:
		return drawTime(t)
	case desk.Between:
		return []desk.Time{drawTime(t), drawTime(t)}
	case desk.Today, desk.ThisWeek:
		return pick[any](t, nil, map[string]string{"zone": "America/New_York"}, map[string]string{"zone": "Australia/Lord_Howe"})
	}
	return pick(t, spans...)
}

func drawTime(t *rapid.T) desk.Time {
	return begin + desk.Time(rapid.SampledFrom([]int64{-8 * 86400000, -86400000, -3600001, -60000, -999, 0, 1, 1000, 59999, 3600000, 90000000, 8 * 86400000}).Draw(t, "time")) +
		desk.Time(rapid.IntRange(0, 3).Draw(t, "ms"))
}

func wordsOf(f desk.FieldSpec) []string {
	switch {
	case len(f.Options) > 0:
		return slices.Clone(f.Options)
	case f.Key == "assignee_agent" || f.Key == "follower" || f.Key == "participant" || f.Key == "read_by":
		return []string{"ann", "ben", "cat"}
	}
	return []string{"x", "y", "z"}
}

func drawTree(t *rapid.T, schema *desk.Schema, depth int) map[string]any {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		return drawLeaf(t, schema)
	}
	op := pick(t, "and", "or", "not")
	if op == "not" {
		return map[string]any{"op": op, "of": drawTree(t, schema, depth-1)}
	}
	of := []any{}
	for range rapid.IntRange(0, 3).Draw(t, "children") {
		of = append(of, drawTree(t, schema, depth-1))
	}
	return map[string]any{"op": op, "of": of}
}

func drawCondition(t *rapid.T, schema *desk.Schema) *desk.Condition {
	raw, err := json.Marshal(drawTree(t, schema, 3))
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := schema.Parse(raw)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return c.WithDefaults().Bind(desk.Viewer{Agent: "ann"})
}

func drawTicket(t *rapid.T, id desk.TicketID, version uint64) *desk.Ticket {
	word := func() string { return pick(t, "", "", "x", "y", "w") }
	agents := func() []desk.AgentID { return agentsOf(someOf(t, "ann", "ben", "dan")) }
	k := &desk.Ticket{ID: id, Version: version, Status: pick(t, desk.Statuses...), Priority: pick(t, append(desk.Priorities, "")...),
		Subject: pick(t, "", "Refund", "my order 7 is late", "Order 77", "Überweisung", "!!", "refund my order"),
		Channel: word(), Language: word(), Via: word(), Brand: word(), Integration: word(),
		AssigneeAgent: desk.AgentID(pick(t, "", "ann", "ben", "dan")), AssigneeTeam: desk.TeamID(word()), Customer: desk.CustomerID(word()),
		RequesterOrg: word(), Tags: someOf(t, "x", "y", "z", "w"), Skills: someOf(t, "x", "w"), Followers: agents(), Participants: agents(), ReadBy: agents(),
		Spam: rapid.IntRange(0, 5).Draw(t, "spam") == 0, FromAgent: rapid.Bool().Draw(t, "from"), MessageCount: rapid.IntRange(0, 4).Draw(t, "count")}
	if rapid.IntRange(0, 5).Draw(t, "merged") == 0 {
		k.MergedInto = "other"
	}
	if rapid.Bool().Draw(t, "rated") {
		x := float64(rapid.IntRange(0, 4).Draw(t, "rating"))
		k.Satisfaction = &x
	}
	drawTimes(t, k)
	k.Custom = drawCustom(t)
	k.Normalize()
	return k
}

func drawTimes(t *rapid.T, k *desk.Ticket) {
	k.CreatedAt = drawTime(t)
	for _, p := range []*desk.Time{&k.UpdatedAt, &k.OpenedAt, &k.ClosedAt, &k.LastMessageAt, &k.LastCustomerMessageAt, &k.LastAgentMessageAt,
		&k.FirstResponseAt, &k.AssignedAt, &k.WaitingSince, &k.SLADueAt, &k.SnoozedUntil} {
		if rapid.Bool().Draw(t, "has time") {
			*p = drawTime(t)
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "trashed") == 0 {
		k.TrashedAt = drawTime(t)
	}
}

func drawCustom(t *rapid.T) map[string]desk.Value {
	all := map[string]desk.Value{"plan": {Text: pick(t, "x", "y", "w")}, "score": {Number: pick(t, 0, 1, 2.5)}, "note": {Text: pick(t, "refund my order", "nothing")},
		"gold": {Bool: rapid.Bool().Draw(t, "gold")}, "due": {Time: drawTime(t)}, "kinds": {Set: someOf(t, "x", "z")}}
	out := map[string]desk.Value{}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if rapid.Bool().Draw(t, "has "+k) {
			out[k] = all[k]
		}
	}
	return out
}

// world is an engine beside the truth.
type world struct {
	t       *rapid.T
	schema  *desk.Schema
	env     *desk.Env
	engine  *Engine
	tickets map[desk.TicketID]*desk.Ticket
	watched map[CounterID]*desk.Condition
	now     desk.Time
	version uint64
}

func newWorld(t *rapid.T, make Maker) *world {
	schema, _ := desk.NewSchema(testAccount)
	env, _ := desk.NewEnv(testAccount)
	e := New(env)
	e.Make = make
	e.Tick(begin)
	return &world{t: t, schema: schema, env: env, engine: e, tickets: map[desk.TicketID]*desk.Ticket{}, watched: map[CounterID]*desk.Condition{}, now: begin}
}

func (w *world) put() {
	id := desk.TicketID(fmt.Sprintf("t%d", rapid.IntRange(0, 12).Draw(w.t, "id")))
	w.version++
	w.tickets[id] = drawTicket(w.t, id, w.version)
	w.engine.Put(w.tickets[id])
	if rapid.IntRange(0, 3).Draw(w.t, "again") == 0 {
		w.engine.Put(w.tickets[id]) // told twice
	}
}

func (w *world) watch() {
	c := drawCondition(w.t, w.schema)
	w.watched[w.engine.Watch(c)] = c
}

func (w *world) release() {
	for _, id := range slices.Sorted(maps.Keys(w.watched)) {
		if rapid.IntRange(0, 3).Draw(w.t, "release") == 0 {
			w.engine.Release(id)
			delete(w.watched, id)
		}
	}
}

// TestEveryCountIsARecount holds I8, I9, I10, I17 and VC-1, VC-4, VC-7 to VC-9
// over random trees, tickets, steps and jumps in time, for both matchers.
func TestEveryCountIsARecount(t *testing.T) {
	for name, make := range map[string]Maker{"bits": Bits, "plain": Plain} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { newWorld(t, make).live() })
		})
	}
}

func (w *world) live() {
	w.t.Repeat(map[string]func(*rapid.T){
		"put":     func(t *rapid.T) { w.t = t; w.put() },
		"watch":   func(t *rapid.T) { w.t = t; w.watch(); w.watch() },
		"release": func(t *rapid.T) { w.t = t; w.release() },
		"sweep":   func(t *rapid.T) { w.engine.Sweep(rapid.IntRange(1, 5).Draw(t, "rows")) },
		"remove": func(t *rapid.T) {
			id := desk.TicketID(fmt.Sprintf("t%d", rapid.IntRange(0, 12).Draw(t, "id")))
			delete(w.tickets, id)
			w.engine.Remove(id)
		},
		"time": func(t *rapid.T) {
			w.now += desk.Time(pick(t, 1, 999, 1000, 60000, 3600000, 86400000))
			w.engine.Tick(w.now)
		},
		"instant": func(*rapid.T) { // to the very instant at which something turns, and just before
			if due := w.engine.Due(); due != desk.Never {
				w.now = max(w.now, due-1)
				w.engine.Tick(w.now)
				w.check()
				w.now = max(w.now, due)
				w.engine.Tick(w.now)
			}
		},
		"": func(t *rapid.T) { w.t = t; w.check() },
	})
	for w.engine.Sweep(3) {
	}
	w.check()
	w.engine.Audit(1 << 20)
	w.engine.Audit(1 << 20)
	if _, drift := w.engine.Audited(); drift != 0 {
		w.t.Fatalf("the audit found drift of %d", drift)
	}
}

// check compares every exact counter, its list and its members with brute force.
func (w *world) check() {
	for _, id := range slices.Sorted(maps.Keys(w.watched)) {
		n, exact := w.engine.Count(id)
		if !exact {
			continue
		}
		var truth []desk.TicketID
		for _, tid := range slices.Sorted(maps.Keys(w.tickets)) {
			ok, _ := w.watched[id].Eval(w.tickets[tid], w.env, w.now)
			if ok {
				truth = append(truth, tid)
			}
			if w.engine.Stands(tid, id) != ok {
				w.t.Fatalf("%s: stands in %s: %t, truly %t\nticket %s\nnow %s", tid, w.watched[id].Key(), !ok, ok, w.tickets[tid].AppendJSON(nil), w.now)
			}
		}
		if n != int64(len(truth)) {
			w.t.Fatalf("counted %d, truly %d: %s", n, len(truth), w.watched[id].Key())
		}
		var listed []desk.TicketID
		for _, p := range w.engine.Page(id, desk.Sort{Field: "created_at"}, nil, 100) {
			listed = append(listed, p.ID)
		}
		slices.Sort(listed)
		if !slices.Equal(listed, truth) {
			w.t.Fatalf("listed %v, truly %v: %s", listed, truth, w.watched[id].Key())
		}
	}
}

// TestOrderOfTicketsDoesNotMatter holds I22.
func TestOrderOfTicketsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newWorld(t, Bits)
		for range 4 {
			a.watch()
		}
		for range 20 {
			a.put()
		}
		b := newWorld(t, Bits)
		for _, id := range slices.Sorted(maps.Keys(a.watched)) {
			b.watched[b.engine.Watch(a.watched[id])] = a.watched[id]
		}
		ids := slices.Collect(maps.Keys(a.tickets))
		for _, id := range ids {
			b.tickets[id] = a.tickets[id]
			b.engine.Put(a.tickets[id])
		}
		for a.engine.Sweep(7) || b.engine.Sweep(100) {
		}
		b.check()
		a.check()
	})
}

// TestPagesAreTheWholeListInOrder holds VC-13: each sort, either direction,
// nulls last, no ticket twice or missing over pages of any size.
func TestPagesAreTheWholeListInOrder(t *testing.T) {
	sorts := []string{"", "created_at", "closed_at", "status", "priority", "message_count", "satisfaction", "custom.score", "custom.due"}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Bits)
		for range 25 {
			w.put()
		}
		c, _, _ := w.schema.Parse([]byte(`{"op":"and","of":[]}`))
		id := w.engine.Watch(c)
		for w.engine.Sweep(100) {
		}
		by := desk.Sort{Field: pick(t, sorts...), Asc: rapid.Bool().Draw(t, "asc")}
		size := rapid.IntRange(1, 6).Draw(t, "size")
		var all []Place
		var after *Place
		for {
			page := w.engine.Page(id, by, after, size)
			all = append(all, page...)
			if len(page) < size {
				break
			}
			p, err := ParsePlace(page[len(page)-1].String())
			if err != nil {
				t.Fatal(err)
			}
			after = &p
		}
		if len(all) != len(w.tickets) {
			t.Fatalf("%d listed of %d", len(all), len(w.tickets))
		}
		for i := 1; i < len(all); i++ {
			if all[i-1].Compare(all[i], by.Asc) >= 0 {
				t.Fatalf("%v before %v", all[i-1], all[i])
			}
		}
	})
}

// TestChangedEnvCountsAnew holds the row "clock/DST change" of DOMAIN 1.9.
func TestChangedEnvCountsAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Bits)
		for range 6 {
			w.watch()
		}
		for range 12 {
			w.put()
		}
		for w.engine.Sweep(5) {
		}
		moved := testAccount
		moved.Zone = "Asia/Kathmandu"
		moved.Calendars = nil
		w.env, _ = desk.NewEnv(moved)
		w.engine.SetEnv(w.env)
		for w.engine.Sweep(5) {
		}
		w.check()
	})
}

func TestACounterIsSharedByEqualConditions(t *testing.T) {
	schema, env := testEnv(t)
	e := New(env)
	a, _, _ := schema.Parse([]byte(`{"op":"and","of":[{"field":"status","is":"is","value":"open"},{"field":"tags","is":"has_any","value":["x","y"]}]}`))
	b, _, _ := schema.Parse([]byte(`{"op":"and","of":[{"field":"tags","is":"has_any","value":["y","x"]},{"field":"status","is":"in","value":["open"]}]}`))
	if e.Watch(a) != e.Watch(b) || e.Counters() != 1 {
		t.Error("equal conditions have two counters")
	}
}
