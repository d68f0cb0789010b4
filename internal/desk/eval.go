package desk

import "strings"

// Eval says whether the condition holds of the ticket at now, and the first
// instant after now at which that may be otherwise, Never if at none. The
// condition should be bound; a parameter left in it is nobody's.
//
// The second value is sound: until then the answer stays. It is exact for a
// leaf. For nodes it follows the algebra of min and max: an and that is true
// may turn with the first child that does, one that is false not before the
// last false child has.
func (c *Condition) Eval(t *Ticket, env *Env, now Time) (bool, Time) {
	switch c.Op {
	case IsLeaf:
		if !c.Leaf.Timed() {
			return c.Leaf.Match(t, env), Never
		}
		return c.Leaf.when(t, env, now)
	case Not:
		ok, until := c.Of[0].Eval(t, env, now)
		return !ok, until
	}
	decides := c.Op == Or // the value of one child that settles the node
	decided, soonest, latest := false, Never, Time(0)
	for _, k := range c.Of {
		ok, until := k.Eval(t, env, now)
		if ok != decides {
			soonest = min(soonest, until)
			continue
		}
		if decided, latest = true, max(latest, until); latest == Never {
			return decides, Never
		}
	}
	if decided {
		return decides, latest
	}
	return !decides, soonest
}

// Timed says whether the leaf may turn by time alone.
func (l *Leaf) Timed() bool {
	switch l.Is {
	case OlderThan, NewerThan, WithinNext, WithinLast, Today, ThisWeek, OlderThanBusiness, NewerThanBusiness:
		return true
	}
	return l.Field.Key == "snoozed"
}

// when evaluates a timed leaf.
func (l *Leaf) when(t *Ticket, env *Env, now Time) (bool, Time) {
	x := t.TimeField(l.Field.Key)
	positive := l.Field.Type != BoolField || l.Bool
	if x == 0 {
		return !positive, Never
	}
	from, until := l.Window(x, env)
	switch {
	case from >= until || now >= until:
		return !positive, Never
	case now < from:
		return !positive, from
	}
	return positive, until
}

// Window gives the time during which a timed leaf holds of a field's value x,
// which is not absent: from <= now < until. From 0 it always has; until Never
// it always will; from >= until it never does. For snoozed it is the window of
// "snoozed is true", whatever Bool says.
func (l *Leaf) Window(x Time, env *Env) (from, until Time) {
	switch l.Is {
	case OlderThan:
		return x + l.Span, Never
	case NewerThan:
		return 0, x + l.Span
	case WithinNext: // now < x <= now+span
		return x - l.Span, x
	case WithinLast: // now-span < x <= now
		return x, x + l.Span
	case Today:
		return env.day(x, l.Zone)
	case ThisWeek:
		return env.week(x, l.Zone)
	case OlderThanBusiness:
		return env.calendarNamed(l.Calendar).after(x, l.Span), Never
	case NewerThanBusiness:
		return 0, env.calendarNamed(l.Calendar).after(x, l.Span)
	}
	return 0, x // snoozed
}

// Match says whether a leaf that is not timed holds of the ticket.
func (l *Leaf) Match(t *Ticket, env *Env) bool {
	switch l.Field.Type {
	case EnumField:
		return l.matchEnum(t.Scalar(l.Field.Key))
	case RefField:
		return l.matchRef(t)
	case SetField:
		return l.matchSet(t)
	case TextField:
		return l.matchText(t.TextField(l.Field.Key))
	case NumberField:
		return l.matchNumber(t)
	case BoolField:
		return l.flag(t) == l.Bool
	}
	return l.matchTime(t.TimeField(l.Field.Key))
}

func (l *Leaf) flag(t *Ticket) bool {
	if l.Field.Key == UnreadField {
		return len(l.Values) > 0 && !t.Holds("read_by", l.Values[0])
	}
	return t.Flag(l.Field.Key)
}

