package desk_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

// shop is an account with every kind of custom field and a calendar with a
// lunch break and a holiday.
var shop = desk.Account{ID: "shop", Zone: "Europe/Rome",
	Calendars: []desk.Calendar{{ID: "office", Holidays: []string{"2026-03-30"}, Hours: map[string][]desk.Hours{
		"monday": {{From: "09:00", To: "12:30"}, {From: "13:30", To: "18:00"}}, "tuesday": {{From: "09:00", To: "18:00"}}, "sunday": {{From: "00:00", To: "24:00"}}}}},
	Fields: []desk.FieldDef{{Key: "plan", Type: desk.EnumField}, {Key: "owner", Type: desk.RefField}, {Key: "kinds", Type: desk.SetField}, {Key: "note", Type: desk.TextField},
		{Key: "score", Type: desk.NumberField}, {Key: "gold", Type: desk.BoolField}, {Key: "due", Type: desk.TimeField}}}

// spring is two days before the clocks change in Europe.
const spring = desk.Time(1774600000000)

func language(t testing.TB) (*desk.Schema, *desk.Env) {
	t.Helper()
	s, err := desk.NewSchema(shop)
	if err != nil {
		t.Fatal(err)
	}
	e, err := desk.NewEnv(shop)
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

func pick[T any](t *rapid.T, all ...T) T { return rapid.SampledFrom(all).Draw(t, "pick") }

func some(t *rapid.T, all ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 3, rapid.ID[string]).Draw(t, "some")
}

func drawInstant(t *rapid.T) desk.Time {
	return spring + desk.Time(rapid.Int64Range(-9*86_400_000, 9*86_400_000).Draw(t, "instant"))
}

func values(f desk.FieldSpec) []string {
	if len(f.Options) > 0 {
		return f.Options
	}
	return []string{"x", "y", "z"}
}

func drawOperand(t *rapid.T, f desk.FieldSpec, is desk.Operator) any {
	switch {
	case is == desk.Empty || is == desk.NotEmpty:
		return nil
	case slices.Contains([]desk.Operator{desk.In, desk.NotIn, desk.HasAll, desk.HasAny, desk.HasNone}, is):
		return some(t, values(f)...)
	case f.Type == desk.EnumField || f.Type == desk.RefField:
		return pick(t, values(f)...)
	case f.Type == desk.TextField:
		return pick(t, "refund", "My ORDER", "über")
	case f.Type == desk.NumberField && is == desk.Between:
		return []float64{0, pick(t, 1.0, 2.5)}
	case f.Type == desk.NumberField:
		return pick(t, 0, 1, 2.5)
	case f.Type == desk.BoolField:
		return rapid.Bool().Draw(t, "bool")
	case is == desk.Before || is == desk.After:
		return drawInstant(t)
	case is == desk.Between:
		return []desk.Time{drawInstant(t), drawInstant(t)}
	case is == desk.Today || is == desk.ThisWeek:
		return pick[any](t, nil, map[string]string{"zone": "Australia/Lord_Howe"})
	}
	return pick(t, "1s", "90m", "8h", "24h", "7d")
}

func drawLeaf(t *rapid.T, s *desk.Schema, of func(desk.FieldSpec) bool) map[string]any {
	f := pick(t, slices.DeleteFunc(slices.Clone(s.Fields()), func(f desk.FieldSpec) bool { return !of(f) })...)
	is := pick(t, f.Operators...)
	leaf := map[string]any{"field": f.Key, "is": is}
	if v := drawOperand(t, f, is); v != nil {
		leaf["value"] = v
	}
	return leaf
}

func drawTree(t *rapid.T, s *desk.Schema, depth int, of func(desk.FieldSpec) bool) map[string]any {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		return drawLeaf(t, s, of)
	}
	op := pick(t, "and", "or", "not")
	if op == "not" {
		return map[string]any{"op": op, "of": drawTree(t, s, depth-1, of)}
	}
	kids := []any{}
	for range rapid.IntRange(0, 3).Draw(t, "children") {
		kids = append(kids, drawTree(t, s, depth-1, of))
	}
	return map[string]any{"op": op, "of": kids}
}

func parse(t interface{ Fatalf(string, ...any) }, s *desk.Schema, tree any) *desk.Condition {
	raw, _ := json.Marshal(tree) // of maps, texts and numbers
	c, _, err := s.Parse(raw)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return c
}

func drawTicket(t *rapid.T) *desk.Ticket {
	word := func() string { return pick(t, "", "x", "y", "w") }
	k := &desk.Ticket{ID: "1", Version: 3, Status: pick(t, desk.Statuses...), Priority: pick(t, append(slices.Clone(desk.Priorities), "")...),
		Subject: pick(t, "", "Refund", "my order 7 is late", "Überweisung \"x\"\n"), Channel: word(), Language: word(), Via: word(), Brand: word(), Integration: word(),
		AssigneeAgent: desk.AgentID(word()), AssigneeTeam: desk.TeamID(word()), Customer: desk.CustomerID(word()), RequesterName: word(), RequesterOrg: word(),
		Tags: some(t, "x", "y", "w"), Skills: some(t, "x"), Spam: rapid.Bool().Draw(t, "spam"), FromAgent: rapid.Bool().Draw(t, "from"),
		MessageCount: rapid.IntRange(0, 3).Draw(t, "n"), CreatedAt: drawInstant(t)}
	for _, p := range []*desk.Time{&k.UpdatedAt, &k.OpenedAt, &k.ClosedAt, &k.LastMessageAt, &k.WaitingSince, &k.SLADueAt, &k.SnoozedUntil, &k.TrashedAt} {
		if rapid.Bool().Draw(t, "has time") {
			*p = drawInstant(t)
		}
	}
	all := map[string]desk.Value{"plan": {Text: "x"}, "owner": {Text: "y"}, "kinds": {Set: []string{"x", "z"}}, "note": {Text: "a refund"}, "score": {Number: 2.5}, "gold": {Bool: true}, "due": {Time: drawInstant(t)}}
	k.Custom = map[string]desk.Value{}
	for _, f := range shop.Fields {
		if rapid.Bool().Draw(t, "has "+f.Key) {
			k.Custom[f.Key] = all[f.Key]
		}
	}
	k.Normalize()
	return k
}
