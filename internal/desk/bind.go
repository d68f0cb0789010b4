package desk

import "slices"

// A Viewer is who looks, as far as conditions ask.
type Viewer struct {
	Agent        AgentID
	Teams        []TeamID
	Organization string
	Zone         string // IANA name; empty: the account's
}

// Params says which parameters a condition uses, and so who may share a count.
type Params uint8

// The parameters.
const (
	UsesMe Params = 1 << iota
	UsesMyTeams
	UsesOrganization
	UsesViewerZone
)

// Params gives the parameters the condition uses.
func (c *Condition) Params() (p Params) {
	for _, k := range c.Of {
		p |= k.Params()
	}
	if c.Op != IsLeaf {
		return p
	}
	if c.Leaf.Field.Key == UnreadField && len(c.Leaf.Values) == 0 {
		p |= UsesMe
	}
	if c.Leaf.Zone == "viewer" {
		p |= UsesViewerZone
	}
	if c.Leaf.Field.Type == TextField || c.Leaf.Field.Type == EnumField {
		return p
	}
	for _, v := range c.Leaf.Values {
		switch v {
		case Me:
			p |= UsesMe
		case MyTeams:
			p |= UsesMyTeams
		case MyOrganization:
			p |= UsesOrganization
		}
	}
	return p
}

// Bind puts the viewer in for the parameters. A viewer without teams or
// organization matches no ticket by them, not those without one.
func (c *Condition) Bind(v Viewer) *Condition {
	if c.Params() == 0 {
		return c
	}
	out := *c
	if c.Op != IsLeaf {
		out.Of = make([]*Condition, len(c.Of))
		for i, k := range c.Of {
			out.Of[i] = k.Bind(v)
		}
		return &out
	}
	l := &out.Leaf
	if l.Zone == "viewer" {
		l.Zone = v.Zone
	}
	if l.Field.Key == UnreadField {
		l.Values = []string{string(v.Agent)}
		return &out
	}
	l.bind(v)
	return &out
}

func (l *Leaf) bind(v Viewer) {
	if len(l.Values) == 0 {
		return
	}
	values := make([]string, 0, len(l.Values)+len(v.Teams))
	for _, x := range l.Values {
		switch x {
		case Me:
			values = append(values, string(v.Agent))
		case MyTeams:
			values = append(values, texts(v.Teams)...)
		case MyOrganization:
			if v.Organization != "" {
				values = append(values, v.Organization)
			}
		default:
			values = append(values, x)
		}
	}
	if l.Is == Is && len(values) != 1 {
		l.Is = In
	}
	if l.Is == IsNot && len(values) != 1 {
		l.Is = NotIn
	}
	l.Values = values
}

// FieldKeys lists the fields that the condition reads, in order.
func (c *Condition) FieldKeys() []string {
	keys := c.fieldKeys(nil)
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (c *Condition) fieldKeys(into []string) []string {
	if c.Op == IsLeaf {
		return append(into, c.Leaf.Field.Key)
	}
	for _, k := range c.Of {
		into = k.fieldKeys(into)
	}
	return into
}

// Timed says whether the condition may turn by time alone.
func (c *Condition) Timed() bool {
	return c.Op == IsLeaf && c.Leaf.Timed() || slices.ContainsFunc(c.Of, (*Condition).Timed)
}

// WithDefaults leaves out spam, trash and merged tickets, each unless the
// condition mentions it.
func (c *Condition) WithDefaults() *Condition {
	mentioned := c.FieldKeys()
	out := &Condition{Op: And, Of: []*Condition{c}}
	for _, key := range []string{"spam", "trashed", "merged"} {
		if !slices.Contains(mentioned, key) {
			out.Of = append(out.Of, &Condition{Leaf: Leaf{Field: Field{Key: key, Type: BoolField}, Is: Is}})
		}
	}
	if len(out.Of) == 1 {
		return c
	}
	return out
}
