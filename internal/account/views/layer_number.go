package views

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sort"

	"github.com/deskwire/deskwire/internal/desk"
)

// appendKey writes the value as bytes: equal keys, equal values.
func (c *customValue) appendKey(b []byte) []byte {
	b = append(b, c.kind)
	b = append(b, c.text...)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.num))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.time))
	for _, w := range c.set {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// cuts are the values at which some literal on a number may turn, in order. A
// number is as good as any other between the same two cuts: there is a vector
// for each cut and for each gap, and one for the empty field.
type cuts[N cmp.Ordered] struct {
	at      []N
	vectors []vector // gap before at[0], at[0], gap, at[1], ... gap after the last
	none    vector
}

func newCuts[N cmp.Ordered](at []N, of func(x N) vector, below, above func(N) N, none vector) cuts[N] {
	slices.Sort(at)
	c := cuts[N]{at: slices.Compact(at), none: none}
	for i, x := range c.at {
		if i == 0 {
			c.vectors = append(c.vectors, of(below(x)))
		}
		c.vectors = append(c.vectors, of(x), of(above(x)))
	}
	if len(c.at) == 0 {
		var zero N
		c.vectors = append(c.vectors, of(zero))
	}
	return c
}

func (c *cuts[N]) vector(x N) vector {
	i := sort.Search(len(c.at), func(i int) bool { return c.at[i] >= x })
	if i < len(c.at) && c.at[i] == x {
		return c.vectors[2*i+1]
	}
	return c.vectors[2*i]
}

// numberLayer is a count or another number.
type numberLayer struct {
	cuts cuts[float64]
	of   func(*row) (float64, bool)
}

func newNumberLayer(a *asked, env *desk.Env) *numberLayer {
	set := func(t *desk.Ticket, x float64) { t.MessageCount = int(x) }
	of := func(r *row) (float64, bool) { return float64(r.messages), true }
	if a.key == "satisfaction" {
		set = func(t *desk.Ticket, x float64) { t.Satisfaction = &x }
		of = func(r *row) (float64, bool) { return r.satisfaction, r.flags&flagSatisfaction != 0 }
	}
	vec := func(x float64) vector { return a.vectorOf(env, func(t *desk.Ticket) { set(t, x) }) }
	var at []float64
	for _, l := range a.literals {
		at = append(at, l.leaf.Numbers...)
	}
	if a.key == "message_count" { // whole numbers: the gaps lie between wholes
		at = wholes(at)
	}
	below := func(x float64) float64 { return math.Nextafter(x, math.Inf(-1)) }
	above := func(x float64) float64 { return math.Nextafter(x, math.Inf(1)) }
	if a.key == "message_count" {
		below, above = func(x float64) float64 { return x - 1 }, func(x float64) float64 { return x + 1 }
	}
	return &numberLayer{newCuts(at, vec, below, above, a.vectorOf(env, func(*desk.Ticket) {})), of}
}

// wholes gives the whole numbers around each, and their neighbours, so that a
// gap between two of them holds no number that is asked for.
func wholes(at []float64) []float64 {
	var all []float64
	for _, x := range at {
		f := math.Floor(min(max(x, -maxCount), maxCount))
		all = append(all, f-1, f, f+1)
	}
	return all
}

// maxCount bounds counts asked for, so that they fit an int.
const maxCount = 1 << 40

func (l *numberLayer) vector(r *row) vector {
	x, there := l.of(r)
	if !there {
		return l.cuts.none
	}
	return l.cuts.vector(x)
}

func (l *numberLayer) passes() int { return l.cuts.vectors[0].ones() }

// timeLayer is an instant compared with fixed instants.
type timeLayer struct {
	cuts cuts[desk.Time]
	at   int
}

func newTimeLayer(a *asked, env *desk.Env, at int) *timeLayer {
	vec := func(x desk.Time) vector { return a.vectorOf(env, probeTime(at, x)) }
	var cut []desk.Time
	for _, l := range a.literals {
		cut = append(cut, l.leaf.From, l.leaf.To)
	}
	cut = append(cut, 0)
	below := func(x desk.Time) desk.Time { return x - 1 }
	above := func(x desk.Time) desk.Time { return x + 1 }
	return &timeLayer{newCuts(cut, vec, below, above, nil), at}
}

func (l *timeLayer) vector(r *row) vector { return l.cuts.vector(r.times[l.at]) }

func (l *timeLayer) passes() int { return l.cuts.vectors[len(l.cuts.vectors)-1].ones() }

func probeTime(at int, x desk.Time) func(*desk.Ticket) {
	return func(t *desk.Ticket) {
		r := row{}
		r.times[at] = x
		r.ticketTimes(t)
	}
}

// textLayer is the subject. The texts asked for are filed under their first
// word; a row's words are looked up one by one.
type textLayer struct {
	asked   *asked
	texts   []wantedText
	byFirst map[string][]int
	of      []int // by literal: its text
	memo    map[string]vector
	hit     []byte // by text: whether the row has it
}

type wantedText struct {
	is   desk.Operator
	text string // folded
}

func newTextLayer(a *asked) *textLayer {
	l := &textLayer{asked: a, byFirst: map[string][]int{}, memo: map[string]vector{}}
	known := map[wantedText]int{}
	for _, lit := range a.literals {
		w := wantedText{is: lit.leaf.Is}
		if len(lit.leaf.Values) > 0 {
			w.text = desk.FoldText(lit.leaf.Values[0])
		}
		i, ok := known[w]
		if !ok {
			i = len(l.texts)
			known[w] = i
			l.texts = append(l.texts, w)
			first, _, _ := cut([]byte(w.text))
			l.byFirst[string(first)] = append(l.byFirst[string(first)], i)
		}
		l.of = append(l.of, i)
	}
	l.hit = make([]byte, len(l.texts))
	return l
}

func cut(text []byte) (first, rest []byte, more bool) { return bytes.Cut(text, []byte{' '}) }

func (l *textLayer) vector(r *row) vector {
	clear(l.hit)
	for _, i := range l.byFirst[""] {
		l.hit[i] = boolByte(l.texts[i].holds(r.subject, r.subject, true))
	}
	for rest, more := r.subject, len(r.subject) > 0; more; {
		var word []byte
		at := rest
		word, rest, more = cut(rest)
		for _, i := range l.byFirst[string(word)] {
			if l.texts[i].holds(r.subject, at, len(at) == len(r.subject)) {
				l.hit[i] = 1
			}
		}
	}
	if v, ok := l.memo[string(l.hit)]; ok {
		return v
	}
	return l.make()
}

// holds says whether the text is at this place of the subject, which may be
// its start.
func (w wantedText) holds(subject, at []byte, start bool) bool {
	switch w.is {
	case desk.Empty:
		return len(subject) == 0
	case desk.Is:
		return start && len(subject) > 0 && string(subject) == w.text
	case desk.StartsWith:
		return start && w.leads(at)
	}
	return w.leads(at)
}

// leads says whether the text is what at begins with, up to the end of a word.
func (w wantedText) leads(at []byte) bool {
	return w.text != "" && bytes.HasPrefix(at, []byte(w.text)) && (len(at) == len(w.text) || at[len(w.text)] == ' ')
}

func (l *textLayer) make() vector {
	if len(l.memo) >= maxMemo {
		clear(l.memo)
	}
	v := newVector(l.asked.width)
	for i, lit := range l.asked.literals {
		if (l.hit[l.of[i]] == 1) == lit.not {
			v.clear(lit.slot)
		}
	}
	l.memo[string(l.hit)] = v
	return v
}

func (l *textLayer) passes() int { return l.asked.width * 64 }

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
