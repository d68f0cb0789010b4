package views

import "github.com/deskwire/deskwire/internal/desk"

// A CounterID names a counter while somebody watches it.
type CounterID uint32

type counterID = CounterID

// A counter counts the tickets of one bound condition. Whoever looks through
// the same condition shares it (VC-1: view and read permission together).
type counter struct {
	key       string
	condition *desk.Condition
	segment   *segment
	refs      int // watchers; 0 is free to be forgotten
	count     int64
	exact     bool // false: the first count still runs
	changed   bool // since the last call of Changed
}

// A segment is counters that came at the same time, with the matcher that asks
// for them. New counters get a segment of their own, so that their first count
// asks for nothing else; segments are merged when they have become many.
type segment struct {
	matcher matcher
	rules   []rule
	next    ord // the first count has come to here
	done    bool
}

// Watch gives the counter of a bound condition, and makes it if nobody watches
// it yet. A new counter counts nothing until Sweep has come to it.
func (e *Engine) Watch(c *desk.Condition) CounterID {
	key := c.Key()
	if id, ok := e.byKey[key]; ok {
		e.counters[id].refs++
		return id
	}
	id := e.newID()
	e.counters[id] = &counter{key: key, condition: c, refs: 1}
	e.byKey[key] = id
	e.pending = append(e.pending, rule{id, c})
	return id
}

func (e *Engine) newID() CounterID {
	if n := len(e.freeIDs); n > 0 {
		id := e.freeIDs[n-1]
		e.freeIDs = e.freeIDs[:n-1]
		return id
	}
	e.counters = append(e.counters, nil)
	return CounterID(len(e.counters) - 1)
}

// Release takes one watcher from the counter. With the last one it is
// forgotten, at the latest when segments are next merged.
func (e *Engine) Release(id CounterID) {
	c := e.counters[id]
	if c.refs--; c.refs > 0 {
		return
	}
	delete(e.byKey, c.key)
	c.key = ""
	e.dead++
}

// Count is the counter's number, and whether it is exact: while the first
// count runs it is not, and then the number means nothing.
func (e *Engine) Count(id CounterID) (int64, bool) {
	c := e.counters[id]
	return c.count, c.exact
}

// Counters is how many counters are watched.
func (e *Engine) Counters() int { return len(e.byKey) }

// Changed gives the watched counters whose number or exactness changed since
// the last call, in the order in which they changed.
func (e *Engine) Changed() []CounterID {
	out := e.changed[:0:0]
	for _, id := range e.changed {
		c := e.counters[id]
		if c == nil {
			continue
		}
		c.changed = false
		if c.refs > 0 {
			out = append(out, id)
		}
	}
	e.changed = e.changed[:0]
	return out
}

func (e *Engine) change(id CounterID) {
	c := e.counters[id]
	if !c.changed {
		c.changed = true
		e.changed = append(e.changed, id)
	}
}

func (e *Engine) adjust(id CounterID, by int64) {
	e.counters[id].count += by
	e.change(id)
}
