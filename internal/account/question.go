package account

import (
	"encoding/json"

	"github.com/deskwire/deskwire/internal/account/views"
	"github.com/deskwire/deskwire/internal/desk"
)

// A question waits until what it asks for is counted exactly.
type question struct {
	counters []views.CounterID
	release  bool // they were watched for this question only
	answer   func() (any, error)
	done     func(any, error)
}

// Ask answers a query by calling done, at once or after a later Flush. It is
// called when everything stepped is durable, so an answer never tells more than
// the disk knows.
func (s *State) Ask(q desk.Query, done func(any, error)) {
	switch q := q.(type) {
	case desk.ListTickets:
		s.askList(q, done)
	case desk.CountFilter:
		s.askPreview(q, done)
	case desk.ListCounts:
		s.askCounts(q, done)
	case desk.GetTicket:
		done(s.dossier(q))
	case desk.GetThings:
		done(s.things(q))
	case desk.GetAccount:
		done(s.account, nil)
	case desk.GetHealth:
		done(s.health(), nil)
	default:
		done(nil, desk.Problemf(desk.Invalid, "this account knows no query of that kind"))
	}
}

// Answer answers the questions whose counts have become exact.
func (s *State) Answer() {
	waiting := s.asked[:0]
	for _, q := range s.asked {
		if !s.exact(q.counters) {
			waiting = append(waiting, q)
			continue
		}
		q.done(q.answer())
		if q.release {
			for _, c := range q.counters {
				s.engine.Release(c)
			}
		}
	}
	clear(s.asked[len(waiting):])
	s.asked = waiting
}

func (s *State) exact(counters []views.CounterID) bool {
	for _, c := range counters {
		if _, exact := s.engine.Count(c); !exact {
			return false
		}
	}
	return true
}

func (s *State) wait(q *question) {
	s.asked = append(s.asked, q)
	s.Answer()
}

// looker gives who asks: an active agent, or nil for the backend.
func (s *State) looker(id desk.AgentID) (*desk.Agent, error) {
	if id == "" {
		return nil, nil
	}
	if a := s.agents[id]; a != nil && !a.Disabled {
		return a, nil
	}
	return nil, desk.Problemf(desk.Forbidden, "agent %s is not active in this account", id)
}

// through is the condition as the one who asks sees it.
func (s *State) through(a *desk.Agent, c *desk.Condition) *desk.Condition {
	if a == nil {
		return c
	}
	return s.bound(a, s.viewerOf(a), c)
}

// asksFor finds the condition a list query is about, and its order.
func (s *State) asksFor(a *desk.Agent, q *desk.ListTickets) (*desk.Condition, desk.Sort, error) {
	if q.View == "" {
		c, _, err := s.schema.Parse(q.Filter)
		if err != nil {
			return nil, q.Sort, under("/filter", err)
		}
		return c.WithDefaults(), q.Sort, nil
	}
	v := s.views[q.View]
	if v == nil || a != nil && !v.seenBy(a, s.teamsOf(a.ID)) {
		return nil, q.Sort, desk.Problemf(desk.NotFound, "there is no view %s", q.View)
	}
	if v.invalid != "" {
		return nil, q.Sort, desk.Problemf(desk.Conflict, "the view cannot be counted: %s", v.invalid)
	}
	by := q.Sort
	if by == (desk.Sort{}) {
		by = v.Sort
	}
	return v.condition, by, nil
}

func (s *State) askList(q desk.ListTickets, done func(any, error)) {
	c, by, after, err := s.prepareList(&q)
	if err != nil {
		done(nil, err)
		return
	}
	id := s.engine.Watch(c)
	s.wait(&question{counters: []views.CounterID{id}, release: true, done: done, answer: func() (any, error) {
		return s.page(id, by, after, q.Limit)
	}})
}

func (s *State) prepareList(q *desk.ListTickets) (c *desk.Condition, by desk.Sort, after *views.Place, err error) {
	a, err := s.looker(q.Agent)
	if err != nil {
		return nil, by, nil, err
	}
	if c, by, err = s.asksFor(a, q); err != nil {
		return nil, by, nil, err
	}
	if q.And != nil {
		more, _, err := s.schema.Parse(q.And)
		if err != nil {
			return nil, by, nil, under("/filter", err)
		}
		c = &desk.Condition{Op: desk.And, Of: []*desk.Condition{c, more}}
	}
	if err := s.schema.CheckSort(by); err != nil {
		return nil, by, nil, under("/sort", err)
	}
	if q.Limit == 0 {
		q.Limit = desk.DefaultPage
	}
	if q.Limit < 1 || q.Limit > desk.MaxPage {
		return nil, by, nil, desk.Invalidf("/limit", "a page has 1 to %d tickets", desk.MaxPage)
	}
	if q.After != "" {
		p, err := views.ParsePlace(q.After)
		if err != nil {
			return nil, by, nil, err
		}
		after = &p
	}
	return s.through(a, c), by, after, nil
}

