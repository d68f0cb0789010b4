package topic

import (
	"fmt"
	"maps"
	"sync"
)

// A Name identifies a topic, for example "counts:system:all" or "ticket:42".
type Name string

// A Seq is a place on an account's timeline. Zero is "I have nothing".
type Seq uint64

// A Change sets an entry of a topic, or removes it when Value is nil. A topic
// begins with its first change.
type Change struct {
	Topic Name
	Key   string
	Value []byte // JSON; not to be changed afterwards
	// Leads are the topics that cursors with this topic as their guide follow
	// as long as the entry stands.
	Leads []Name
}

// A Step is changes that happen at once. Drop comes before Changes: a topic in
// both ends and begins anew.
type Step struct {
	Seq     Seq
	At      int64 // the account's time, in milliseconds
	Drop    []Name
	Changes []Change
}

// A Board holds the topics of one account, for one life of its timeline. Its
// methods may be called from any goroutine, but one goroutine writes.
type Board struct {
	epoch string

	mu     sync.Mutex // guards everything below
	seq    Seq
	at     int64
	topics map[Name]*state
	ended  bool
	fans   map[*Fan]struct{}
	wanted map[Name]map[*Cursor]struct{} // topics led to that are not there yet
}

// NewBoard makes an empty board. The epoch names this life of the account: a
// reader that comes with another one starts over.
func NewBoard(epoch string) *Board {
	return &Board{epoch: epoch, topics: map[Name]*state{}, fans: map[*Fan]struct{}{}, wanted: map[Name]map[*Cursor]struct{}{}}
}

// Epoch names this life of the timeline.
func (b *Board) Epoch() string { return b.epoch }

// Seq is the seq of the last step.
func (b *Board) Seq() Seq {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seq
}

// Write does a step. Its seq must be higher than the last one's; it panics if
// it is not, for then two goroutines write.
func (b *Board) Write(s Step) {
	b.mu.Lock()
	woken := b.writeLocked(s)
	b.mu.Unlock()
	for f := range woken {
		f.wake()
	}
}

func (b *Board) writeLocked(s Step) map[*Fan]struct{} {
	if s.Seq <= b.seq {
		panic(fmt.Sprintf("topic: step %d after step %d", s.Seq, b.seq))
	}
	b.seq, b.at = s.Seq, s.At
	woken := map[*Fan]struct{}{}
	for _, name := range s.Drop {
		b.dropLocked(name, woken)
	}
	for _, c := range s.Changes {
		t := b.bornLocked(c.Topic, woken)
		t.set(c, s.Seq, s.At)
		for f := range t.readers {
			f.dirty[t] = struct{}{}
			woken[f] = struct{}{}
		}
		lead(t.guided, woken)
	}
	return woken
}

// lead makes the cursors look anew at what they are led to.
func lead(cursors map[*Cursor]struct{}, woken map[*Fan]struct{}) {
	for c := range cursors {
		c.strayLocked()
		woken[c.fan] = struct{}{}
	}
}

// bornLocked gives the topic, and begins it at this step if it is not there:
// never at 0, so that a reader with something of another life is told to
// start over, even when there is nothing to start with.
func (b *Board) bornLocked(name Name, woken map[*Fan]struct{}) *state {
	t := b.topics[name]
	if t != nil {
		return t
	}
	t = newState(name, b.seq)
	b.topics[name] = t
	lead(b.wanted[name], woken)
	return t
}

// wantLocked notes that the cursor waits for the topic, or no longer does.
func (b *Board) wantLocked(name Name, c *Cursor, on bool) {
	if !on {
		delete(b.wanted[name], c)
		if len(b.wanted[name]) == 0 {
			delete(b.wanted, name)
		}
		return
	}
	if b.wanted[name] == nil {
		b.wanted[name] = map[*Cursor]struct{}{}
	}
	b.wanted[name][c] = struct{}{}
}

func (b *Board) dropLocked(name Name, woken map[*Fan]struct{}) {
	t := b.topics[name]
	if t == nil {
		return
	}
	delete(b.topics, name)
	for f, readers := range t.readers {
		delete(f.dirty, t)
		lead(readers, woken)
	}
	lead(t.guided, woken)
}

// Sweep forgets the gravestones of removals before the seq; readers that are
// further back start over. It costs a look at each gravestone.
func (b *Board) Sweep(before Seq) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.topics {
		t.sweep(before)
	}
}

// End closes the board: every cursor's Take says so from now on.
func (b *Board) End() {
	b.mu.Lock()
	b.ended = true
	woken := maps.Clone(b.fans)
	for f := range woken {
		lead(f.cursors, woken)
	}
	b.mu.Unlock()
	for f := range woken {
		f.wake()
	}
}

// Readers is how many cursors are open.
func (b *Board) Readers() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for f := range b.fans {
		n += len(f.cursors)
	}
	return n
}
