package desk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

// TestAFaultIsToldWithItsPlace: what is wrong, where in the tree, and what to
// do (VC-11).
func TestAFaultIsToldWithItsPlace(t *testing.T) {
	s, _ := language(t)
	deep := strings.Repeat(`{"op":"not","of":`, 40) + `{"field":"spam","is":"is","value":true}` + strings.Repeat("}", 40)
	wide := `{"op":"or","of":[` + strings.TrimSuffix(strings.Repeat(`{"field":"spam","is":"is","value":true},`, 2000), ",") + `]}`
	for _, c := range []struct{ condition, pointer, says string }{
		{``, "", "object"},
		{`[]`, "", "object"},
		{`{"op":"xor","of":[]}`, "/op", "and"},
		{`{"op":"and","of":{}}`, "/of", ""},
		{`{"op":"and","of":[{"field":"nope","is":"is","value":1}]}`, "/of/0/field", "nope"},
		{`{"op":"and","of":[{"op":"not","of":{"field":"status","is":"older_than","value":"1h"}}]}`, "/of/0/of/is", "status"},
		{`{"field":"status","is":"is"}`, "/value", ""},
		{`{"field":"status","is":"is","value":"opened"}`, "/value", "opened"},
		{`{"field":"status","is":"in","value":["new","opened"]}`, "/value/1", "opened"},
		{`{"field":"status","is":"empty","value":1}`, "/value", ""},
		{`{"field":"subject","is":"contains","value":""}`, "/value", ""},
		{`{"field":"subject","is":"contains","value":7}`, "/value", ""},
		{`{"field":"message_count","is":"gt","value":"7"}`, "/value", "number"},
		{`{"field":"message_count","is":"between","value":[1]}`, "/value", ""},
		{`{"field":"spam","is":"is","value":"yes"}`, "/value", "true"},
		{`{"field":"created_at","is":"older_than","value":"soon"}`, "/value", "duration"},
		{`{"field":"created_at","is":"older_than","value":"11y"}`, "/value", "duration"},
		{`{"field":"created_at","is":"before","value":"yesterday"}`, "/value", ""},
		{`{"field":"created_at","is":"today","value":{"zone":"Mars/Base"}}`, "/value", "Mars/Base"},
		{`{"field":"spam","is":"is","value":true,"extra":1}`, "/extra", ""},
		{deep, "", "deep"},
		{wide, "", ""},
	} {
		_, _, err := s.Parse([]byte(c.condition))
		var p *desk.Problem
		if !errors.As(err, &p) {
			t.Errorf("%.80s: no problem but %v", c.condition, err)
			continue
		}
		if !strings.HasPrefix(p.Pointer, c.pointer) || !strings.Contains(p.Detail, c.says) || p.Detail == "" {
			t.Errorf("%.80s:\n at %q: %s\n want at %q, saying %q", c.condition, p.Pointer, p.Detail, c.pointer, c.says)
		}
	}
}

