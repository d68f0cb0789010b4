package desk

import (
	"encoding/json"
	"slices"
	"strconv"
)

// leaf turns a call into a leaf, or the negation of one.
func (p *gorgias) leaf(f FieldSpec, name string, values []string) (*Condition, error) {
	switch name {
	case "isEmpty", "isNotEmpty":
		l := Leaf{Field: f.Field, Is: Empty}
		if name == "isNotEmpty" {
			l.Is = NotEmpty
		}
		return &Condition{Leaf: l}, nil
	}
	if len(values) == 0 {
		return nil, p.fault("%s needs a value", name)
	}
	if f.Key == "status" && values[0] == "closed" && (name == "eq" || name == "neq") {
		return p.twoStates(f, name == "neq"), nil
	}
	if f.Key == "status" && values[0] == "open" && (name == "eq" || name == "neq") {
		return p.twoStates(f, name == "eq"), nil
	}
	is, ok := p.operator(f, name)
	if !ok {
		return nil, p.fault("the Gorgias function %s is not known for %s", name, f.Key)
	}
	return p.fill(Leaf{Field: f.Field, Is: is}, values)
}

// twoStates is Gorgias' status: open is new or open and not snoozed, closed is
// everything else.
func (p *gorgias) twoStates(f FieldSpec, open bool) *Condition {
	snoozed, _ := p.schema.Field("snoozed")
	c := &Condition{Op: And, Of: []*Condition{
		{Leaf: Leaf{Field: f.Field, Is: In, Values: []string{string(StatusNew), string(StatusOpen)}}},
		{Leaf: Leaf{Field: snoozed.Field, Is: Is}}}}
	if open {
		return c
	}
	return &Condition{Op: Not, Of: []*Condition{c}}
}

var gorgiasOperators = map[FieldType]map[string]Operator{
	EnumField:   {"eq": Is, "neq": IsNot, "containsAny": In, "notContainsAny": NotIn},
	RefField:    {"eq": Is, "neq": IsNot, "containsAny": In, "notContainsAny": NotIn},
	SetField:    {"containsAll": HasAll, "containsAny": HasAny, "notContainsAny": HasNone, "eq": HasAny, "neq": HasNone, "contains": HasAny, "notContains": HasNone},
	TextField:   {"contains": Contains, "notContains": NotContains, "eq": Is, "startsWith": StartsWith, "containsAny": Contains},
	NumberField: {"eq": Eq, "neq": Ne, "lt": Lt, "lte": Le, "gt": Gt, "gte": Ge},
	BoolField:   {"eq": Is, "neq": Is},
	TimeField: {"gt": After, "gte": After, "lt": Before, "lte": Before, "gteTimedelta": NewerThan, "gtTimedelta": NewerThan,
		"lteTimedelta": OlderThan, "ltTimedelta": OlderThan},
}

func (p *gorgias) operator(f FieldSpec, name string) (Operator, bool) {
	is, ok := gorgiasOperators[f.Type][name]
	return is, ok
}

// fill puts the values into the leaf, by its type.
func (p *gorgias) fill(l Leaf, values []string) (*Condition, error) {
	switch l.Field.Type {
	case NumberField:
		x, err := strconv.ParseFloat(values[0], 64)
		if err != nil {
			return nil, p.fault("%q is not a number", values[0])
		}
		l.Numbers = []float64{x}
	case BoolField:
		l.Bool = values[0] == "true" || values[0] == "1"
	case TimeField:
		return p.fillTime(l, values[0])
	default:
		return p.fillTexts(l, values)
	}
	return &Condition{Leaf: l}, nil
}

// fillTexts spreads an operator of one value over several: any of them.
func (p *gorgias) fillTexts(l Leaf, values []string) (*Condition, error) {
	l.Values = values
	if len(values) == 1 || slices.Contains(many, l.Is) {
		return &Condition{Leaf: l}, nil
	}
	if l.Is != Contains {
		return nil, p.fault("%s of %s takes one value, not %d", l.Is, l.Field.Key, len(values))
	}
	any := &Condition{Op: Or}
	for _, v := range values {
		l.Values = []string{v}
		any.Of = append(any.Of, &Condition{Leaf: l})
	}
	return any, nil
}

func (p *gorgias) fillTime(l Leaf, value string) (*Condition, error) {
	if l.Is == OlderThan || l.Is == NewerThan {
		if value != "" && value[0] == '-' {
			value = value[1:]
		}
		d, err := ParseSpan(value)
		if err != nil {
			return nil, p.fault("%s", err)
		}
		l.Span = d
		return &Condition{Leaf: l}, nil
	}
	raw, _ := json.Marshal(value)
	t, err := readInstant(raw, "/gorgias")
	if err != nil {
		return nil, err
	}
	l.From, l.To = t, t
	if l.Is == After {
		l.To = 0
	} else {
		l.From = 0
	}
	return &Condition{Leaf: l}, nil
}
