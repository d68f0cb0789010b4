package account

import (
	"encoding/json"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// sweepSlice is how many tickets one Flush looks at for first counts: a few
// milliseconds' work.
const sweepSlice = 4000

// auditSlice is how many questions one call of Audit asks.
const auditSlice = 1000

// Flush gives everything that changed since the last one, for the store first
// and the board then. Counts, lists and rights are worked out here, once for
// all the steps before, so a bulk shows each of them once (VC-10).
//
// The caller makes Batch durable before the next Step, or gives the state up.
func (s *State) Flush() (Changes, error) {
	s.engine.Sweep(sweepSlice)
	if err := s.settleRights(); err != nil {
		return Changes{}, err
	}
	if err := s.settleLists(); err != nil {
		return Changes{}, err
	}
	s.settleCounts()
	out := s.out
	if len(out.Step.Changes)+len(out.Step.Drop) > 0 {
		s.seq++ // time and first counts move it too
	}
	out.Step.Seq, out.Step.At = topic.Seq(s.seq), int64(s.now)
	s.out = Changes{}
	return out, nil
}

// Durable says that the last Flush's Batch is on stable storage: reads may go
// to the shelf again.
func (s *State) Durable() { s.clearOverlay() }

// Busy says whether another Flush is due even if nothing happens: a first
// count runs.
func (s *State) Busy() bool { return s.engine.Sweeping() || len(s.asked) > 0 }

// Audit recounts a slice of the tickets. Drift is mended by the next Flush.
func (s *State) Audit() { s.engine.Audit(auditSlice) }

// settleRights works out anew what sessions see, where that may have changed.
func (s *State) settleRights() error {
	if s.dirty.people {
		for _, id := range sorted(s.viewers) {
			s.look(s.viewers[id])
		}
		for id := range s.sessions {
			s.dirty.sessions[id] = true
		}
	}
	for _, id := range sorted(s.sessions) {
		ss := s.sessions[id]
		if !s.dirty.sessions[id] && !s.followsDirty(ss) {
			continue
		}
		if err := s.guide(ss); err != nil {
			return err
		}
	}
	s.dirty.clear()
	return nil
}

func (s *State) followsDirty(ss *session) bool {
	if len(s.dirty.tickets) == 0 {
		return false
	}
	for _, h := range ss.holds {
		if s.dirty.tickets[h.ticket] || s.dirty.tickets[h.wanted] {
			return true
		}
	}
	return false
}

func (s *State) settleLists() error {
	touched := unique(s.engine.Touched())
	fresh := make(map[desk.TicketID]bool, len(touched))
	for _, id := range touched {
		fresh[id] = true
	}
	for _, name := range sorted(s.lists) {
		if err := s.refresh(s.lists[name], touched, fresh); err != nil {
			return err
		}
	}
	return nil
}

func (s *State) settleCounts() {
	for _, id := range s.engine.Changed() {
		for _, sc := range s.counted[id] {
			s.showCount(sc)
		}
	}
}

// unique keeps the first of each ticket, in order.
func unique(ids []desk.TicketID) []desk.TicketID {
	if len(ids) < 2 {
		return ids
	}
	seen := make(map[desk.TicketID]bool, len(ids))
	return slices.DeleteFunc(ids, func(id desk.TicketID) bool {
		was := seen[id]
		seen[id] = true
		return was
	})
}

func jsonOf(v any) []byte {
	b, _ := json.Marshal(v) // plain data only
	return b
}
