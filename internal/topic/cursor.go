package topic

import (
	"errors"
	"maps"
	"slices"
)

// ErrEnded says that the board's life is over: wake the account and read anew.
var ErrEnded = errors.New("topic: the board has ended")

// A Cursor is one reader's place on the board: how far it has read each topic
// that its guide leads to. Take and Close are called by one goroutine at a time.
type Cursor struct {
	board *Board
	guide Name
	wake  func()

	// guarded by board.mu
	seen   map[Name]*place
	waits  map[Name]bool // led to, but not on the board yet
	have   map[Name]Seq  // what the reader brought and was not led to yet
	order  []*place      // of seen, in the order of their names
	stray  bool          // the guide, or what it leads to, has changed
	gone   []Name
	closed bool
}

type place struct {
	topic *state
	seq   Seq
}

// Read opens a cursor guided by the topic named, which it always follows as
// well. have is what the reader holds already, of this epoch. wake is called
// when there may be something to take; it must not block or call the board.
// The caller must Close the cursor.
func (b *Board) Read(guide Name, have map[Name]Seq, wake func()) *Cursor {
	c := &Cursor{board: b, guide: guide, wake: wake, seen: map[Name]*place{}, waits: map[Name]bool{}, have: maps.Clone(have), stray: true}
	b.mu.Lock()
	b.all[c] = struct{}{}
	b.mu.Unlock()
	return c
}

// Take gives what is new of the topics that are due, in one look at the board:
// all of it belongs to one seq. due may be nil: everything is. A topic that
// is not due is given by a later Take.
func (c *Cursor) Take(due func(Name) bool) ([]*Patch, error) {
	c.board.mu.Lock()
	defer c.board.mu.Unlock()
	if c.board.ended {
		return nil, ErrEnded
	}
	if c.stray {
		c.steer()
	}
	var out []*Patch
	for _, name := range c.gone {
		out = append(out, &Patch{Topic: name, To: c.board.seq, At: c.board.at, Gone: true})
	}
	c.gone = nil
	for _, p := range c.order {
		if p.seq == p.topic.seq || due != nil && !due(p.topic.name) {
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
	c.stray = false
	want := c.led()
	for name, p := range c.seen {
		if c.board.topics[name] == p.topic && want[name] {
			continue
		}
		delete(p.topic.readers, c)
		delete(c.seen, name)
		if p.seq != 0 && !(want[name] && c.board.topics[name] != nil) {
			c.gone = append(c.gone, name)
		}
	}
	slices.Sort(c.gone)
	c.unwait()
	for name := range want {
		c.join(name)
	}
	c.order = c.order[:0]
	for _, name := range slices.Sorted(maps.Keys(c.seen)) {
		c.order = append(c.order, c.seen[name])
	}
}

// led lists what the guide leads to, and the guide.
func (c *Cursor) led() map[Name]bool {
	want := map[Name]bool{c.guide: true}
	g := c.board.topics[c.guide]
	if g == nil {
		return want
	}
	g.guided[c] = struct{}{}
	for e := g.newest; e != nil; e = e.older {
		if e.value == nil {
			continue
		}
		for _, name := range e.leads {
			want[name] = true
		}
	}
	return want
}

func (c *Cursor) join(name Name) {
	if c.seen[name] != nil {
		return
	}
	t := c.board.topics[name]
	if t == nil {
		c.waits[name] = true
		c.board.wantLocked(name, c, true)
		return
	}
	t.readers[c] = struct{}{}
	c.seen[name] = &place{t, c.have[name]}
	delete(c.have, name) // it counts once: what is followed again later starts over
}

func (c *Cursor) unwait() {
	for name := range c.waits {
		c.board.wantLocked(name, c, false)
	}
	clear(c.waits)
}

// Close ends the cursor. It may be called more than once.
func (c *Cursor) Close() {
	c.board.mu.Lock()
	defer c.board.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.unwait()
	for _, p := range c.seen {
		delete(p.topic.readers, c)
	}
	if g := c.board.topics[c.guide]; g != nil {
		delete(g.guided, c)
	}
	delete(c.board.all, c)
}
