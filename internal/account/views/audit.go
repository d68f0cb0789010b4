package views

import (
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// audit recounts in slices, for ever.
type audit struct {
	next    ord
	tickets uint64
	drift   uint64
	ticket  desk.Ticket
}

// Audit recounts plainly the next tickets, about so many questions of one
// condition to one ticket, against where they were counted. A difference is
// drift: it is counted and mended.
func (e *Engine) Audit(questions int) {
	rules := e.exactRules()
	for questions > 0 && len(e.stands) > 0 {
		if int(e.audit.next) >= len(e.stands) {
			e.audit.next = 0
			e.table.compact()
			e.recount()
			return
		}
		if o := e.audit.next; e.table.there(o) {
			e.auditRow(o, rules)
			questions -= len(rules) + 1
		} else {
			questions--
		}
		e.audit.next++
	}
}

func (e *Engine) exactRules() (rules []rule) {
	for _, s := range e.segments {
		if s.done {
			rules = append(rules, s.rules...)
		}
	}
	return slices.DeleteFunc(rules, func(r rule) bool { return e.counters[r.counter].refs == 0 })
}

func (e *Engine) auditRow(o ord, rules []rule) {
	e.row.unpack(e.table.packed(o))
	e.row.ticket(&e.audit.ticket, e.table.words)
	e.audit.tickets++
	e.sets.mark(e.sets.members(e.stands[o]))
	for i := range rules {
		ok, _ := rules[i].condition.Eval(&e.audit.ticket, e.env, e.now)
		if ok != e.sets.seen(rules[i].counter) {
			e.audit.drift++
			e.judge(o)
			return
		}
	}
}

// recount compares each counter with the sets: one pass over sets, not tickets.
func (e *Engine) recount() {
	sums := make([]int64, len(e.counters))
	for i := range e.sets.all {
		for _, c := range e.sets.all[i].members {
			sums[c] += int64(e.sets.all[i].refs)
		}
	}
	for id, c := range e.counters {
		if c != nil && c.count != sums[id] {
			e.audit.drift++
			c.count = sums[id]
			e.change(CounterID(id))
		}
	}
}

// Audited is how many tickets were recounted, and how many differences found.
func (e *Engine) Audited() (tickets, drift uint64) { return e.audit.tickets, e.audit.drift }
