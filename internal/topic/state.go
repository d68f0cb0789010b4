package topic

// state is one topic. Its entries form a list in the order of their last
// change, newest first, so that a difference costs what it holds and no more.
// All of it is guarded by the board.
type state struct {
	name    Name
	seq     Seq // of the last change
	at      int64
	born    Seq // readers from before the birth start over
	floor   Seq // gravestones up to here are forgotten
	entries map[string]*entry
	newest  *entry
	graves  int
	readers map[*Fan]map[*Cursor]struct{} // who follow it
	guided  map[*Cursor]struct{}          // whose guide it is
	patches []*Patch                      // to seq, from different places; see patch
}

type entry struct {
	key          string
	value        []byte // nil: a gravestone
	leads        []Name
	seq          Seq
	newer, older *entry
}

func newState(name Name, seq Seq) *state {
	return &state{name: name, seq: seq, born: seq, floor: seq - 1, entries: map[string]*entry{},
		readers: map[*Fan]map[*Cursor]struct{}{}, guided: map[*Cursor]struct{}{}}
}

func (t *state) join(c *Cursor) {
	if t.readers[c.fan] == nil {
		t.readers[c.fan] = map[*Cursor]struct{}{}
	}
	t.readers[c.fan][c] = struct{}{}
}

func (t *state) leave(c *Cursor) {
	delete(t.readers[c.fan], c)
	if len(t.readers[c.fan]) == 0 {
		delete(t.readers, c.fan)
		delete(c.fan.dirty, t)
	}
}

func (t *state) set(c Change, seq Seq, at int64) {
	e := t.entries[c.Key]
	if e == nil {
		if c.Value == nil {
			return // nobody can hold what never was
		}
		e = &entry{key: c.Key}
		t.entries[c.Key] = e
	} else {
		t.unlink(e)
		if e.value == nil {
			t.graves--
		}
	}
	e.value, e.leads, e.seq = c.Value, c.Leads, seq
	if c.Value == nil {
		t.graves++
	}
	t.push(e)
	t.seq, t.at, t.patches = seq, at, nil
}

func (t *state) push(e *entry) {
	e.older, e.newer = t.newest, nil
	if t.newest != nil {
		t.newest.newer = e
	}
	t.newest = e
}

func (t *state) unlink(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		t.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	}
}

func (t *state) sweep(before Seq) {
	if t.graves == 0 {
		return
	}
	for key, e := range t.entries {
		if e.value == nil && e.seq < before {
			t.unlink(e)
			delete(t.entries, key)
			t.graves--
			t.floor = max(t.floor, e.seq)
		}
	}
	t.patches = nil
}

// maxPatches is how many patches of one topic are kept for other readers at
// the same place; beyond it the oldest makes room.
const maxPatches = 8

// patch brings a reader from the seq it has to the topic's, or gives nil when
// it has it all. Readers at the same place get the same patch.
func (t *state) patch(from Seq) *Patch {
	if from < t.born || from < t.floor || from > t.seq {
		from = 0
	}
	if from == t.seq {
		return nil
	}
	for _, p := range t.patches {
		if p.From == from {
			return p
		}
	}
	p := t.difference(from)
	if len(t.guided) == 1 {
		return p // a session's guide has nobody to share it with
	}
	if len(t.patches) == maxPatches {
		t.patches = append(t.patches[:0:0], t.patches[1:]...)
	}
	t.patches = append(t.patches, p)
	return p
}

func (t *state) difference(from Seq) *Patch {
	p := &Patch{Topic: t.name, From: from, To: t.seq, At: t.at}
	for e := t.newest; e != nil && e.seq > from; e = e.older {
		switch {
		case e.value != nil:
			p.Set = append(p.Set, Entry{e.key, e.value})
		case from != 0:
			p.Del = append(p.Del, e.key)
		}
	}
	return p
}
