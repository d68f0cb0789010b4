package views

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// bitMatcher asks all conditions at once. Conditions are multiplied out into
// conjunctions, one bit each. Every field is a layer: for the row's value it
// gives the vector of conjunctions whose literals on that field hold. The and
// of all vectors leaves the conjunctions that hold but for time; the few with
// literals on time are then looked at one by one.
//
// The idea is the bitmap-index form of counting algorithms for predicate
// matching (Whang et al., "Indexing Boolean Expressions", VLDB 2009, has the
// family); what a vector costs to make is paid once a value, not once a row.
type bitMatcher struct {
	layers []layer
	slots  []slot
	width  int // words in a vector
	last   uint64
	atoms  []atom
	round  uint32
	plain  *plain // rules too wide to multiply out
	env    *desk.Env
	vecs   []vector // of the row at hand
}

// A slot is the place of one conjunction in every vector.
type slot struct {
	counter counterID
	timed   []timed
}

// A vector has a bit for each slot.
type vector []uint64

func newVector(width int) vector {
	v := make(vector, width)
	for i := range v {
		v[i] = ^uint64(0)
	}
	return v
}

func (v vector) clear(i int) { v[i>>6] &^= 1 << (i & 63) }

// newBits builds the matcher of the rules. It costs about a microsecond a
// literal, and a vector the first time a value is seen.
func newBits(rules []rule, w *words, env *desk.Env) *bitMatcher {
	m := &bitMatcher{plain: &plain{words: w, env: env}, env: env}
	var all []conjunction
	for _, r := range clustered(rules) {
		form, ok := normalForm(r.condition, false)
		if !ok {
			m.plain.rules = append(m.plain.rules, r)
			continue
		}
		for _, c := range form {
			all = append(all, c)
			m.slots = append(m.slots, slot{counter: r.counter})
		}
	}
	m.width = (len(all) + 63) / 64
	m.last = ^uint64(0) >> ((64 - len(all)&63) & 63)
	m.build(all, w)
	return m
}

func (m *bitMatcher) build(all []conjunction, w *words) {
	byLayer := map[string]*asked{}
	times := map[string]int{}
	for i, c := range all {
		for _, l := range c {
			if l.leaf.Timed() {
				m.slots[i].timed = append(m.slots[i].timed, m.timed(l, times, w))
				continue
			}
			key := layerKey(l.leaf)
			if byLayer[key] == nil {
				byLayer[key] = &asked{key: key, width: m.width}
			}
			byLayer[key].add(i, l)
		}
	}
	for _, a := range byLayer {
		m.layers = append(m.layers, newLayer(a, w, m.env))
	}
	slices.SortFunc(m.layers, func(a, b layer) int { return cmp.Compare(a.passes(), b.passes()) })
	m.vecs = make([]vector, len(m.layers))
}

// clustered sorts the rules so that those which ask for the same agent, team
// or status stand together: their vectors are then zero in whole words.
func clustered(rules []rule) []rule {
	keys := make(map[counterID]string, len(rules))
	for _, r := range rules {
		keys[r.counter] = clusterKey(r.condition)
	}
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b rule) int { return cmp.Compare(keys[a.counter], keys[b.counter]) })
	return sorted
}

var clusterFields = []string{"assignee_agent", "assignee_team", "customer", "tags", "channel", "status"}

func clusterKey(c *desk.Condition) string {
	if c.Op != desk.And {
		return ""
	}
	for _, f := range clusterFields {
		for _, k := range c.Of {
			if k.Op == desk.IsLeaf && k.Leaf.Field.Key == f && len(k.Leaf.Values) > 0 && positives[k.Leaf.Is] == "" {
				return f + " " + k.Leaf.Values[0]
			}
		}
	}
	return ""
}

func (m *bitMatcher) match(r *row, now desk.Time, into []counterID) ([]counterID, desk.Time) {
	until := desk.Never
	if len(m.plain.rules) > 0 {
		into, until = m.plain.match(r, now, into)
	}
	m.round++
	for i, l := range m.layers {
		m.vecs[i] = l.vector(r)
	}
	start := len(into)
	for w := range m.width {
		b := ^uint64(0)
		if w == m.width-1 {
			b = m.last
		}
		for _, v := range m.vecs {
			if b &= v[w]; b == 0 {
				break
			}
		}
		for ; b != 0; b &= b - 1 {
			s := &m.slots[w<<6|bits.TrailingZeros64(b)]
			if s.timed != nil {
				ok, u := m.inTime(s, r, now)
				until = min(until, u)
				if !ok {
					continue
				}
			}
			if n := len(into); n == start || into[n-1] != s.counter { // a counter's slots are neighbours
				into = append(into, s.counter)
			}
		}
	}
	return into, until
}
