package views

import "github.com/deskwire/deskwire/internal/desk"

// A matcher says which of its counters a row stands in. Two of them do the
// same: plain asks every condition in turn and stays as the oracle; bits asks
// all conditions at once.
type matcher interface {
	// match appends the counters that the row stands in at now, and gives the
	// first instant at which that may be otherwise.
	match(r *row, now desk.Time, into []counterID) ([]counterID, desk.Time)
}

// A rule is a counter's condition: bound, with no parameter left in it.
type rule struct {
	counter   counterID
	condition *desk.Condition
}

// plain is the evaluator of the language applied to each rule.
type plain struct {
	rules  []rule
	words  *words
	env    *desk.Env
	ticket desk.Ticket // used again by each match
}

func (p *plain) match(r *row, now desk.Time, into []counterID) ([]counterID, desk.Time) {
	r.ticket(&p.ticket, p.words)
	until := desk.Never
	for i := range p.rules {
		ok, u := p.rules[i].condition.Eval(&p.ticket, p.env, now)
		if ok {
			into = append(into, p.rules[i].counter)
		}
		until = min(until, u)
	}
	return into, until
}
