package desk_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

func any1(desk.FieldSpec) bool { return true }

func timed(f desk.FieldSpec) bool {
	return f.Type == desk.TimeField || f.Key == "snoozed" || f.Key == "status"
}

// TestValueHoldsUntilItSays travels in time: between now and until the value
// must not change (VC-5, I9). Instants are drawn near every edge a window has.
func TestValueHoldsUntilItSays(t *testing.T) {
	s, env := language(t)
	rapid.Check(t, func(t *rapid.T) {
		c, k, now := parse(t, s, drawTree(t, s, 3, timed)).WithDefaults(), drawTicket(t), drawInstant(t)
		value, until := c.Eval(k, env, now)
		if until <= now {
			t.Fatalf("at %s it holds until %s, which is not later", now, until)
		}
		span := min(until-now, 40*86_400_000)
		for _, at := range []desk.Time{now, now + 1, now + span/3, now + span/2, now + span - 1} {
			if at >= until {
				continue
			}
			if again, _ := c.Eval(k, env, at); again != value {
				t.Fatalf("it is %v at %s, to hold until %s, but %v at %s", value, now, until, again, at)
			}
		}
	})
}

// TestUntilIsNotMuchTooEarly: a leaf that is about time alone changes at until,
// so that no timer is armed for nothing.
func TestUntilIsNotMuchTooEarly(t *testing.T) {
	s, env := language(t)
	for _, is := range []string{"older_than", "newer_than", "within_next", "within_last"} {
		c := parse(t, s, map[string]any{"field": "sla_due_at", "is": is, "value": "8h"})
		for _, away := range []time.Duration{-20 * time.Hour, -8 * time.Hour, -time.Hour, -1, 0, 1, time.Hour, 8 * time.Hour, 20 * time.Hour} {
			k := &desk.Ticket{ID: "1", Status: "open", SLADueAt: spring.Add(away)}
			value, until := c.Eval(k, env, spring)
			if until == desk.Never {
				continue
			}
			if at, _ := c.Eval(k, env, until); at == value {
				t.Errorf("%s, due %s from now: armed for %s, where nothing changes", is, away, until)
			}
		}
	}
}

// TestConditionsAreTwoValued holds De Morgan and the excluded middle, absent
// values included (DOMAIN 2.2).
func TestConditionsAreTwoValued(t *testing.T) {
	s, env := language(t)
	rapid.Check(t, func(t *rapid.T) {
		a, b, k, now := drawTree(t, s, 2, any1), drawTree(t, s, 2, any1), drawTicket(t), drawInstant(t)
		not := func(x any) map[string]any { return map[string]any{"op": "not", "of": x} }
		both := func(op string, x, y any) map[string]any { return map[string]any{"op": op, "of": []any{x, y}} }
		ask := func(tree any) bool {
			v, _ := parse(t, s, tree).Bind(desk.Viewer{Agent: "x"}).Eval(k, env, now)
			return v
		}
		if ask(not(not(a))) != ask(a) {
			t.Fatal("not not a is not a")
		}
		if ask(both("or", a, not(a))) != true || ask(both("and", a, not(a))) != false {
			t.Fatal("a is neither true nor false")
		}
		if ask(not(both("and", a, b))) != ask(both("or", not(a), not(b))) {
			t.Fatal("De Morgan does not hold")
		}
	})
}

// TestConditionsSurviveTheWire: written and read again, a condition is the same
// and has the same key; the same key means the same value.
func TestConditionsSurviveTheWire(t *testing.T) {
	s, env := language(t)
	rapid.Check(t, func(t *rapid.T) {
		c, k, now := parse(t, s, drawTree(t, s, 3, any1)), drawTicket(t), drawInstant(t)
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		d, _, err := s.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if c.Key() != d.Key() {
			t.Fatalf("keys differ:\n%s\n%s", c.Key(), d.Key())
		}
		x, xu := c.Bind(desk.Viewer{Agent: "x"}).Eval(k, env, now)
		y, yu := d.Bind(desk.Viewer{Agent: "x"}).Eval(k, env, now)
		if x != y || xu != yu {
			t.Fatalf("%v until %s, then %v until %s", x, xu, y, yu)
		}
	})
}

