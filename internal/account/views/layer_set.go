package views

import (
	"encoding/binary"

	"github.com/deskwire/deskwire/internal/desk"
)

// maxMemo is how many vectors a layer keeps for values it cannot list
// beforehand, before it begins again.
const maxMemo = 4096

// setLayer is a field with several words. What counts of a set is which of
// the words asked for it has, and whether it is empty; a vector is made for
// each such part when first seen.
type setLayer struct {
	asked *asked
	env   *desk.Env
	words *words
	at    int
	named []bool // by word
	memo  map[string]vector
	none  vector // of the empty set
	other vector // of a set with none of the words asked for
	key   []byte
}

func newSetLayer(a *asked, w *words, env *desk.Env, at int) *setLayer {
	l := &setLayer{asked: a, env: env, words: w, at: at, memo: map[string]vector{}}
	for _, s := range a.values() {
		code := w.code(s)
		for int(code) >= len(l.named) {
			l.named = append(l.named, false)
		}
		l.named[code] = true
	}
	l.none = a.vectorOf(env, func(*desk.Ticket) {})
	l.other = a.vectorOf(env, probeSet(at, []string{"\x00"}))
	return l
}

func (l *setLayer) vector(r *row) vector {
	set := r.sets[l.at]
	if len(set) == 0 {
		return l.none
	}
	l.key = l.key[:0]
	for _, c := range set {
		if int(c) < len(l.named) && l.named[c] {
			l.key = binary.LittleEndian.AppendUint32(l.key, c)
		}
	}
	if len(l.key) == 0 {
		return l.other
	}
	if v, ok := l.memo[string(l.key)]; ok {
		return v
	}
	return l.make()
}

// make makes and keeps the vector of the words in l.key.
func (l *setLayer) make() vector {
	if len(l.memo) >= maxMemo {
		clear(l.memo)
	}
	var set []string
	for k := l.key; len(k) > 0; k = k[4:] {
		set = append(set, l.words.text(binary.LittleEndian.Uint32(k)))
	}
	v := l.asked.vectorOf(l.env, probeSet(l.at, set))
	l.memo[string(l.key)] = v
	return v
}

func (l *setLayer) passes() int { return l.other.ones() }

// probeSet puts the set into the field of a blank ticket.
func probeSet(at int, set []string) func(*desk.Ticket) {
	return func(t *desk.Ticket) {
		switch setKeys[at] {
		case "tags":
			t.Tags = set
		case "skills":
			t.Skills = set
		case "follower":
			t.Followers = agentsOf(set)
		case "participant":
			t.Participants = agentsOf(set)
		case "read_by":
			t.ReadBy = agentsOf(set)
		}
	}
}

func agentsOf(set []string) []desk.AgentID {
	ids := make([]desk.AgentID, len(set))
	for i, s := range set {
		ids[i] = desk.AgentID(s)
	}
	return ids
}

// customLayer is a custom field of any type: a vector for each value, made
// when first seen.
type customLayer struct {
	asked *asked
	env   *desk.Env
	words *words
	word  uint32
	name  string
	memo  map[string]vector
	none  vector
	key   []byte
	one   row // holds one value only
}

func newCustomLayer(a *asked, w *words, env *desk.Env) *customLayer {
	name := customKey(a.literals[0].leaf.Field)
	return &customLayer{asked: a, env: env, words: w, word: w.code(name), name: name, memo: map[string]vector{},
		none: a.vectorOf(env, func(*desk.Ticket) {})}
}

func (l *customLayer) vector(r *row) vector {
	c := r.customValue(l.word)
	if c == nil {
		return l.none
	}
	l.key = c.appendKey(l.key[:0])
	if v, ok := l.memo[string(l.key)]; ok {
		return v
	}
	if len(l.memo) >= maxMemo {
		clear(l.memo)
	}
	l.one.custom = append(l.one.custom[:0], *c)
	v := l.asked.vectorOf(l.env, func(t *desk.Ticket) { l.one.ticketCustom(t, l.words) })
	l.memo[string(l.key)] = v
	return v
}

func (l *customLayer) passes() int { return l.none.ones() }
