package views

import (
	"github.com/deskwire/deskwire/internal/desk"
)

// statusWord is the place of the status, which a row keeps apart.
const statusWord = -1

// wordLayer is a field with one word: a vector for each word that is asked
// for, one for the empty field and one for all other words.
type wordLayer struct {
	at      int
	place   []uint32 // by word: its vector; 0 for the words not asked for
	vectors []vector
}

func newWordLayer(a *asked, w *words, env *desk.Env, at int) *wordLayer {
	l := &wordLayer{at: at}
	l.vectors = append(l.vectors, a.vectorOf(env, probeWord(a.key, "\x00"))) // no word of a ticket
	l.point(0, a.vectorOf(env, func(*desk.Ticket) {}))
	for _, s := range ranked(a) {
		l.point(w.code(s), a.vectorOf(env, probeWord(a.key, s)))
	}
	return l
}

// ranked adds to the values named all those of a field with an order, where a
// literal may mean values it does not name.
func ranked(a *asked) []string {
	all := a.values()
	switch a.key {
	case "status":
		all = all[:0]
		for _, s := range desk.Statuses {
			all = append(all, string(s))
		}
	case "priority":
		all = all[:0]
		for _, p := range desk.Priorities {
			all = append(all, string(p))
		}
	}
	return all
}

func (l *wordLayer) point(code uint32, v vector) {
	for int(code) >= len(l.place) {
		l.place = append(l.place, 0)
	}
	l.place[code] = uint32(len(l.vectors))
	l.vectors = append(l.vectors, v)
}

func (l *wordLayer) vector(r *row) vector {
	code := r.status
	if l.at >= 0 {
		code = r.words[l.at]
	}
	if int(code) < len(l.place) {
		return l.vectors[l.place[code]]
	}
	return l.vectors[0]
}

func (l *wordLayer) passes() int { return l.vectors[0].ones() }

// probeWord puts the word into the field of a blank ticket.
func probeWord(key, s string) func(*desk.Ticket) {
	return func(t *desk.Ticket) {
		switch key {
		case "status":
			t.Status = desk.Status(s)
		case "priority":
			t.Priority = desk.Priority(s)
		case "channel":
			t.Channel = s
		case "language":
			t.Language = s
		case "via":
			t.Via = s
		case "brand":
			t.Brand = s
		case "integration":
			t.Integration = s
		case "assignee_agent":
			t.AssigneeAgent = desk.AgentID(s)
		case "assignee_team":
			t.AssigneeTeam = desk.TeamID(s)
		case "requester_org":
			t.RequesterOrg = s
		}
	}
}

// customerLayer is the customer, of whom there are too many to number.
type customerLayer struct {
	vectors      map[string]vector
	none, others vector
}

func newCustomerLayer(a *asked, env *desk.Env) *customerLayer {
	of := func(id string) vector {
		return a.vectorOf(env, func(t *desk.Ticket) { t.Customer = desk.CustomerID(id) })
	}
	l := &customerLayer{vectors: map[string]vector{}, none: of(""), others: of("\x00")}
	for _, id := range a.values() {
		l.vectors[id] = of(id)
	}
	return l
}

func (l *customerLayer) vector(r *row) vector {
	if len(r.customer) == 0 {
		return l.none
	}
	if v, ok := l.vectors[string(r.customer)]; ok {
		return v
	}
	return l.others
}

func (l *customerLayer) passes() int { return l.others.ones() }

// flagLayer is a field that is true or false.
type flagLayer struct {
	on  func(*row) bool
	off vector
	yes vector
}

var flags = map[string]struct {
	on  func(*row) bool
	set func(*desk.Ticket)
}{
	"spam":       {func(r *row) bool { return r.flags&flagSpam != 0 }, func(t *desk.Ticket) { t.Spam = true }},
	"from_agent": {func(r *row) bool { return r.flags&flagFromAgent != 0 }, func(t *desk.Ticket) { t.FromAgent = true }},
	"merged":     {func(r *row) bool { return r.flags&flagMerged != 0 }, func(t *desk.Ticket) { t.MergedInto = mergedSomewhere }},
	"trashed":    {func(r *row) bool { return r.times[timeFields-1] != 0 }, func(t *desk.Ticket) { t.TrashedAt = 1 }},
}

func newFlagLayer(a *asked, env *desk.Env) *flagLayer {
	f := flags[a.key]
	return &flagLayer{on: f.on, off: a.vectorOf(env, func(*desk.Ticket) {}), yes: a.vectorOf(env, f.set)}
}

func (l *flagLayer) vector(r *row) vector {
	if l.on(r) {
		return l.yes
	}
	return l.off
}

func (l *flagLayer) passes() int { return l.off.ones() }
