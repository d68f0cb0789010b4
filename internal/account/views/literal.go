package views

import "github.com/deskwire/deskwire/internal/desk"

// A literal is a leaf or its negation. Its leaf is always the positive of a
// pair: "is_not x" is kept as the negation of "is x" (VC-4 makes them exact
// opposites).
type literal struct {
	leaf *desk.Leaf
	not  bool
}

// A conjunction is literals that must all hold.
type conjunction []literal

// maxConjunctions is the most conjunctions one condition is multiplied out
// into; a condition that needs more is asked plainly.
const maxConjunctions = 16

var positives = map[desk.Operator]desk.Operator{
	desk.IsNot: desk.Is, desk.NotIn: desk.In, desk.NotEmpty: desk.Empty, desk.Ne: desk.Eq,
	desk.HasNone: desk.HasAny, desk.NotContains: desk.Contains,
}

func newLiteral(l *desk.Leaf, not bool) literal {
	if p, ok := positives[l.Is]; ok {
		c := *l
		c.Is = p
		return literal{&c, !not}
	}
	if l.Timed() && l.Field.Type == desk.BoolField && !l.Bool { // snoozed is false
		c := *l
		c.Bool = true
		return literal{&c, !not}
	}
	return literal{l, not}
}

// normalForm multiplies the condition, or its negation, out into an or of
// conjunctions. It gives up, with false, beyond maxConjunctions.
func normalForm(c *desk.Condition, not bool) ([]conjunction, bool) {
	switch {
	case c.Op == desk.IsLeaf:
		return []conjunction{{newLiteral(&c.Leaf, not)}}, true
	case c.Op == desk.Not:
		return normalForm(c.Of[0], !not)
	case (c.Op == desk.And) != not:
		return product(c.Of, not)
	}
	return sum(c.Of, not)
}

func sum(of []*desk.Condition, not bool) (all []conjunction, ok bool) {
	for _, c := range of {
		part, ok := normalForm(c, not)
		if !ok || len(all)+len(part) > maxConjunctions {
			return nil, false
		}
		all = append(all, part...)
	}
	return all, true
}

func product(of []*desk.Condition, not bool) ([]conjunction, bool) {
	all := []conjunction{{}}
	for _, c := range of {
		part, ok := normalForm(c, not)
		if !ok || len(all)*len(part) > maxConjunctions {
			return nil, false
		}
		all = multiply(all, part)
	}
	return all, true
}

func multiply(a, b []conjunction) []conjunction {
	out := make([]conjunction, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(append(make(conjunction, 0, len(x)+len(y)), x...), y...))
		}
	}
	return out
}
