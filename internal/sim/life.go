package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Poster takes events to an account.
type Poster interface {
	Post(ctx context.Context, account desk.AccountID, p desk.Post) (desk.Outcome, error)
}

// Human is the agent the person at the screen is taken to be: her tickets are
// left to her.
const Human = desk.AgentID("ana")

// Beat is how long the shop rests between two things that happen.
const Beat = 700 * time.Millisecond

// Live lets things happen in the account until ctx ends: customers write,
// agents answer, solve, snooze and tag. It returns the first error that is not
// a refusal.
func (s *Shop) Live(ctx context.Context, p Poster, account desk.AccountID, clock func() time.Time) error {
	pace := time.NewTicker(Beat)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pace.C:
		}
		s.now = desk.TimeOf(clock())
		for _, e := range s.happen() {
			_, err := p.Post(ctx, account, desk.Post{Actor: desk.Actor{Kind: desk.ByBackend}, Event: e})
			if _, refused := err.(*desk.Problem); err != nil && !refused && ctx.Err() == nil {
				return err
			}
		}
	}
}

// happen draws what happens next.
func (s *Shop) happen() []desk.Event {
	if len(s.open) < 150 || s.r.IntN(4) == 0 {
		return s.arrive()
	}
	i := s.r.IntN(len(s.open))
	id := s.open[i]
	m := s.of[id]
	if m.assignee == Human {
		return s.customerWrites(id, m)
	}
	if m.step >= 3 {
		s.forget(i)
		return []desk.Event{patch(id, `{"status":"solved"}`)}
	}
	switch s.r.IntN(8) {
	case 0:
		return []desk.Event{patch(id, `{"tags_add":["vip"]}`)}
	case 1:
		until := s.now + desk.Time(20_000+s.r.IntN(60_000))
		return []desk.Event{patch(id, `{"snoozed_until":`+quoted(until)+`}`)}
	case 2:
		m.assignee = s.member(m.story.team)
		return []desk.Event{patch(id, fmt.Sprintf(`{"assignee_agent":%q}`, m.assignee))}
	case 3:
		return []desk.Event{patch(id, fmt.Sprintf(`{"priority":%q}`, pick(s.r, desk.Priorities)))}
	}
	e := s.turn(id, m, s.now)
	return []desk.Event{e, patch(id, fmt.Sprintf(`{"assignee_agent":%q}`, m.assignee))}
}

func patch(id desk.TicketID, change string) desk.Event {
	return desk.PatchTicket{ID: id, Patch: []byte(change)}
}

// customerWrites is all that happens to the human's own tickets, and seldom.
func (s *Shop) customerWrites(id desk.TicketID, m *matter) []desk.Event {
	if s.r.IntN(12) > 0 || m.step != 2 {
		return nil
	}
	return []desk.Event{s.turn(id, m, s.now)}
}

func (s *Shop) forget(i int) {
	delete(s.of, s.open[i])
	s.open[i] = s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
}

// arrive is a new ticket. Some have waited elsewhere for nearly an hour, or are
// due in a little more than two, so that views which go by time move as well.
func (s *Shop) arrive() []desk.Event {
	m := &matter{story: &stories[s.r.IntN(len(stories))], customer: s.customer()}
	created := s.now
	if s.r.IntN(3) == 0 {
		created -= desk.Time(time.Hour.Milliseconds()) - desk.Time(5_000+s.r.IntN(40_000))
	}
	t := s.ticket(m, created)
	t.UpdatedAt = s.now
	if s.r.IntN(3) == 0 {
		t.SLADueAt = s.now + desk.Time(2*time.Hour.Milliseconds()) + desk.Time(5_000+s.r.IntN(40_000))
	}
	s.keep(t.ID, m)
	return []desk.Event{desk.PutCustomer{Customer: m.customer}, desk.PutTicket{Ticket: t}, s.turn(t.ID, m, created)}
}