// TestTicketsSurviveTheWire holds the hand-written encoder against the reader.
func TestTicketsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawTicket(t)
		var got desk.Ticket
		if err := desk.ParseTicket(k.AppendJSON(nil), &got); err != nil {
			t.Fatalf("%s: %v", k.AppendJSON(nil), err)
		}
		got.Normalize()
		if string(got.AppendJSON(nil)) != string(k.AppendJSON(nil)) || !reflect.DeepEqual(got.Tags, k.Tags) {
			t.Fatalf("\n%s\n%s", k.AppendJSON(nil), got.AppendJSON(nil))
		}
	})
}

func at(t *testing.T, zone, text string) desk.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	x, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return desk.TimeOf(x)
}

// TestDaysAndOfficeHoursAreThoseOfTheClockOnTheWall: a day has 23, 24, 24.5 or
// 25 hours, and holidays and lunch do not count as office hours.
func TestDaysAndOfficeHoursAreThoseOfTheClockOnTheWall(t *testing.T) {
	s, env := language(t)
	cases := []struct {
		condition string
		zone      string
		ticket    string // created at, on the wall of zone
		now       string
		want      bool
		until     string // on the wall of zone; "" is never
	}{
		{`{"field":"created_at","is":"today"}`, "Europe/Rome", "2026-03-29 00:30", "2026-03-29 12:00", true, "2026-03-30 00:00"},
		{`{"field":"created_at","is":"today"}`, "Europe/Rome", "2026-03-28 23:59", "2026-03-29 00:00", false, ""},
		{`{"field":"created_at","is":"today"}`, "Europe/Rome", "2026-10-25 00:30", "2026-10-25 23:30", true, "2026-10-26 00:00"},
		{`{"field":"created_at","is":"today","value":{"zone":"Australia/Lord_Howe"}}`, "Australia/Lord_Howe", "2026-04-05 00:10", "2026-04-05 23:50", true, "2026-04-06 00:00"},
		{`{"field":"created_at","is":"this_week"}`, "Europe/Rome", "2026-03-23 00:00", "2026-03-29 23:59", true, "2026-03-30 00:00"},
		{`{"field":"created_at","is":"this_week"}`, "Europe/Rome", "2026-03-22 23:59", "2026-03-29 12:00", false, ""},
		// A span is exact: the day on which the clocks change has 23 hours, the span 24.
		{`{"field":"created_at","is":"older_than","value":"24h"}`, "Europe/Rome", "2026-03-28 12:00", "2026-03-29 12:30", false, "2026-03-29 13:00"},
		// Tuesday 17:00 and three office hours: one on Tuesday; no Wednesday to Saturday; two on Sunday from 00:00.
		{`{"field":"created_at","is":"older_than_business","value":"3h"}`, "Europe/Rome", "2026-03-17 17:00", "2026-03-22 01:59", false, "2026-03-22 02:00"},
		{`{"field":"created_at","is":"older_than_business","value":"3h"}`, "Europe/Rome", "2026-03-17 17:00", "2026-03-22 02:00", true, ""},
		// Monday 12:00: half an hour before lunch, half an hour after it.
		{`{"field":"created_at","is":"older_than_business","value":"1h"}`, "Europe/Rome", "2026-03-23 12:00", "2026-03-23 13:59", false, "2026-03-23 14:00"},
		// Sunday 29th has 23 hours; Monday 30th is a holiday: Tuesday 09:00 goes on.
		{`{"field":"created_at","is":"older_than_business","value":"24h"}`, "Europe/Rome", "2026-03-29 00:00", "2026-03-31 09:59", false, "2026-03-31 10:00"},
		{`{"field":"created_at","is":"newer_than_business","value":"1h"}`, "Europe/Rome", "2026-03-23 12:00", "2026-03-23 13:59", true, "2026-03-23 14:00"},
	}
	for _, c := range cases {
		k := &desk.Ticket{ID: "1", Status: "open", CreatedAt: at(t, c.zone, c.ticket)}
		until := desk.Never
		if c.until != "" {
			until = at(t, c.zone, c.until)
		}
		got, gotUntil := parse(t, s, json.RawMessage(c.condition)).Eval(k, env, at(t, c.zone, c.now))
		if got != c.want || gotUntil != until {
			t.Errorf("%s of %s, asked at %s: %v until %s; want %v until %s", c.condition, c.ticket, c.now, got, gotUntil, c.want, until)
		}
	}
}
