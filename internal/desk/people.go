package desk

// Role says what an agent may do beside working tickets.
type Role string

const (
	Admin    Role = "admin"    // everything in the account
	Lead     Role = "lead"     // edits public and shared views
	Regular  Role = "agent"    // works tickets, keeps private views
	Light    Role = "light"    // reads, writes notes only
	Observer Role = "observer" // reads only
)

// ReadRule names tickets an agent may read; an agent has several, joined by or.
type ReadRule string

const (
	ReadAll             ReadRule = "all"
	ReadMine            ReadRule = "assigned_to_me"
	ReadMyTeams         ReadRule = "my_teams"
	ReadTeamsUnassigned ReadRule = "my_teams_unassigned" // the team inbox
	ReadUnassigned      ReadRule = "unassigned_no_team"
)

// An Agent is a user who may work tickets.
type Agent struct {
	ID       AgentID    `json:"id"`
	Name     string     `json:"name"`
	Email    string     `json:"email,omitempty"`
	Role     Role       `json:"role"`
	Disabled bool       `json:"disabled,omitempty"`
	Reads    []ReadRule `json:"reads,omitempty"` // empty: all
	// Organization is what @me.organization stands for.
	Organization string `json:"organization,omitempty"`
	Zone         string `json:"zone,omitempty"` // IANA name; empty: the account's
	Locale       string `json:"locale,omitempty"`
	Version      uint64 `json:"version"`
}

// A Team is a group of agents that tickets are given to.
type Team struct {
	ID      TeamID    `json:"id"`
	Name    string    `json:"name"`
	Members []AgentID `json:"members"`
	Version uint64    `json:"version"`
}

// A Customer writes tickets.
type Customer struct {
	ID           CustomerID `json:"id"`
	Name         string     `json:"name"`
	Email        string     `json:"email,omitempty"`
	Organization string     `json:"organization,omitempty"`
	VIP          bool       `json:"vip,omitempty"`
	Tags         []string   `json:"tags,omitempty"`
	Locale       string     `json:"locale,omitempty"`
	Version      uint64     `json:"version"`
}

// An Account is one tenant: a helpdesk with its agents and tickets.
type Account struct {
	ID   AccountID `json:"id"`
	Name string    `json:"name"`
	Zone string    `json:"zone,omitempty"` // IANA name; empty: UTC
	// WeekStart is the first day of a week: 0 Sunday, 1 Monday (the default) to 6.
	WeekStart *int       `json:"week_start,omitempty"`
	Calendars []Calendar `json:"calendars,omitempty"` // the first is the default
	Fields    []FieldDef `json:"fields,omitempty"`    // custom fields
	// Origins are the pages allowed to open live connections, each
	// scheme://host[:port], compared exactly. Empty: the server's own origin.
	Origins []string `json:"origins,omitempty"`
	Keys    []Key    `json:"keys,omitempty"` // who may sign agents' tokens
	// ManualClock accounts stand still between SetClock events: for replays.
	ManualClock bool   `json:"manual_clock,omitempty"`
	Version     uint64 `json:"version"`
}

// A Key checks agents' tokens: a shared secret (HS256), a public key in PEM
// (RS256, EdDSA), or an address of a JSON Web Key Set.
type Key struct {
	ID       string `json:"id,omitempty"` // kid
	Alg      string `json:"alg,omitempty"`
	Secret   string `json:"secret,omitempty"`
	PEM      string `json:"pem,omitempty"`
	JWKS     string `json:"jwks,omitempty"` // https address
	Issuer   string `json:"issuer,omitempty"`
	Audience string `json:"audience,omitempty"`
}

// A Calendar says when a team works.
type Calendar struct {
	ID   string `json:"id"`
	Zone string `json:"zone,omitempty"` // empty: the account's
	// Hours are the opening hours of each day of the week, by its lower-case
	// English name; a day without any is closed.
	Hours    map[string][]Hours `json:"hours"`
	Holidays []string           `json:"holidays,omitempty"` // closed days, YYYY-MM-DD
}

// Hours is one opening, from and to as "HH:MM", to at most "24:00".
type Hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A FieldDef declares a custom field.
type FieldDef struct {
	Key     string    `json:"key"` // letters, digits and _, written custom.KEY in conditions
	Name    string    `json:"name,omitempty"`
	Type    FieldType `json:"type"`
	Options []string  `json:"options,omitempty"` // for enum
}

// FieldType says which operators a field takes and which [Value] member it has.
type FieldType string

const (
	EnumField   FieldType = "enum"
	RefField    FieldType = "ref"
	SetField    FieldType = "set"
	TextField   FieldType = "text"
	NumberField FieldType = "number"
	BoolField   FieldType = "bool"
	TimeField   FieldType = "time"
)
