package views

import (
	"math/bits"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// A layer is one field as a bitMatcher sees it.
type layer interface {
	// vector has a one for each slot whose literals on this field hold for the
	// row; it may be used until the next call.
	vector(r *row) vector
	// passes is how many slots the usual row passes: layers with few go first.
	passes() int
}

// asked is what the slots ask of one field.
type asked struct {
	key      string
	width    int
	literals []slotLiteral
	probe    desk.Ticket // used again by each vector made
}

type slotLiteral struct {
	slot int
	literal
}

func (a *asked) add(slot int, l literal) { a.literals = append(a.literals, slotLiteral{slot, l}) }

// vectorOf makes the vector of the value that set puts into a blank ticket.
func (a *asked) vectorOf(env *desk.Env, set func(*desk.Ticket)) vector {
	a.probe = desk.Ticket{}
	set(&a.probe)
	v := newVector(a.width)
	for _, l := range a.literals {
		if l.leaf.Match(&a.probe, env) == l.not {
			v.clear(l.slot)
		}
	}
	return v
}

// values lists every value that a literal names, each once, the parameters and
// the empty one left out.
func (a *asked) values() (all []string) {
	seen := map[string]bool{"": true, desk.Nobody: true}
	for _, l := range a.literals {
		for _, v := range l.leaf.Values {
			if !seen[v] {
				seen[v] = true
				all = append(all, v)
			}
		}
	}
	return all
}

func (v vector) ones() (n int) {
	for _, w := range v {
		n += bits.OnesCount64(w)
	}
	return n
}

// layerKey names the layer a leaf belongs to: its field, but that unread@me
// asks who has read the ticket, and trashed when it was trashed.
func layerKey(l *desk.Leaf) string {
	switch {
	case l.Field.Key == "unread@me":
		return "read_by"
	case l.Field.Custom:
		return l.Field.Key
	case l.Field.Type == desk.TimeField:
		return l.Field.Key
	}
	return l.Field.Key
}

func customKey(f desk.Field) string { return strings.TrimPrefix(f.Key, "custom.") }

func newLayer(a *asked, w *words, env *desk.Env) layer {
	if a.literals[0].leaf.Field.Custom {
		return newCustomLayer(a, w, env)
	}
	for i, k := range wordKeys {
		if k == a.key {
			return newWordLayer(a, w, env, i)
		}
	}
	for i, k := range setKeys {
		if k == a.key {
			return newSetLayer(a, w, env, i)
		}
	}
	for i, k := range timeKeys {
		if k == a.key {
			return newTimeLayer(a, env, i)
		}
	}
	switch a.key {
	case "status":
		return newWordLayer(a, w, env, statusWord)
	case "customer":
		return newCustomerLayer(a, env)
	case "subject":
		return newTextLayer(a)
	case "message_count", "satisfaction":
		return newNumberLayer(a, env)
	}
	return newFlagLayer(a, env)
}
