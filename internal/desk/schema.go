package desk

import (
	"slices"
	"strconv"
	"strings"
)

// A FieldSpec is what the language knows of a field.
type FieldSpec struct {
	Field
	Name      string
	Ordered   []string // the values in their order, for lt and gt
	Options   []string // the only values allowed; empty: any
	Operators []Operator
}

// A Schema is the fields of one account: the built-in ones and its own. It is
// not changed after it is made.
type Schema struct {
	fields []FieldSpec
	byKey  map[string]int
}

// MaxCustomFields is how many custom fields an account may declare.
const MaxCustomFields = 200

var (
	enumOperators = []Operator{Is, IsNot, In, NotIn, Empty, NotEmpty}
	operatorsOf   = map[FieldType][]Operator{
		EnumField:   enumOperators,
		RefField:    enumOperators,
		SetField:    {HasAll, HasAny, HasNone, Empty, NotEmpty},
		TextField:   {Contains, NotContains, StartsWith, Is, Empty, NotEmpty},
		NumberField: {Eq, Ne, Lt, Le, Gt, Ge, Between, Empty, NotEmpty},
		BoolField:   {Is},
		TimeField: {Before, After, Between, OlderThan, NewerThan, WithinNext, WithinLast, Today, ThisWeek,
			OlderThanBusiness, NewerThanBusiness, Empty, NotEmpty},
	}
)

// UnreadField is the field that asks whether the one who looks has not read
// the ticket. Bound, its leaf's first value is the agent.
const UnreadField = "unread@me"

// builtin lists the built-in fields by type.
var builtin = []struct {
	t    FieldType
	keys []string
}{
	{EnumField, []string{"status", "priority", "channel", "language", "via", "brand", "integration"}},
	{RefField, []string{"assignee_agent", "assignee_team", "customer", "requester_org", "follower", "participant"}},
	{SetField, []string{"tags", "skills", "read_by"}},
	{TextField, []string{"subject"}},
	{NumberField, []string{"message_count", "satisfaction"}},
	{BoolField, []string{"spam", "trashed", "merged", "snoozed", "from_agent", UnreadField}},
	{TimeField, []string{"created_at", "updated_at", "opened_at", "closed_at", "last_message_at", "last_customer_message_at",
		"last_agent_message_at", "first_response_at", "assigned_at", "waiting_since", "sla_due_at", "snoozed_until", "trashed_at"}},
}

// NewSchema makes the schema of the account. Its custom fields must have keys
// of letters, digits and _ and a known type.
func NewSchema(a Account) (*Schema, error) {
	s := &Schema{byKey: map[string]int{}}
	for _, b := range builtin {
		for _, key := range b.keys {
			s.add(builtinSpec(key, b.t))
		}
	}
	if len(a.Fields) > MaxCustomFields {
		return nil, &Problem{Kind: TooLarge, Pointer: "/fields", Detail: "an account has at most " + strconv.Itoa(MaxCustomFields) + " custom fields"}
	}
	for i, f := range a.Fields {
		if err := s.addCustom(f, "/fields/"+strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func builtinSpec(key string, t FieldType) FieldSpec {
	f := FieldSpec{Field: Field{Key: key, Type: t}, Name: fieldName(key), Operators: operatorsOf[t]}
	switch key {
	case "status":
		f.Ordered = texts(Statuses)
	case "priority":
		f.Ordered = texts(Priorities)
	}
	if f.Ordered != nil {
		f.Options = f.Ordered
		f.Operators = append(slices.Clone(enumOperators), Lt, Gt)
	}
	return f
}

func texts[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}

// fieldName writes a key as people do: "sla_due_at" is "SLA due at".
func fieldName(key string) string {
	switch key {
	case UnreadField:
		return "Unread by me"
	case "sla_due_at":
		return "SLA due at"
	case "requester_org":
		return "Organization"
	}
	words := strings.ReplaceAll(key, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func (s *Schema) addCustom(f FieldDef, pointer string) error {
	if f.Key == "" || len(f.Key) > 64 || strings.ContainsFunc(f.Key, func(r rune) bool { return !idByteOf(r) }) {
		return Invalidf(pointer+"/key", "a field's key is 1 to 64 letters, digits or _")
	}
	if _, ok := operatorsOf[f.Type]; !ok {
		return Invalidf(pointer+"/type", "a field's type is enum, ref, set, text, number, bool or time")
	}
	key := "custom." + f.Key
	if _, ok := s.byKey[key]; ok {
		return Invalidf(pointer+"/key", "the field %s is declared twice", f.Key)
	}
	name := f.Name
	if name == "" {
		name = fieldName(f.Key)
	}
	s.add(FieldSpec{Field: Field{Key: key, Type: f.Type, Custom: true}, Name: name, Options: f.Options, Operators: operatorsOf[f.Type]})
	return nil
}

func idByteOf(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func (s *Schema) add(f FieldSpec) {
	s.byKey[f.Key] = len(s.fields)
	s.fields = append(s.fields, f)
}

// Field finds a field by its key.
func (s *Schema) Field(key string) (FieldSpec, bool) {
	i, ok := s.byKey[key]
	if !ok {
		return FieldSpec{}, false
	}
	return s.fields[i], true
}

// Fields lists all fields, the built-in ones first.
func (s *Schema) Fields() []FieldSpec { return s.fields }

// CheckSort says whether a list can be sorted so.
func (s *Schema) CheckSort(by Sort) error {
	if by.Field == "" {
		return nil
	}
	f, ok := s.Field(by.Field)
	if ok && (f.Type == TimeField || f.Type == NumberField || f.Ordered != nil) {
		return nil
	}
	return Invalidf("/field", "a list is sorted by a time, a number, the status or the priority, not by %q", by.Field)
}

// CheckCustom says whether a ticket's custom values fit the declared fields.
func (s *Schema) CheckCustom(custom map[string]Value) error {
	for key, v := range custom {
		f, ok := s.Field("custom." + key)
		if !ok {
			return Invalidf("/custom/"+key, "the account has no custom field %q; declare it in the account's fields first", key)
		}
		if !v.fits(f) {
			return Invalidf("/custom/"+key, "the value is not one of the field's type, %s", f.Type)
		}
	}
	return nil
}

func (v Value) fits(f FieldSpec) bool {
	used := Value{}
	switch f.Type {
	case EnumField, RefField, TextField:
		used.Text = v.Text
	case NumberField:
		used.Number = v.Number
	case BoolField:
		used.Bool = v.Bool
	case TimeField:
		used.Time = v.Time
	case SetField:
		used.Set = v.Set
	}
	same := used.Text == v.Text && used.Number == v.Number && used.Bool == v.Bool && used.Time == v.Time && len(used.Set) == len(v.Set)
	if f.Type == EnumField && len(f.Options) > 0 && v.Text != "" {
		same = same && slices.Contains(f.Options, v.Text)
	}
	return same
}