func (s *State) page(id views.CounterID, by desk.Sort, after *views.Place, limit int) (desk.TicketPage, error) {
	n, _ := s.engine.Count(id)
	page := desk.TicketPage{Seq: s.seq, Total: n, Tickets: []desk.Ticket{}}
	places := s.engine.Page(id, by, after, limit+1)
	if len(places) > limit {
		places = places[:limit]
		page.Next = places[limit-1].String()
	}
	for _, p := range places {
		t, ok, err := s.ticket(p.ID)
		if err != nil || !ok {
			return page, missing(err, "", "ticket "+string(p.ID)+" is counted but not stored")
		}
		page.Tickets = append(page.Tickets, t)
	}
	return page, nil
}

// sampled is how many tickets a preview shows.
const sampled = 5

func (s *State) askPreview(q desk.CountFilter, done func(any, error)) {
	a, err := s.looker(q.Agent)
	if err != nil {
		done(nil, err)
		return
	}
	c, warnings, err := s.schema.Parse(q.Filter)
	if err == nil {
		err = s.checkRefs(c, "")
	}
	if err != nil {
		done(nil, under("/filter", err))
		return
	}
	id := s.engine.Watch(s.through(a, c.WithDefaults()))
	s.wait(&question{counters: []views.CounterID{id}, release: true, done: done, answer: func() (any, error) {
		page, err := s.page(id, desk.Sort{}, nil, sampled)
		return desk.Preview{Seq: s.seq, Count: page.Total, Warnings: warnings, Sample: page.Tickets}, err
	}})
}

// askCounts counts every view of the agent. One who has no session is looked
// after for a while as if he just had left.
func (s *State) askCounts(q desk.ListCounts, done func(any, error)) {
	a, err := s.looker(q.Agent)
	if err == nil && a == nil {
		err = desk.Invalidf("/agent", "say for which agent to count")
	}
	if err != nil {
		done(nil, err)
		return
	}
	if s.viewers[a.ID] == nil {
		s.welcome(a.ID)
		s.farewell(a.ID)
	}
	v := s.viewers[a.ID]
	var counters []views.CounterID
	for _, id := range sorted(v.sights) {
		counters = append(counters, v.sights[id].counter)
	}
	s.wait(&question{counters: counters, done: done, answer: func() (any, error) { return s.counts(v), nil }})
}

func (s *State) counts(v *viewer) []desk.ViewCount {
	out := []desk.ViewCount{}
	for _, id := range sorted(v.sights) {
		sc := v.sights[id]
		n, exact := s.engine.Count(sc.counter)
		out = append(out, desk.ViewCount{View: id, Scope: sc.scope, Count: n, Exact: exact, AsOf: s.now, Seq: s.seq})
	}
	return out
}

func (s *State) dossier(q desk.GetTicket) (any, error) {
	a, err := s.looker(q.Agent)
	if err != nil {
		return nil, err
	}
	t, err := s.held(q.ID, "")
	if err == nil && a != nil {
		err = s.mayRead(a, q.ID)
	}
	if err != nil {
		return nil, err
	}
	docs, err := s.messages(q.ID)
	if err != nil {
		return nil, err
	}
	out := desk.Dossier{Seq: s.seq, Ticket: t, Messages: []desk.Message{}}
	for _, d := range docs {
		m, err := parseMessage(d)
		if err != nil {
			return nil, err
		}
		out.Messages = append(out.Messages, m)
	}
	return out, nil
}

func (s *State) things(q desk.GetThings) (any, error) {
	switch q.Kind {
	case "agents":
		return pick(s.agents, q.ID, func(a *desk.Agent) desk.Agent { return *a })
	case "teams":
		return pick(s.teams, q.ID, func(t *desk.Team) desk.Team { return *t })
	case "views":
		return pick(s.views, q.ID, func(v *view) desk.View { return v.View })
	case "customers":
		return s.customers(q)
	}
	return nil, desk.Problemf(desk.Invalid, "there are agents, teams, views and customers")
}

// pick gives the things of a map in the order of their ids, or the one asked for.
func pick[K ~string, V, T any](m map[K]V, id string, of func(V) T) ([]T, error) {
	out := []T{}
	if id != "" {
		v, ok := m[K(id)]
		if !ok {
			return nil, desk.Problemf(desk.NotFound, "there is none with the id %s", id)
		}
		return append(out, of(v)), nil
	}
	for _, k := range sorted(m) {
		out = append(out, of(m[k]))
	}
	return out, nil
}

func (s *State) customers(q desk.GetThings) (any, error) {
	if q.ID != "" {
		c, ok, err := s.customer(desk.CustomerID(q.ID))
		if err != nil || !ok {
			return nil, missing(err, "", "there is no customer "+q.ID)
		}
		return []desk.Customer{c}, nil
	}
	limit := q.Limit
	if limit < 1 || limit > desk.MaxPage {
		limit = desk.DefaultPage
	}
	docs, err := s.shelf.Docs(desk.CustomerDoc, q.After, limit)
	if err != nil {
		return nil, err
	}
	out := []desk.Customer{}
	for _, d := range docs {
		var c desk.Customer
		if err := json.Unmarshal(d.Body, &c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *State) health() desk.Health {
	tickets, drift := s.engine.Audited()
	return desk.Health{Seq: s.seq, Tickets: s.engine.Tickets(), Counters: s.engine.Counters(), Sessions: len(s.sessions),
		Timers: s.engine.Timers(), Audited: tickets, Drift: drift, Bytes: s.engine.Bytes(), Now: s.now}
}