func TestWhatIsAlwaysOrNeverTrueIsWarnedOf(t *testing.T) {
	s, _ := language(t)
	for _, c := range []struct{ condition, says string }{
		{`{"op":"and","of":[{"field":"status","is":"is","value":"new"},{"field":"status","is":"is","value":"open"}]}`, "never"},
		{`{"op":"or","of":[{"field":"spam","is":"is","value":true},{"op":"not","of":{"field":"spam","is":"is","value":true}}]}`, "always"},
		{`{"field":"status","is":"in","value":[]}`, "never"},
		{`{"op":"and","of":[{"field":"message_count","is":"gt","value":5},{"field":"message_count","is":"lt","value":2}]}`, "never"},
		{`{"op":"and","of":[{"field":"assignee_agent","is":"empty"},{"field":"assignee_agent","is":"is","value":"@me"}]}`, "never"},
		{`{"op":"and","of":[{"field":"status","is":"is","value":"new"},{"field":"priority","is":"is","value":"high"}]}`, ""},
		{`{"op":"or","of":[{"field":"status","is":"is","value":"new"},{"field":"status","is":"is","value":"open"}]}`, ""},
	} {
		_, warned, err := s.Parse([]byte(c.condition))
		if err != nil {
			t.Errorf("%s: %v", c.condition, err)
		}
		if c.says == "" && len(warned) > 0 || c.says != "" && (len(warned) == 0 || !strings.Contains(warned[0].Detail, c.says)) {
			t.Errorf("%s: warned %+v, want %q", c.condition, warned, c.says)
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]desk.Time{"30s": 30_000, "90m": 5_400_000, "1d12h": 129_600_000, "2w": 14 * 86_400_000, "P1DT12H": 129_600_000, "PT30M": 1_800_000} {
		if got, err := desk.ParseSpan(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "h", "-1h", "1y", "P1M", "PT", "1h 30m", "99999999999999999999h", "3661d", "1.5h"} {
		if got, err := desk.ParseSpan(text); err == nil {
			t.Errorf("%q is taken for %d ms", text, got)
		}
	}
	if got, err := desk.ParseSpan("3660d"); err != nil || got != desk.MaxSpan {
		t.Errorf("the longest span is refused: %d, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	s, env := language(f)
	for _, seed := range []string{`{"op":"and","of":[{"field":"status","is":"in","value":["new"]},{"op":"not","of":{"field":"tags","is":"has_any","value":["a"]}}]}`,
		`{"all":[{"field":"created_at","is":"older_than","value":"24h"}],"any":[]}`, `{"field":"sla_due_at","is":"between","value":["2026-01-01T00:00:00Z","2026-01-02T00:00:00+01:00"]}`,
		`{"field":"created_at","is":"older_than_business","value":{"span":"8h","calendar":"office"}}`, `{"field":"custom.score","is":"between","value":[1,1e308]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, _, err := s.Parse(raw)
		if err != nil {
			var p *desk.Problem
			if !errors.As(err, &p) || p.Detail == "" {
				t.Fatalf("not a problem document: %v", err)
			}
			return
		}
		text, err := c.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		d, _, err := s.Parse(text)
		if err != nil || d.Key() != c.Key() {
			t.Fatalf("%s: %v, keys %s and %s", text, err, c.Key(), d.Key())
		}
		if _, until := c.WithDefaults().Bind(desk.Viewer{}).Eval(&desk.Ticket{ID: "1", Status: "open", CreatedAt: spring}, env, spring); until <= spring {
			t.Fatalf("%s holds until %s, asked at %s", text, until, spring)
		}
	})
}

func FuzzParseTicket(f *testing.F) {
	f.Add([]byte(`{"id":"1","version":1,"subject":"a \u00e9","status":"open","message_count":0,"tags":["x"],"custom":{"a":1,"b":"x","c":true,"d":["e"]},"created_at":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"id":"1","id":"2"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var k, again desk.Ticket
		if desk.ParseTicket(raw, &k) != nil {
			return
		}
		k.Normalize()
		if k.Check() != nil {
			return
		}
		text := k.AppendJSON(nil)
		if err := desk.ParseTicket(text, &again); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again.Normalize()
		if string(again.AppendJSON(nil)) != string(text) {
			t.Fatalf("\n%s\n%s", text, again.AppendJSON(nil))
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	f.Add("1d12h")
	f.Add("P1DT2H")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := desk.ParseSpan(text); err == nil && (d < 0 || d > desk.MaxSpan) {
			t.Fatalf("%q is %d ms", text, d)
		}
	})
}

func FuzzImportGorgias(f *testing.F) {
	s, _ := language(f)
	f.Add(`eq(ticket.status, "open") && (containsAny(ticket.tags.name, ["vip"]) || isEmpty(ticket.assignee_user.id))`)
	f.Add(`!eq(ticket.channel, "chat")`)
	f.Fuzz(func(t *testing.T, text string) {
		importable(t, s, text, func() (*desk.Condition, error) { return desk.ImportGorgias(text, s) })
	})
}

func FuzzImportZendesk(f *testing.F) {
	s, _ := language(f)
	f.Add([]byte(`{"all":[{"field":"status","operator":"less_than","value":"solved"}],"any":[{"field":"current_tags","operator":"includes","value":"vip urgent"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		importable(t, s, string(raw), func() (*desk.Condition, error) { return desk.ImportZendesk(raw, s) })
	})
}

// importable: what an import gives can be saved as it is.
func importable(t *testing.T, s *desk.Schema, text string, run func() (*desk.Condition, error)) {
	c, err := run()
	if err != nil {
		return
	}
	raw, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Parse(raw); err != nil {
		t.Fatalf("%q was imported as %s, which cannot be saved: %v", text, raw, err)
	}
}
