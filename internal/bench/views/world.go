package views

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// now is the instant of the bench: nothing in it depends on when it runs.
const now = desk.Time(1772442000000)

const day = desk.Time(24 * time.Hour / time.Millisecond)

var (
	channels   = []string{"email", "chat", "phone", "social", "web"}
	languages  = []string{"en", "it", "de", "fr"}
	priorities = desk.Priorities
)

// Sizes of the drawn helpdesk.
const (
	agents    = 300
	teams     = 20
	customers = 50_000
)

// draw makes the i-th ticket as some helpdesk has it: three of four are done.
func draw(r *rand.Rand, i int) desk.Ticket {
	created := now - desk.Time(r.Float64()*r.Float64()*float64(400*day))
	t := desk.Ticket{ID: desk.TicketID(fmt.Sprintf("t%07d", i)), Version: 1, Subject: "Where is my order " + fmt.Sprint(r.IntN(90_000)), CreatedAt: created,
		Channel: channels[r.IntN(len(channels))], Language: languages[r.IntN(len(languages))], Priority: priorities[r.IntN(len(priorities))],
		Customer: desk.CustomerID(fmt.Sprintf("c%d", r.IntN(customers))), MessageCount: 1 + r.IntN(12)}
	redraw(r, &t)
	return t
}

// redraw changes what changes in a ticket's life.
func redraw(r *rand.Rand, t *desk.Ticket) {
	t.UpdatedAt = t.CreatedAt + desk.Time(r.Float64()*float64(now-t.CreatedAt))
	t.Status = desk.StatusClosed
	if r.IntN(4) == 0 {
		t.Status = desk.Statuses[r.IntN(4)]
	}
	t.AssigneeTeam = desk.TeamID(fmt.Sprintf("team-%d", r.IntN(teams)))
	t.AssigneeAgent = ""
	if r.IntN(5) > 0 {
		t.AssigneeAgent = desk.AgentID(fmt.Sprintf("agent-%d", r.IntN(agents)))
	}
}

// A view is one condition in both languages.
type view struct {
	condition *desk.Condition
	where     string
}

// clause is one leaf in both languages.
type clause struct {
	leaf map[string]any
	sql  string
}

// drawClause draws a leaf as agents' views have them.
func drawClause(r *rand.Rand) clause {
	leaf := func(field, is string, v any) map[string]any {
		return map[string]any{"field": field, "is": is, "value": v}
	}
	agent, team := fmt.Sprintf("agent-%d", r.IntN(agents)), fmt.Sprintf("team-%d", r.IntN(teams))
	channel, language := channels[r.IntN(len(channels))], languages[r.IntN(len(languages))]
	priority, hours := r.IntN(len(priorities)), 1+r.IntN(2000)
	switch r.IntN(8) {
	case 0:
		return clause{leaf("assignee_agent", "is", agent), "agent = '" + agent + "'"}
	case 1:
		return clause{leaf("assignee_team", "is", team), "team = '" + team + "'"}
	case 2:
		return clause{leaf("channel", "is", channel), "channel = '" + channel + "'"}
	case 3:
		return clause{leaf("language", "is_not", language), "language <> '" + language + "'"}
	case 4:
		return clause{leaf("priority", "is", string(priorities[priority])), "priority = '" + string(priorities[priority]) + "'"}
	case 5:
		return clause{leaf("updated_at", "older_than", fmt.Sprintf("%dh", hours)), fmt.Sprintf("updated <= %d", now-desk.Time(hours)*3_600_000)}
	case 6:
		return clause{leaf("message_count", "ge", hours%12), fmt.Sprintf("messages >= %d", hours%12)}
	}
	return clause{map[string]any{"field": "assignee_agent", "is": "empty"}, "agent IS NULL"}
}

// drawView draws a view: what is open, and one to three clauses more.
func drawView(r *rand.Rand, schema *desk.Schema) (view, error) {
	of := []any{map[string]any{"field": "status", "is": "in", "value": []string{"new", "open"}}}
	where := []string{"status IN ('new', 'open')"}
	for range 1 + r.IntN(3) {
		c := drawClause(r)
		of, where = append(of, c.leaf), append(where, c.sql)
	}
	text, err := json.Marshal(map[string]any{"op": "and", "of": of})
	if err != nil {
		return view{}, err
	}
	c, _, err := schema.Parse(text)
	if err != nil {
		return view{}, fmt.Errorf("%s: %w", text, err)
	}
	return view{c.WithDefaults(), strings.Join(where, " AND ")}, nil
}

// drawViews draws n different views.
func drawViews(r *rand.Rand, n int) ([]view, error) {
	schema, err := desk.NewSchema(desk.Account{ID: "bench"})
	if err != nil {
		return nil, err
	}
	seen, out := map[string]bool{}, make([]view, 0, n)
	for len(out) < n {
		v, err := drawView(r, schema)
		if err != nil {
			return nil, err
		}
		if !seen[v.condition.Key()] {
			seen[v.condition.Key()] = true
			out = append(out, v)
		}
	}
	return out, nil
}
