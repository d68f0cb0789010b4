package views

import (
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// maxSegments is how many segments there may be before they are merged.
const maxSegments = 6

// Sweeping says whether a first count still runs or waits to begin.
func (e *Engine) Sweeping() bool {
	return len(e.pending) > 0 || e.current() != nil
}

func (e *Engine) current() *segment {
	for _, s := range e.segments {
		if !s.done {
			return s
		}
	}
	return nil
}

// Sweep goes on with first counts for so many rows, and says whether there is
// more to do. New counters join only between two sweeps.
func (e *Engine) Sweep(rows int) bool {
	s := e.current()
	if s == nil {
		s = e.open()
	}
	if s == nil {
		return false
	}
	for ; rows > 0 && int(s.next) < len(e.stands); s.next++ {
		rows--
		if e.table.there(s.next) {
			e.sweepRow(s, s.next)
		}
	}
	if int(s.next) >= len(e.stands) {
		e.finish(s)
	}
	return e.Sweeping()
}

// open makes a segment of the counters that wait.
func (e *Engine) open() *segment {
	e.pending = slices.DeleteFunc(e.pending, func(r rule) bool {
		if e.counters[r.counter].refs > 0 {
			return false
		}
		e.forget(r.counter)
		return true
	})
	if len(e.pending) == 0 {
		return nil
	}
	s := &segment{rules: e.pending, matcher: e.Make(e.pending, e.table.words, e.env)}
	e.pending = nil
	for _, r := range s.rules {
		e.counters[r.counter].segment = s
	}
	e.segments = append(e.segments, s)
	return s
}

// sweepRow asks the segment's counters only: the ticket keeps standing where
// the other segments put it.
func (e *Engine) sweepRow(s *segment, o ord) {
	e.row.unpack(e.table.packed(o))
	var until desk.Time
	e.matched, until = s.matcher.match(&e.row, e.now, e.matched[:0])
	for _, c := range e.sets.members(e.stands[o]) {
		if e.counters[c].segment != s {
			e.matched = append(e.matched, c)
		}
	}
	e.stand(o)
	e.timers.arm(o, until)
}

func (e *Engine) finish(s *segment) {
	s.done = true
	for _, r := range s.rules {
		e.counters[r.counter].exact = true
		e.change(r.counter)
	}
	if e.current() == nil && (len(e.segments) > maxSegments || e.dead > 16 && 2*e.dead > len(e.byKey)) {
		e.merge()
	}
}

// merge makes one segment of all, without the counters nobody watches, which
// leave the sets as well. A first count that runs begins again.
func (e *Engine) merge() {
	e.bury()
	var rules []rule
	done := true
	for _, s := range e.segments {
		done = done && s.done
		for _, r := range s.rules {
			if c := e.counters[r.counter]; c.refs > 0 {
				rules = append(rules, r)
			} else {
				e.forget(r.counter)
			}
		}
	}
	e.segments = nil
	if len(rules) == 0 {
		return
	}
	s := &segment{rules: rules, matcher: e.Make(rules, e.table.words, e.env), done: done}
	for _, r := range rules {
		e.counters[r.counter].segment = s
	}
	e.segments = []*segment{s}
}

// bury takes the dead counters out of every set that tickets have.
func (e *Engine) bury() {
	for o := range e.stands {
		if !e.table.there(ord(o)) || !e.hasDead(e.stands[o]) {
			continue
		}
		e.matched = e.matched[:0]
		for _, c := range e.sets.members(e.stands[o]) {
			if e.counters[c].refs > 0 {
				e.matched = append(e.matched, c)
			}
		}
		e.stand(ord(o))
	}
}

func (e *Engine) hasDead(id setID) bool {
	return slices.ContainsFunc(e.sets.members(id), func(c CounterID) bool { return e.counters[c].refs == 0 })
}

func (e *Engine) forget(id CounterID) {
	e.counters[id] = nil
	e.freeIDs = append(e.freeIDs, id)
	e.dead--
}
