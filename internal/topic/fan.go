package topic

// A Fan is the cursors of one carrier: a server that writes to many
// connections asks it once which of them have something to take, instead of
// being woken for each. Moved is called by one goroutine at a time.
type Fan struct {
	board *Board
	wake  func()

	// guarded by board.mu
	cursors map[*Cursor]struct{}
	dirty   map[*state]struct{} // topics that moved since Moved last gave their readers
	strays  map[*Cursor]struct{}
	round   uint64
	closed  bool
}

// Fan begins a fan. wake is called when Moved may have something to give; it
// must neither block nor call the board.
func (b *Board) Fan(wake func()) *Fan {
	f := &Fan{board: b, wake: wake, cursors: map[*Cursor]struct{}{}, dirty: map[*state]struct{}{}, strays: map[*Cursor]struct{}{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fans[f] = struct{}{}
	return f
}

// Moved gives the cursors that have something to take of a topic that is due,
// or whose guide has changed, each once. Topics that are not due are kept for
// a later call; due is asked once a topic.
func (f *Fan) Moved(due func(Name) bool) []*Cursor {
	f.board.mu.Lock()
	defer f.board.mu.Unlock()
	f.round++
	var out []*Cursor
	add := func(c *Cursor) {
		if c.round != f.round {
			c.round = f.round
			out = append(out, c)
		}
	}
	for c := range f.strays {
		add(c)
	}
	clear(f.strays)
	for t := range f.dirty {
		if !due(t.name) {
			continue
		}
		delete(f.dirty, t)
		for c := range t.readers[f] {
			add(c)
		}
	}
	return out
}

// Close ends the fan and its cursors.
func (f *Fan) Close() {
	f.board.mu.Lock()
	defer f.board.mu.Unlock()
	for c := range f.cursors {
		c.closeLocked()
	}
	f.closed = true
	delete(f.board.fans, f)
}
