package desk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Key is the condition in a canonical form: conditions that differ only in the
// order of children or values, in repeats, in double negations or in nodes with
// one child have equal keys.
func (c *Condition) Key() string {
	b, _ := json.Marshal(c.canonical()) // strings and numbers
	return string(b)
}

func (c *Condition) canonical() *Condition {
	switch c.Op {
	case IsLeaf:
		return &Condition{Leaf: c.Leaf.canonical()}
	case Not:
		k := c.Of[0].canonical()
		if k.Op == Not {
			return k.Of[0]
		}
		return &Condition{Op: Not, Of: []*Condition{k}}
	}
	keyed := map[string]*Condition{}
	for _, k := range c.flat(nil) {
		keyed[k.Key()] = k
	}
	keys := slices.Sorted(maps.Keys(keyed))
	if len(keys) == 1 {
		return keyed[keys[0]]
	}
	out := &Condition{Op: c.Op}
	for _, k := range keys {
		out.Of = append(out.Of, keyed[k])
	}
	return out
}

// flat gives the children in canonical form, those of a child with the same op
// in its stead.
func (c *Condition) flat(into []*Condition) []*Condition {
	for _, k := range c.Of {
		if k = k.canonical(); k.Op == c.Op {
			into = append(into, k.Of...)
		} else {
			into = append(into, k)
		}
	}
	return into
}

func (l Leaf) canonical() Leaf {
	if len(l.Values) > 1 {
		l.Values = slices.Clone(l.Values)
		slices.Sort(l.Values)
		l.Values = slices.Compact(l.Values)
	}
	if l.Field.Type == TextField && len(l.Values) == 1 {
		l.Values = []string{FoldText(l.Values[0])}
	}
	if len(l.Values) == 1 && l.Is == In {
		l.Is = Is
	}
	if len(l.Values) == 1 && l.Is == NotIn {
		l.Is = IsNot
	}
	return l
}

// MarshalJSON writes the tree as Parse reads it. A bound unread@me keeps whose
// it is as a value, which Parse does not take.
func (c *Condition) MarshalJSON() ([]byte, error) {
	switch c.Op {
	case IsLeaf:
		return json.Marshal(map[string]any{"field": c.Leaf.Field.Key, "is": c.Leaf.Is, "value": c.Leaf.operand()})
	case Not:
		return json.Marshal(map[string]any{"op": "not", "of": c.Of[0]})
	}
	of := c.Of
	if of == nil {
		of = []*Condition{}
	}
	op := "and"
	if c.Op == Or {
		op = "or"
	}
	return json.Marshal(map[string]any{"op": op, "of": of})
}

// operand is the leaf's value as it is written.
func (l *Leaf) operand() any {
	switch l.Is {
	case Empty, NotEmpty:
		return nil
	case Before:
		return l.To
	case After:
		return l.From
	case OlderThan, NewerThan, WithinNext, WithinLast:
		return spanText(l.Span)
	case Today, ThisWeek:
		if l.Zone == "" {
			return nil
		}
		return map[string]string{"zone": l.Zone}
	case OlderThanBusiness, NewerThanBusiness:
		if l.Calendar == "" {
			return spanText(l.Span)
		}
		return map[string]string{"span": spanText(l.Span), "calendar": l.Calendar}
	}
	switch l.Field.Type {
	case NumberField:
		if l.Is == Between {
			return l.Numbers
		}
		return l.Numbers[0]
	case BoolField:
		if len(l.Values) > 0 {
			return []any{l.Bool, l.Values[0]}
		}
		return l.Bool
	case TimeField:
		return []Time{l.From, l.To}
	}
	if slices.Contains(many, l.Is) {
		if l.Values == nil {
			return []string{}
		}
		return l.Values
	}
	return strings.Join(l.Values, "")
}
