package desk_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// TestTheTruthTable asks every row of docs/conditions.md, and wants a row for
// every operator of every type.
func TestTheTruthTable(t *testing.T) {
	s, env := language(t)
	now := desk.TimeOf(time.Date(2026, 3, 23, 12, 0, 0, 0, time.UTC))
	ann := desk.Viewer{Agent: "ann", Teams: []desk.TeamID{"blue"}, Organization: "acme"}
	asked := map[string]bool{}
	for _, row := range table(t) {
		c := parse(t, s, json.RawMessage(row[0])).Bind(ann)
		if c.Op == desk.IsLeaf {
			asked[string(c.Leaf.Field.Type)+" "+string(c.Leaf.Is)] = true
		}
		is := func(ticket string, want bool) {
			if got, _ := c.Eval(ticketOf(t, ticket), env, now); got != want {
				t.Errorf("%s of %s is %v", row[0], ticket, got)
			}
		}
		is(`{}`, row[1] == "true")
		for i, want := range []bool{true, false} {
			if row[2+i] != "" {
				is(row[2+i], want)
			}
		}
	}
	for _, f := range s.Fields() {
		for _, is := range f.Operators {
			if !asked[string(f.Type)+" "+string(is)] {
				t.Errorf("docs/conditions.md has no row for %s of a field of type %s", is, f.Type)
			}
		}
	}
}

// table reads the rows, each condition, absent, true of and false of.
func table(t *testing.T) (rows [][4]string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/conditions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Truth table")
	section, _, _ = strings.Cut(section, "\n## ")
	line := regexp.MustCompile("(?m)^\\| `(.*?)` \\| (true|false) \\|(.*?)\\|(.*?)\\|$")
	for _, m := range line.FindAllStringSubmatch(section, -1) {
		rows = append(rows, [4]string{m[1], m[2], strings.Trim(m[3], " `"), strings.Trim(m[4], " `")})
	}
	if len(rows) < 50 || len(rows) != strings.Count(section, "\n| `") {
		t.Fatalf("the table has %d rows that can be read; has its form changed?", len(rows))
	}
	return rows
}

func ticketOf(t *testing.T, fields string) *desk.Ticket {
	t.Helper()
	k := &desk.Ticket{}
	if err := desk.ParseTicket([]byte(fields), k); err != nil {
		t.Fatalf("%s: %v", fields, err)
	}
	if k.Status == "" {
		k.Status = desk.StatusNew
	}
	k.Normalize()
	return k
}

// TestImports: what has a counterpart means the same; what has none is an
// error at its place, and nothing is dropped.
func TestImports(t *testing.T) {
	s, _ := language(t)
	for _, c := range []struct{ text, want string }{
		{`eq(ticket.channel, "chat")`, `{"field":"channel","is":"is","value":"chat"}`},
		{`neq(ticket.channel, 'chat') && isEmpty(ticket.assignee_user.id)`, `{"op":"and","of":[{"field":"channel","is":"is_not","value":"chat"},{"field":"assignee_agent","is":"empty"}]}`},
		{`containsAny(ticket.tags.name, ['a', 'b']) || !isNotEmpty(ticket.channel)`, `{"op":"or","of":[{"field":"tags","is":"has_any","value":["a","b"]},{"op":"not","of":{"field":"channel","is":"not_empty"}}]}`},
		{`containsAny(ticket.subject, ['refund', 'money'])`, `{"op":"or","of":[{"field":"subject","is":"contains","value":"refund"},{"field":"subject","is":"contains","value":"money"}]}`},
		{`gteTimedelta(ticket.created_datetime, "-2d")`, `{"field":"created_at","is":"newer_than","value":"2d"}`},
		{`eq(ticket.status, 'open')`, `{"op":"and","of":[{"field":"status","is":"in","value":["new","open"]},{"field":"snoozed","is":"is","value":false}]}`},
	} {
		got, err := desk.ImportGorgias(c.text, s)
		if err != nil || got.Key() != parse(t, s, json.RawMessage(c.want)).Key() {
			raw, _ := json.Marshal(got)
			t.Errorf("%s: %s, %v; want %s", c.text, raw, err, c.want)
		}
	}
	for _, text := range []string{``, `eq(`, `eq(ticket.status)`, `eq(ticket.nope, 'x')`, `nope(ticket.status, 'x')`, `eq(ticket.channel, 'a') eq(ticket.channel, 'b')`, `eq(ticket.channel, ['a','b'])`,
		strings.Repeat("(", 100), `eq(ticket.channel, "chat`} {
		if c, err := desk.ImportGorgias(text, s); err == nil {
			raw, _ := json.Marshal(c)
			t.Errorf("%q was taken for %s", text, raw)
		}
	}
	got, err := desk.ImportZendesk([]byte(`{"all":[{"field":"status","operator":"less_than","value":"solved"},{"field":"assignee_id","operator":"is","value":"current_user"}],"any":[{"field":"current_tags","operator":"includes","value":"vip late"}]}`), s)
	want := `{"op":"and","of":[{"field":"status","is":"lt","value":"solved"},{"field":"assignee_agent","is":"is","value":"@me"},{"field":"tags","is":"has_any","value":["vip","late"]}]}`
	if err != nil || got.Key() != parse(t, s, json.RawMessage(want)).Key() {
		raw, _ := json.Marshal(got)
		t.Errorf("%s %v", raw, err)
	}
	if _, err := desk.ImportZendesk([]byte(`{"all":[{"field":"recipient","operator":"is","value":"x"}]}`), s); err == nil || !strings.Contains(err.Error(), "recipient") {
		t.Error(err)
	}
}
