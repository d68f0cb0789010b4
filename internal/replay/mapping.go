package replay

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Mapping says what a log means: which columns it has, which ticket fields
// they fill, and what each activity does. docs/replay.md describes the file.
type Mapping struct {
	Name    string       `json:"name,omitempty"`
	Account desk.Account `json:"account"` // zone, week, calendars; the rest is the replay's
	Columns Columns      `json:"columns"`
	Time    Stamp        `json:"time"`
	Fields  []FieldMap   `json:"fields,omitempty"`
	Subject string       `json:"subject,omitempty"` // text with {column}
	// First is done by the first row of each case, before its activity.
	First      Action            `json:"first,omitzero"`
	Activities map[string]Action `json:"activities"`
	// MemberShare makes an agent a member of each team that had at least this
	// share of what he did; 0 is DefaultMemberShare.
	MemberShare float64 `json:"member_share,omitempty"`
	// Agents says more of some actors, by the actor's value in the log.
	Agents map[string]desk.Agent `json:"agents,omitempty"`
	// Follow are the actors as whom --verify looks, by their value in the log.
	Follow []string    `json:"follow,omitempty"`
	Views  []desk.View `json:"views,omitempty"`
}

// DefaultMemberShare is a tenth of what an agent did.
const DefaultMemberShare = 0.1

// Columns are the log's own.
type Columns struct {
	Case     string `json:"case"`
	Activity string `json:"activity"`
	Actor    string `json:"actor,omitempty"`
	At       string `json:"at"`
}

// A FieldMap fills a ticket field from a column, in every row anew.
type FieldMap struct {
	Column string         `json:"column"`
	Field  string         `json:"field"` // a field of the condition language, or custom.KEY
	Name   string         `json:"name,omitempty"`
	Type   desk.FieldType `json:"type,omitempty"` // of a custom field; empty: enum
	// Values translates the column's values; one that is not there stays.
	Values map[string]string `json:"values,omitempty"`
}

// An Action is what an activity does to its ticket.
type Action struct {
	Status     desk.Status   `json:"status,omitempty"`
	Priority   desk.Priority `json:"priority,omitempty"`
	Assign     string        `json:"assign,omitempty"` // "actor" or "nobody"
	TagsAdd    []string      `json:"tags_add,omitempty"`
	TagsRemove []string      `json:"tags_remove,omitempty"`
	Snooze     string        `json:"snooze,omitempty"` // for this long, such as "48h"
	Due        string        `json:"due,omitempty"`    // its answer is due after this long
	Trash      bool          `json:"trash,omitempty"`
	Spam       bool          `json:"spam,omitempty"`
	// Messages, each text with {column}: what the customer writes, what the
	// actor answers him, and what the actor notes for his colleagues.
	Write string `json:"write,omitempty"`
	Reply string `json:"reply,omitempty"`
	Note  string `json:"note,omitempty"`
}

//go:embed mappings/*.json
var shipped embed.FS

// FindMapping reads the mapping shipped under the name, or the file at the
// path.
func FindMapping(nameOrPath string) (*Mapping, error) {
	b, err := fs.ReadFile(shipped, "mappings/"+nameOrPath+".json")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		b, err = os.ReadFile(nameOrPath)
	}
	if err != nil {
		return nil, fmt.Errorf("find a mapping: %w; shipped ones are %s", err, strings.Join(Shipped(), ", "))
	}
	m, err := ParseMapping(b)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", nameOrPath, err)
	}
	return m, nil
}

// Shipped names the mappings that come with the product.
func Shipped() (names []string) {
	all, _ := fs.ReadDir(shipped, "mappings") // embedded: it is there
	for _, f := range all {
		names = append(names, strings.TrimSuffix(f.Name(), ".json"))
	}
	return names
}

// ParseMapping reads a mapping strictly. An error is a *desk.Problem that
// points into it.
func ParseMapping(b []byte) (*Mapping, error) {
	m := &Mapping{}
	if err := desk.Decode(b, m); err != nil {
		return nil, err
	}
	return m, m.check()
}

func (m *Mapping) check() error {
	for _, c := range [][2]string{{"/columns/case", m.Columns.Case}, {"/columns/activity", m.Columns.Activity}, {"/columns/at", m.Columns.At}} {
		if c[1] == "" {
			return desk.Invalidf(c[0], "name the column")
		}
	}
	if len(m.Activities) == 0 {
		return desk.Invalidf("/activities", "say what each activity does, {} for nothing")
	}
	if m.MemberShare < 0 || m.MemberShare > 1 {
		return desk.Invalidf("/member_share", "a share lies between 0 and 1")
	}
	if _, err := m.Time.reader(); err != nil {
		return err
	}
	if err := m.First.check("/first"); err != nil {
		return err
	}
	for name, a := range m.Activities {
		if err := a.check("/activities/" + name); err != nil {
			return err
		}
	}
	return m.checkSchema()
}

