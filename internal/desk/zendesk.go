package desk

import (
	"encoding/json"
	"strconv"
	"strings"
)

// zendeskFields maps the fields of Zendesk's view conditions to ours.
var zendeskFields = map[string]string{"status": "status", "priority": "priority", "group_id": "assignee_team", "assignee_id": "assignee_agent",
	"requester_id": "customer", "organization_id": "requester_org", "via_id": "via", "brand_id": "brand", "current_tags": "tags",
	"locale_id": "language", "ticket_type_id": "custom.type", "subject": "subject",
	"created_at": "created_at", "updated_at": "updated_at", "solved_at": "closed_at", "assigned_at": "assigned_at", "due_date": "sla_due_at",
	"NEW": "created_at", "OPEN": "opened_at", "SOLVED": "closed_at"}

// zendeskRule is one condition as Zendesk's API gives it.
type zendeskRule struct {
	Field    string          `json:"field"`
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
}

// ImportZendesk turns a Zendesk view's {"all":[…],"any":[…]} of {field,
// operator, value} into a condition. What it does not know is an error that
// points to it; nothing is dropped silently.
func ImportZendesk(raw []byte, s *Schema) (*Condition, error) {
	var v struct {
		All []zendeskRule `json:"all"`
		Any []zendeskRule `json:"any"`
	}
	if err := Decode(raw, &v); err != nil {
		return nil, under("/zendesk", err)
	}
	out := &Condition{Op: And}
	for _, part := range []struct {
		name  string
		rules []zendeskRule
	}{{"all", v.All}, {"any", v.Any}} {
		var of []*Condition
		for i, r := range part.rules {
			c, err := r.condition(s)
			if err != nil {
				return nil, under("/zendesk/"+part.name+"/"+strconv.Itoa(i), err)
			}
			of = append(of, c)
		}
		if part.name == "all" {
			out.Of = of
		} else if len(of) > 0 {
			out.Of = append(out.Of, &Condition{Op: Or, Of: of})
		}
	}
	return s.again(out)
}

// under puts the pointer of a problem below a prefix.
func under(prefix string, err error) error {
	if p, ok := err.(*Problem); ok {
		q := *p
		q.Pointer = prefix + p.Pointer
		return &q
	}
	return err
}

// again checks an imported condition as if it had been written here.
func (s *Schema) again(c *Condition) (*Condition, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	out, _, err := s.Parse(raw)
	return out, err
}

func (r *zendeskRule) condition(s *Schema) (*Condition, error) {
	key, ok := zendeskFields[r.Field]
	spec, known := s.Field(key)
	if !ok || !known {
		return nil, Invalidf("/field", "the Zendesk field %q has no counterpart here", r.Field)
	}
	value := r.text()
	if spec.Type == TimeField {
		return r.time(spec, value)
	}
	if spec.Type == SetField {
		return r.tags(spec, value)
	}
	return r.plain(spec, value)
}

// text is the value as a string, whatever it was written as.
func (r *zendeskRule) text() string {
	var text string
	if json.Unmarshal(r.Value, &text) == nil {
		return text
	}
	return string(r.Value)
}

func (r *zendeskRule) plain(f FieldSpec, value string) (*Condition, error) {
	switch value {
	case "current_user":
		value = Me
	case "current_groups":
		value = MyTeams
	case "current_user_organization", "current_organization":
		value = MyOrganization
	}
	l := Leaf{Field: f.Field, Values: []string{value}}
	switch r.Operator {
	case "is", "value":
		l.Is = Is
	case "is_not":
		l.Is = IsNot
	case "less_than":
		l.Is = Lt
	case "greater_than":
		l.Is = Gt
	case "includes":
		l.Is = Contains
	case "not_includes":
		l.Is = NotContains
	default:
		return nil, Invalidf("/operator", "the Zendesk operator %q is not known for %s", r.Operator, r.Field)
	}
	if value == "" || value == "null" {
		switch l.Is {
		case Is:
			l.Is, l.Values = Empty, nil
		case IsNot:
			l.Is, l.Values = NotEmpty, nil
		}
	}
	return &Condition{Leaf: l}, nil
}

func (r *zendeskRule) tags(f FieldSpec, value string) (*Condition, error) {
	l := Leaf{Field: f.Field, Values: splitWords(value)}
	switch r.Operator {
	case "includes":
		l.Is = HasAny
	case "not_includes":
		l.Is = HasNone
	case "is":
		l.Is = HasAll
	default:
		return nil, Invalidf("/operator", "the Zendesk operator %q is not known for tags", r.Operator)
	}
	return &Condition{Leaf: l}, nil
}

func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
}

// time reads Zendesk's hours since an instant.
func (r *zendeskRule) time(f FieldSpec, value string) (*Condition, error) {
	hours, err := strconv.ParseFloat(value, 64)
	if err != nil || hours <= 0 || hours > float64(MaxSpan)/3600000 {
		return nil, Invalidf("/value", "a time condition of Zendesk counts hours, such as \"24\"")
	}
	l := Leaf{Field: f.Field, Span: Time(hours * 3600000)}
	switch r.Operator {
	case "greater_than":
		l.Is = OlderThan
	case "less_than":
		l.Is = NewerThan
	case "greater_than_business_hours":
		l.Is = OlderThanBusiness
	case "less_than_business_hours":
		l.Is = NewerThanBusiness
	case "within_the_next":
		l.Is = WithinNext
	case "within_the_last", "within_previous_n_hours":
		l.Is = WithinLast
	default:
		return nil, Invalidf("/operator", "the Zendesk operator %q is not known for times", r.Operator)
	}
	return &Condition{Leaf: l}, nil
}
