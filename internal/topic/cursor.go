package topic

import (
	"cmp"
	"errors"
	"slices"
)

// ErrEnded says that the board's life is over: wake the account and read anew.
var ErrEnded = errors.New("topic: the board has ended")

// A Cursor is one reader's place on the board: how far it has read each topic
// that its guide leads to. Take and Close are called by one goroutine at a time.
type Cursor struct {
	// Owner is whatever the reader wants to find again from Fan.Moved.
	Owner any

	fan   *Fan
	guide Name

	// guarded by board.mu
	places []place      // in the order of their topics' names
	waits  []Name       // led to, but not on the board yet
	have   map[Name]Seq // what the reader brought and was not led to yet
	gone   []Name
	round  uint64 // of the fan, in which it was last given
	stray  bool   // the guide, or what it leads to, has changed
	closed bool
}

type place struct {
	topic *state
	seq   Seq
}

// Read opens a cursor guided by the topic named, which it always follows as
// well. have is what the reader holds already, of this epoch. The caller must
// Close the cursor.
func (f *Fan) Read(guide Name, have map[Name]Seq, owner any) *Cursor {
	c := &Cursor{Owner: owner, fan: f, guide: guide, have: have}
	f.board.mu.Lock()
	f.cursors[c] = struct{}{}
	c.strayLocked()
	f.board.mu.Unlock()
	f.wake()
	return c
}

func (c *Cursor) strayLocked() {
	c.stray = true
	c.fan.strays[c] = struct{}{}
}

// Take gives what is new of the topics that are due, in one look at the board:
// all of it belongs to one seq. due may be nil: everything is. A topic that
// the reader holds nothing of is due always; one that is not due is given by a
// later Take.
func (c *Cursor) Take(due func(Name) bool) ([]*Patch, error) {
	b := c.fan.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended || c.closed {
		return nil, ErrEnded
	}
	if c.stray {
		c.steer()
	}
	var out []*Patch
	for _, name := range c.gone {
		out = append(out, &Patch{Topic: name, To: b.seq, At: b.at, Gone: true})
	}
	c.gone = nil
	for i := range c.places {
		p := &c.places[i]
		if p.seq == p.topic.seq {
			continue
		}
		if p.seq != 0 && due != nil && !due(p.topic.name) {
			c.fan.dirty[p.topic] = struct{}{} // it need not move again for the fan to offer it
			continue
		}
		if patch := p.topic.patch(p.seq); patch != nil {
			out = append(out, patch)
		}
		p.seq = p.topic.seq
	}
	return out, nil
}

// steer makes the cursor follow exactly what its guide leads to.
func (c *Cursor) steer() {
	b := c.fan.board
	c.stray = false
	want := c.led()
	c.places = slices.DeleteFunc(c.places, func(p place) bool {
		_, wanted := slices.BinarySearch(want, p.topic.name)
		if wanted && b.topics[p.topic.name] == p.topic {
			return false
		}
		p.topic.leave(c)
		if p.seq != 0 && !(wanted && b.topics[p.topic.name] != nil) {
			c.gone = append(c.gone, p.topic.name)
		}
		return true
	})
	c.unwait()
	for _, name := range want {
		c.join(name)
	}
	c.disown()
	slices.SortFunc(c.places, func(a, b place) int { return cmp.Compare(a.topic.name, b.topic.name) })
}

// led lists what the guide leads to, and the guide, in order.
func (c *Cursor) led() []Name {
	want := []Name{c.guide}
	if g := c.fan.board.topics[c.guide]; g != nil {
		g.guided[c] = struct{}{}
		for e := g.newest; e != nil; e = e.older {
			if e.value != nil {
				want = append(want, e.leads...)
			}
		}
	}
	slices.Sort(want)
	return slices.Compact(want)
}

func (c *Cursor) join(name Name) {
	if slices.ContainsFunc(c.places, func(p place) bool { return p.topic.name == name }) {
		return
	}
	t := c.fan.board.topics[name]
	if t == nil {
		c.waits = append(c.waits, name)
		c.fan.board.wantLocked(name, c, true)
		return
	}
	t.join(c)
	c.places = append(c.places, place{t, c.have[name]})
	delete(c.have, name) // it counts once: what is followed again later starts over
	if len(c.have) == 0 {
		c.have = nil
	}
}

// disown tells the reader to forget what it brought and is not led to, or what is
// not there any more: it was lost while the reader was away.
func (c *Cursor) disown() {
	if c.fan.board.topics[c.guide] == nil {
		return // not led anywhere yet
	}
	for name := range c.have {
		c.gone = append(c.gone, name)
	}
	c.have = nil
	slices.Sort(c.gone)
}

func (c *Cursor) unwait() {
	for _, name := range c.waits {
		c.fan.board.wantLocked(name, c, false)
	}
	c.waits = nil
}

// Close ends the cursor. It may be called more than once.
func (c *Cursor) Close() {
	c.fan.board.mu.Lock()
	defer c.fan.board.mu.Unlock()
	c.closeLocked()
}

func (c *Cursor) closeLocked() {
	if c.closed {
		return
	}
	c.closed = true
	c.unwait()
	for _, p := range c.places {
		p.topic.leave(c)
	}
	c.places = nil
	if g := c.fan.board.topics[c.guide]; g != nil {
		delete(g.guided, c)
	}
	delete(c.fan.strays, c)
	delete(c.fan.cursors, c)
}