func (a Action) check(pointer string) error {
	if a.Status != "" && !slices.Contains(desk.Statuses, a.Status) {
		return desk.Invalidf(pointer+"/status", "a status is one of %v", desk.Statuses)
	}
	if a.Priority != "" && !slices.Contains(desk.Priorities, a.Priority) {
		return desk.Invalidf(pointer+"/priority", "a priority is one of %v", desk.Priorities)
	}
	if !slices.Contains([]string{"", "actor", "nobody"}, a.Assign) {
		return desk.Invalidf(pointer+"/assign", "assign to the actor or to nobody")
	}
	for _, s := range [][2]string{{"/snooze", a.Snooze}, {"/due", a.Due}} {
		if s[1] == "" {
			continue
		}
		if _, err := desk.ParseSpan(s[1]); err != nil {
			return desk.Invalidf(pointer+s[0], "%s", err)
		}
	}
	return nil
}

// checkSchema holds fields and views against the language.
func (m *Mapping) checkSchema() error {
	schema, err := desk.NewSchema(desk.Account{ID: "replay", Fields: m.customFields(nil)})
	if err != nil {
		return err
	}
	for i, f := range m.Fields {
		at := fmt.Sprintf("/fields/%d", i)
		if f.Column == "" {
			return desk.Invalidf(at+"/column", "name the column")
		}
		if spec, known := schema.Field(f.Field); !known || !spec.Custom && !slices.Contains(plainFields, f.Field) {
			return desk.Invalidf(at+"/field", "a column fills %s or custom.KEY, not %q", strings.Join(plainFields, ", "), f.Field)
		}
	}
	for i, v := range m.Views {
		if _, _, err := schema.Parse(v.Filter); err != nil {
			return desk.Invalidf(fmt.Sprintf("/views/%d/filter", i), "%s", err)
		}
	}
	_, err = desk.NewEnv(m.Account)
	return err
}

// plainFields are the built-in fields that a column can fill.
var plainFields = []string{"priority", "channel", "language", "via", "brand", "integration", "assignee_team", "customer", "tags"}

// customFields declares the custom fields; options are what an enum's column
// holds.
func (m *Mapping) customFields(options map[string][]string) (defs []desk.FieldDef) {
	for _, f := range m.Fields {
		key, custom := strings.CutPrefix(f.Field, "custom.")
		if !custom {
			continue
		}
		t := f.Type
		if t == "" {
			t = desk.EnumField
		}
		defs = append(defs, desk.FieldDef{Key: key, Name: f.Name, Type: t, Options: options[key]})
	}
	return defs
}

// fits says whether the log has the columns that the mapping names.
func (m *Mapping) fits(l *Log) error {
	need := []string{m.Columns.Case, m.Columns.Activity, m.Columns.At}
	if m.Columns.Actor != "" {
		need = append(need, m.Columns.Actor)
	}
	for _, f := range m.Fields {
		need = append(need, f.Column)
	}
	for _, text := range m.texts() {
		need = append(need, placeholders(text)...)
	}
	for _, name := range need {
		at, there := l.column[name]
		if !there {
			return &RowError{1, name, "the mapping names this column, but the log has none of that name"}
		}
		if at == twice {
			return &RowError{1, name, "the log has two columns of this name; rename one"}
		}
	}
	return nil
}

func (m *Mapping) texts() []string {
	all := []string{m.Subject, m.First.Write, m.First.Reply, m.First.Note}
	for _, a := range m.Activities {
		all = append(all, a.Write, a.Reply, a.Note)
	}
	return all
}

// placeholders lists the {column} of a text.
func placeholders(text string) (names []string) {
	fill(text, func(name string) string { names = append(names, name); return "" })
	return names
}

// fill puts values in for the {name} of a text.
func fill(text string, value func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before)
		out.WriteString(value(name))
		text = after
	}
}

func (l *Log) fill(text string, e *Event) string {
	return fill(text, func(name string) string { return l.Value(e, name) })
}

// ID makes an id of a value of the log: "Value 5" is value-5.
func ID(value string) string {
	b := make([]byte, 0, len(value))
	for i := 0; i < len(value) && len(b) < desk.MaxIDLength; i++ {
		switch c := value[i]; {
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		case desk.ValidID(string(rune(c))) && c < 0x80:
			b = append(b, c)
		default:
			b = append(b, '-')
		}
	}
	return string(b)
}
