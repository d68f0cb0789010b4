package desk

// A Condition is a tree that says which tickets are meant. It is two-valued:
// every leaf is true or false of every ticket, at every instant, and an empty
// field makes every positive operator false and every negative one true (VC-4).
//
// One tree serves evaluating, indexing, the list query and the audit.
type Condition struct {
	Op   Op           // And, Or, Not; or IsLeaf
	Of   []*Condition // of And and Or any number, of Not one
	Leaf Leaf         // of IsLeaf
}

// Op is what a node of a condition does with its children.
type Op uint8

const (
	IsLeaf Op = iota
	And       // true when all are; true of none
	Or        // true when any is; false of none
	Not
)

// A Leaf asks one thing of one field.
type Leaf struct {
	Field Field
	Is    Operator
	// The operand; which members are meant follows from the field's type and
	// the operator.
	Values   []string // enum, ref, set, text: as written; refs may hold parameters until bound
	Numbers  []float64
	Bool     bool
	From, To Time   // before, after, between
	Span     Time   // a duration in milliseconds: older_than, within_next, ...
	Zone     string // of today and this_week: "" the account's, "viewer" until bound, else IANA
	Calendar string // of the business operators: "" the account's first
}

// A Field names what a leaf looks at.
type Field struct {
	Key    string    // such as "status", or "custom.plan"
	Type   FieldType // decides which operators fit
	Custom bool
}

// An Operator is written as in the language: "is", "older_than", ...
type Operator string

// The operators, by the types of field they fit. A set of negatives is the
// exact negation of the positive beside it.
const (
	Is                Operator = "is"                  // enum, ref, text, bool
	IsNot             Operator = "is_not"              // enum, ref
	In                Operator = "in"                  // enum, ref
	NotIn             Operator = "not_in"              // enum, ref
	Empty             Operator = "empty"               // enum, ref, set, text, number, time
	NotEmpty          Operator = "not_empty"           //
	Lt                Operator = "lt"                  // number; status and priority
	Le                Operator = "le"                  // number
	Gt                Operator = "gt"                  // number; status and priority
	Ge                Operator = "ge"                  // number
	Eq                Operator = "eq"                  // number
	Ne                Operator = "ne"                  // number
	Between           Operator = "between"             // number (inclusive); time (from <= t < to)
	HasAll            Operator = "has_all"             // set
	HasAny            Operator = "has_any"             // set
	HasNone           Operator = "has_none"            // set
	Contains          Operator = "contains"            // text
	NotContains       Operator = "not_contains"        // text
	StartsWith        Operator = "starts_with"         // text
	Before            Operator = "before"              // time
	After             Operator = "after"               // time: t >= the instant
	OlderThan         Operator = "older_than"          // time: now-t >= span
	NewerThan         Operator = "newer_than"          // time: now-t < span
	WithinNext        Operator = "within_next"         // time: now < t <= now+span
	WithinLast        Operator = "within_last"         // time: now-span < t <= now
	Today             Operator = "today"               // time, in Zone
	ThisWeek          Operator = "this_week"           // time, in Zone
	OlderThanBusiness Operator = "older_than_business" // time, by Calendar
	NewerThanBusiness Operator = "newer_than_business" // time, by Calendar
)

// Parameters that stand for who looks. Bind replaces them.
const (
	Me             = "@me"
	MyTeams        = "@my_teams"
	MyOrganization = "@me.organization"
	Nobody         = "@nobody" // the empty value
)
