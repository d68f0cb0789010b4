package views

import "github.com/deskwire/deskwire/internal/desk"

// An atom is a question about time that slots share; the answer for the row
// at hand is kept for the round.
type atom struct {
	leaf  *desk.Leaf
	field int    // in row.times, or -1
	word  uint32 // of a custom field
	round uint32
	holds bool
	next  desk.Time // when it turns
}

// timed is a literal about time: an atom, or its negation.
type timed struct {
	atom int
	not  bool
}

// timed gives the literal on the atom that stands for its leaf.
func (m *bitMatcher) timed(l literal, known map[string]int, w *words) timed {
	key := (&desk.Condition{Leaf: *l.leaf}).Key()
	i, ok := known[key]
	if !ok {
		i = len(m.atoms)
		known[key] = i
		m.atoms = append(m.atoms, newAtom(l.leaf, w))
	}
	return timed{i, l.not}
}

func newAtom(l *desk.Leaf, w *words) atom {
	key := l.Field.Key
	if key == "snoozed" {
		key = "snoozed_until"
	}
	for i, k := range timeKeys {
		if k == key {
			return atom{leaf: l, field: i}
		}
	}
	return atom{leaf: l, field: -1, word: w.code(customKey(l.Field))}
}

// ask answers the atom for the row at now.
func (a *atom) ask(r *row, now desk.Time, env *desk.Env) {
	a.holds, a.next = false, desk.Never
	x := a.time(r)
	if x == 0 {
		return
	}
	from, until := a.leaf.Window(x, env)
	switch {
	case from >= until || now >= until:
	case now < from:
		a.next = from
	default:
		a.holds, a.next = true, until
	}
}

func (a *atom) time(r *row) desk.Time {
	if a.field >= 0 {
		return r.times[a.field]
	}
	if c := r.customValue(a.word); c != nil {
		return c.time
	}
	return 0
}

// inTime says whether all literals on time of the slot hold, and the first
// instant at which that may turn: when all hold, as soon as one turns; when
// some do not, not before the last of those has.
func (m *bitMatcher) inTime(s *slot, r *row, now desk.Time) (bool, desk.Time) {
	ok, soonest, latest := true, desk.Never, desk.Time(0)
	for _, t := range s.timed {
		a := &m.atoms[t.atom]
		if a.round != m.round {
			a.ask(r, now, m.env)
			a.round = m.round
		}
		if a.holds != t.not {
			soonest = min(soonest, a.next)
			continue
		}
		ok, latest = false, max(latest, a.next)
	}
	if ok {
		return true, soonest
	}
	return false, latest
}