func (l *Leaf) matchEnum(v string) bool {
	switch l.Is {
	case Is, In:
		return l.names(v)
	case IsNot, NotIn:
		return !l.names(v)
	case Empty:
		return v == ""
	case NotEmpty:
		return v != ""
	}
	a, b := rank(l.Field.Key, v), rank(l.Field.Key, l.Values[0])
	if a < 0 {
		return false
	}
	return l.Is == Lt && a < b || l.Is == Gt && a > b
}

// names says whether v is one of the values; the empty one only by @nobody.
func (l *Leaf) names(v string) bool {
	for _, x := range l.Values {
		if x == v && v != "" || x == Nobody && v == "" {
			return true
		}
	}
	return false
}

// rank is a value's place in its field's order, or -1.
func rank(key, v string) int {
	switch key {
	case "status":
		for i, s := range Statuses {
			if string(s) == v {
				return i
			}
		}
	case "priority":
		for i, p := range Priorities {
			if string(p) == v {
				return i
			}
		}
	}
	return -1
}

// several says whether a reference is to more than one thing.
func several(key string) bool { return key == "follower" || key == "participant" }

func (l *Leaf) matchRef(t *Ticket) bool {
	key := l.Field.Key
	if !several(key) {
		return l.matchEnum(t.Scalar(key))
	}
	switch l.Is {
	case Is, In:
		return l.among(t)
	case IsNot, NotIn:
		return !l.among(t)
	case Empty:
		return t.Size(key) == 0
	}
	return t.Size(key) != 0
}

func (l *Leaf) among(t *Ticket) bool {
	for _, x := range l.Values {
		if x == Nobody && t.Size(l.Field.Key) == 0 || t.Holds(l.Field.Key, x) {
			return true
		}
	}
	return false
}

func (l *Leaf) matchSet(t *Ticket) bool {
	key := l.Field.Key
	switch l.Is {
	case HasAll:
		for _, x := range l.Values {
			if !t.Holds(key, x) {
				return false
			}
		}
		return t.Size(key) > 0
	case HasAny:
		return l.any(t)
	case HasNone:
		return !l.any(t)
	case Empty:
		return t.Size(key) == 0
	}
	return t.Size(key) != 0
}

func (l *Leaf) any(t *Ticket) bool {
	for _, x := range l.Values {
		if t.Holds(l.Field.Key, x) {
			return true
		}
	}
	return false
}

func (l *Leaf) matchText(text string) bool {
	switch l.Is {
	case Empty:
		return text == ""
	case NotEmpty:
		return text != ""
	case Contains:
		return l.contains(text)
	case NotContains:
		return !l.contains(text)
	}
	folded, want := FoldText(text), FoldText(l.Values[0])
	if l.Is == Is {
		return folded != "" && folded == want
	}
	return strings.HasPrefix(folded+" ", want+" ")
}

func (l *Leaf) contains(text string) bool {
	return strings.Contains(" "+FoldText(text)+" ", " "+FoldText(l.Values[0])+" ")
}

func (l *Leaf) matchNumber(t *Ticket) bool {
	x, there := t.Number(l.Field.Key)
	switch l.Is {
	case Empty:
		return !there
	case NotEmpty:
		return there
	case Ne:
		return !there || x != l.Numbers[0]
	}
	if !there {
		return false
	}
	switch n := l.Numbers[0]; l.Is {
	case Eq:
		return x == n
	case Lt:
		return x < n
	case Le:
		return x <= n
	case Gt:
		return x > n
	case Ge:
		return x >= n
	}
	return l.Numbers[0] <= x && x <= l.Numbers[1]
}

func (l *Leaf) matchTime(x Time) bool {
	switch l.Is {
	case Empty:
		return x == 0
	case NotEmpty:
		return x != 0
	}
	if x == 0 {
		return false
	}
	switch l.Is {
	case Before:
		return x < l.To
	case After:
		return x >= l.From
	}
	return l.From <= x && x < l.To
}
