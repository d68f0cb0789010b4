package replay

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Mirror is the tickets as they must be by now, worked out here from what
// the documentation says an event does. It is used by one goroutine.
type Mirror struct {
	tickets []*desk.Ticket
	byID    map[desk.TicketID]*desk.Ticket
}

// NewMirror holds nothing yet.
func NewMirror() *Mirror { return &Mirror{byID: map[desk.TicketID]*desk.Ticket{}} }

// do does the deed.
func (m *Mirror) do(d *deed) error {
	if d.open != nil {
		m.create(d)
		return nil
	}
	t := m.byID[d.id]
	if t == nil {
		return fmt.Errorf("ticket %s is not there", d.id)
	}
	was := *t
	if d.write != nil {
		hear(t, d.write)
		t.Normalize()
	} else {
		d.change(t)
		if t.Normalize(); same(&was, t) {
			return nil // nothing changed: not even the time of the last change
		}
	}
	derive(&was, t, d.at)
	return nil
}

func same(a, b *desk.Ticket) bool { return bytes.Equal(a.AppendJSON(nil), b.AppendJSON(nil)) }

func (m *Mirror) create(d *deed) {
	t := *d.open
	t.Normalize()
	t.CreatedAt, t.UpdatedAt, t.OpenedAt = d.at, d.at, d.at
	m.byID[t.ID] = &t
	m.tickets = append(m.tickets, &t)
}

// change sets the fields and tags.
func (d *deed) change(t *desk.Ticket) {
	for _, c := range d.set {
		c.to(t)
	}
	tags := slices.DeleteFunc(slices.Clone(t.Tags), func(tag string) bool { return slices.Contains(d.drop, tag) })
	t.Tags = append(tags, d.add...)
}

// hear is what a message changes.
func hear(t *desk.Ticket, m *desk.Message) {
	t.MessageCount++
	t.LastMessageAt = m.At
	t.ReadBy = nil
	if m.From.Kind == desk.FromAgent && m.From.ID != "" {
		t.ReadBy = []desk.AgentID{desk.AgentID(m.From.ID)}
		t.Participants = append(slices.Clone(t.Participants), desk.AgentID(m.From.ID))
	}
	if m.Kind != desk.Public {
		return
	}
	if t.FromAgent = m.From.Kind == desk.FromAgent; t.FromAgent {
		hearAgent(t, m.At)
		return
	}
	t.LastCustomerMessageAt, t.SnoozedUntil = m.At, 0
	if t.WaitingSince == 0 {
		t.WaitingSince = m.At
	}
	if t.Status != desk.StatusNew {
		t.Status = desk.StatusOpen
	}
}

func hearAgent(t *desk.Ticket, at desk.Time) {
	t.LastAgentMessageAt, t.WaitingSince = at, 0
	if t.FirstResponseAt == 0 {
		t.FirstResponseAt = at
	}
	if t.Status == desk.StatusNew {
		t.Status = desk.StatusOpen
	}
}

// derive sets the times that follow from a change at the instant.
func derive(was, t *desk.Ticket, at desk.Time) {
	t.UpdatedAt = at
	if t.AssigneeAgent != was.AssigneeAgent {
		t.AssignedAt = at
		if t.AssigneeAgent == "" {
			t.AssignedAt = 0
		}
	}
	switch done, before := finished(t), finished(was); {
	case done && !before:
		t.ClosedAt = at
	case before && !done:
		t.ClosedAt, t.OpenedAt = 0, at
	}
}

func finished(t *desk.Ticket) bool {
	return t.Status == desk.StatusSolved || t.Status == desk.StatusClosed
}

// A question is one view as one agent sees it: several agents may share it.
type question struct {
	condition *desk.Condition
	key       string
}

// Oracle answers questions by asking every ticket plainly.
type Oracle struct {
	mirror *Mirror
	env    *desk.Env
	known  map[string]int // answers at the instant, by the question's key
	at     desk.Time
}

// oracle answers for the tickets as they are now, at the instant.
func (m *Mirror) oracle(env *desk.Env, at desk.Time) *Oracle {
	return &Oracle{mirror: m, env: env, at: at, known: map[string]int{}}
}

// count is how many tickets the question holds.
func (o *Oracle) count(q *question) int {
	if n, ok := o.known[q.key]; ok {
		return n
	}
	n := 0
	for _, t := range o.mirror.tickets {
		if ok, _ := q.condition.Eval(t, o.env, o.at); ok {
			n++
		}
	}
	o.known[q.key] = n
	return n
}

// list is which tickets the question holds, sorted.
func (o *Oracle) list(q *question) (ids []string) {
	for _, t := range o.mirror.tickets {
		if ok, _ := q.condition.Eval(t, o.env, o.at); ok {
			ids = append(ids, string(t.ID))
		}
	}
	slices.Sort(ids)
	return ids
}
