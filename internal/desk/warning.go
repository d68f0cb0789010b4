package desk

import "strconv"

// warnings tells of parts that are always or never true. It is sound: what it
// names is so. It does not find everything.
func warnings(c *Condition) []Warning { return inspect(c, "", nil) }

func inspect(c *Condition, pointer string, all []Warning) []Warning {
	switch c.Op {
	case IsLeaf:
		if why := c.Leaf.settled(); why != "" {
			all = append(all, Warning{pointer, why})
		}
		return all
	case Not:
		return inspect(c.Of[0], pointer+"/of", all)
	}
	for i, k := range c.Of {
		all = inspect(k, pointer+"/of/"+strconv.Itoa(i), all)
	}
	if len(c.Of) == 0 {
		word := map[Op]string{And: "always", Or: "never"}[c.Op]
		return append(all, Warning{pointer, "an empty node is " + word + " true"})
	}
	return c.clashes(pointer, all)
}

// settled says why a leaf can never be otherwise than it is, or nothing.
func (l *Leaf) settled() string {
	switch {
	case len(l.Values) == 0 && (l.Is == In || l.Is == HasAny):
		return "an empty list holds nothing: this is never true"
	case len(l.Values) == 0 && (l.Is == NotIn || l.Is == HasNone):
		return "an empty list holds nothing: this is always true"
	case l.Is == Between && l.Field.Type == NumberField && l.Numbers[0] > l.Numbers[1],
		l.Is == Between && l.Field.Type == TimeField && l.From >= l.To:
		return "the range ends before it begins: this is never true"
	case l.Is == Lt && len(l.Values) == 1 && rank(l.Field.Key, l.Values[0]) == 0:
		return "nothing is below " + l.Values[0] + ": this is never true"
	case l.Is == Gt && (l.Field.Key == "status" && l.Values[0] == string(StatusClosed) || l.Field.Key == "priority" && l.Values[0] == string(PriorityUrgent)):
		return "nothing is above " + l.Values[0] + ": this is never true"
	}
	return ""
}

// clashes looks for two children that exclude each other (in an and, never
// true) or complete each other (in an or, always true).
func (c *Condition) clashes(pointer string, all []Warning) []Warning {
	for i, a := range c.Of {
		for j := i + 1; j < len(c.Of); j++ {
			b := c.Of[j]
			at := pointer + "/of/" + strconv.Itoa(j)
			switch {
			case opposite(a, b) && c.Op == And, c.Op == And && a.Op == IsLeaf && b.Op == IsLeaf && exclude(&a.Leaf, &b.Leaf):
				all = append(all, Warning{at, "this and child " + strconv.Itoa(i) + " exclude each other: the node is never true"})
			case opposite(a, b):
				all = append(all, Warning{at, "this or child " + strconv.Itoa(i) + " always holds: the node is always true"})
			}
		}
	}
	return all
}

// opposite says whether one is exactly the negation of the other.
func opposite(a, b *Condition) bool {
	return (&Condition{Op: Not, Of: []*Condition{a}}).plainKey() == b.plainKey()
}

var negatives = map[Operator]Operator{IsNot: Is, NotIn: In, NotEmpty: Empty, Ne: Eq, HasNone: HasAny, NotContains: Contains}

// plainKey is the key with negative operators written as negations.
func (c *Condition) plainKey() string { return c.positive().Key() }

func (c *Condition) positive() *Condition {
	out := *c
	if c.Op == IsLeaf {
		l := c.Leaf.canonical()
		if p, ok := negatives[l.Is]; ok {
			l.Is = p
			return &Condition{Op: Not, Of: []*Condition{{Leaf: l}}}
		}
		if l.Field.Type == BoolField && !l.Bool && l.Is == Is {
			l.Bool = true
			return &Condition{Op: Not, Of: []*Condition{{Leaf: l}}}
		}
		out.Leaf = l
		return &out
	}
	out.Of = make([]*Condition, len(c.Of))
	for i, k := range c.Of {
		out.Of[i] = k.positive()
	}
	return &out
}

// exclude says whether two leaves on one field cannot both hold.
func exclude(a, b *Leaf) bool {
	if a.Field.Key != b.Field.Key {
		return false
	}
	if a.Is == Empty && positiveOnly(b) || b.Is == Empty && positiveOnly(a) {
		return true
	}
	one := !several(a.Field.Key) && (a.Field.Type == EnumField || a.Field.Type == RefField)
	if one && (a.Is == Is || a.Is == In) && (b.Is == Is || b.Is == In) {
		return disjoint(a.Values, b.Values)
	}
	if a.Is == HasAll && b.Is == HasNone || a.Is == HasNone && b.Is == HasAll {
		return !disjoint(a.Values, b.Values)
	}
	return a.Field.Type == NumberField && emptyRange(a, b)
}

// positiveOnly says whether the leaf needs the field to be there.
func positiveOnly(l *Leaf) bool {
	switch l.Is {
	case Empty, IsNot, NotIn, HasNone, NotContains, Ne:
		return false
	}
	for _, v := range l.Values {
		if v == Nobody || v == MyTeams {
			return false
		}
	}
	return true
}

// disjoint compares values; parameters may stand for anything.
func disjoint(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y || x[0] == '@' && x != Nobody || y[0] == '@' && y != Nobody {
				return false
			}
		}
	}
	return true
}

func emptyRange(a, b *Leaf) bool {
	lo1, hi1, ok1 := a.bounds()
	lo2, hi2, ok2 := b.bounds()
	return ok1 && ok2 && (lo1 > hi2 || lo2 > hi1)
}

// bounds gives the closed range a number leaf needs the value to lie in.
func (l *Leaf) bounds() (lo, hi float64, ok bool) {
	const huge = 1e308
	switch l.Is {
	case Eq:
		return l.Numbers[0], l.Numbers[0], true
	case Lt, Le:
		return -huge, l.Numbers[0], true
	case Gt, Ge:
		return l.Numbers[0], huge, true
	case Between:
		return l.Numbers[0], l.Numbers[1], true
	}
	return 0, 0, false
}
