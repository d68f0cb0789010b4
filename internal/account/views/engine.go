package views

import "github.com/deskwire/deskwire/internal/desk"

// An Engine holds an account's tickets as rows and counts conditions over them.
// It is used by one goroutine.
type Engine struct {
	Make Maker // how matchers are made; set before the first Watch

	env    *desk.Env
	table  *table
	sets   *sets
	stands []setID // by ord: the counters the ticket was counted in
	timers timers
	now    desk.Time

	counters []*counter
	byKey    map[string]CounterID
	freeIDs  []CounterID
	pending  []rule // watched, but not in a segment yet
	segments []*segment
	dead     int // counters forgotten but still in sets
	changed  []CounterID

	touched []desk.TicketID
	audit   audit

	row     row         // of the ticket at hand
	matched []CounterID // of the ticket at hand
}

// A Maker makes the matcher of some rules.
type Maker func(rules []rule, w *words, env *desk.Env) matcher

// Bits is the Maker that asks all conditions at once.
func Bits(rules []rule, w *words, env *desk.Env) matcher { return newBits(rules, w, env) }

// Plain is the Maker that asks one condition after the other: the oracle.
func Plain(rules []rule, w *words, env *desk.Env) matcher {
	return &plain{rules: rules, words: w, env: env}
}

// New makes an engine without tickets, in the account's time.
func New(env *desk.Env) *Engine {
	return &Engine{Make: Bits, env: env, table: newTable(), sets: newSets(), byKey: map[string]CounterID{}}
}

// Put takes the ticket as it is now, new or changed. What it was before does
// not matter; the same ticket put twice changes nothing the second time.
func (e *Engine) Put(t *desk.Ticket) {
	o, created := e.table.put(t, folded(t.Subject))
	if int(o) >= len(e.stands) {
		e.stands = append(e.stands, 0)
	}
	if created {
		e.stands[o] = 0
	}
	e.touched = append(e.touched, t.ID)
	e.judge(o)
}

// folded is the subject as views see it. A subject without a word in it is not
// the empty one; it stays as the mark that it is there.
func folded(subject string) string {
	if f := desk.FoldText(subject); f != "" || subject == "" {
		return f
	}
	return "!"
}

// Remove takes the ticket out without trace; one it does not have is ignored.
func (e *Engine) Remove(id desk.TicketID) {
	o, ok := e.table.find([]byte(id))
	if !ok {
		return
	}
	e.matched = e.matched[:0]
	e.stand(o)
	e.table.remove(o)
	e.touched = append(e.touched, id)
}

// Version gives the version of the ticket held.
func (e *Engine) Version(id desk.TicketID) (uint64, bool) {
	o, ok := e.table.find([]byte(id))
	if !ok {
		return 0, false
	}
	u := unpacker{b: e.table.packed(o)}
	u.bytes()
	return u.uvarint(), true
}

// Tickets is how many tickets it holds.
func (e *Engine) Tickets() int { return e.table.live }

// Stands says whether the ticket stands in the counter: whether it is counted,
// and so whether it is listed.
func (e *Engine) Stands(id desk.TicketID, c CounterID) bool {
	o, ok := e.table.find([]byte(id))
	return ok && e.sets.has(e.stands[o], c)
}

// Touched gives the tickets put, removed or moved by time since the last call;
// one may be named more than once.
func (e *Engine) Touched() []desk.TicketID {
	t := e.touched
	e.touched = nil
	return t
}

// Now is the instant at which everything counted holds.
func (e *Engine) Now() desk.Time { return e.now }

// Due is when Tick has something to do: the next instant at which a ticket may
// move.
func (e *Engine) Due() desk.Time { return e.timers.next() }

// Timers is how many instants are waited for.
func (e *Engine) Timers() int { return len(e.timers.queue) }

// Tick moves time on to now and every ticket with it whose instant has come.
// Time that would go back stands still.
func (e *Engine) Tick(now desk.Time) {
	e.now = max(e.now, now)
	for {
		o, ok := e.timers.due(e.now)
		if !ok {
			return
		}
		if !e.table.there(o) {
			continue
		}
		was := e.stands[o]
		e.judge(o)
		if e.stands[o] != was {
			e.touched = append(e.touched, desk.TicketID(e.table.id(o)))
		}
	}
}

// judge matches the ticket anew and counts it where it stands now.
func (e *Engine) judge(o ord) {
	e.matched = e.matched[:0]
	e.row.unpack(e.table.packed(o))
	until := desk.Never
	for _, s := range e.segments {
		var u desk.Time
		e.matched, u = s.matcher.match(&e.row, e.now, e.matched)
		until = min(until, u)
	}
	e.stand(o)
	e.timers.arm(o, until)
}

// stand moves the ticket from the counters it stood in to the matched ones.
func (e *Engine) stand(o ord) {
	was := e.stands[o]
	e.sets.mark(e.matched)
	is := e.sets.intern(e.matched)
	if is == was {
		e.sets.release(is)
		return
	}
	old := e.sets.members(was)
	for _, c := range old {
		if !e.sets.seen(c) {
			e.adjust(c, -1)
		}
	}
	e.sets.mark(old)
	for _, c := range e.matched {
		if !e.sets.seen(c) {
			e.adjust(c, +1)
		}
	}
	e.stands[o] = is
	e.sets.release(was)
}

// SetEnv changes the account's time zone or calendars: everything is counted
// anew, and says so until it is done.
func (e *Engine) SetEnv(env *desk.Env) {
	e.env = env
	e.merge()
	for _, s := range e.segments {
		s.next, s.done = 0, false
		for _, r := range s.rules {
			e.counters[r.counter].exact = false
			e.change(r.counter)
		}
	}
}

// Bytes is the memory held for views, in bytes.
func (e *Engine) Bytes() int64 {
	return e.table.bytes() + e.sets.bytes() + 4*int64(cap(e.stands)) +
		8*int64(cap(e.timers.armed)) + 16*int64(cap(e.timers.queue))
}
