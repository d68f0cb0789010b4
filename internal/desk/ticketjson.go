package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxTicketJSON is the longest ticket accepted, in bytes of JSON.
const MaxTicketJSON = 256 << 10

// AppendJSON appends the ticket as JSON, as encoding/json would write it but
// ten times faster: every change of a ticket is written so.
func (t *Ticket) AppendJSON(b []byte) []byte {
	b = append(b, `{"id":`...)
	b = appendString(b, string(t.ID))
	b = append(b, `,"version":`...)
	b = strconv.AppendUint(b, t.Version, 10)
	b = appendField(b, "subject", t.Subject)
	b = appendField(b, "status", string(t.Status))
	for _, f := range [...][2]string{{"priority", string(t.Priority)}, {"channel", t.Channel}, {"language", t.Language},
		{"via", t.Via}, {"brand", t.Brand}, {"integration", t.Integration}, {"assignee_agent", string(t.AssigneeAgent)},
		{"assignee_team", string(t.AssigneeTeam)}, {"customer", string(t.Customer)}, {"requester_name", t.RequesterName}, {"requester_org", t.RequesterOrg}} {
		if f[1] != "" {
			b = appendField(b, f[0], f[1])
		}
	}
	b = appendSet(b, "tags", t.Tags)
	b = appendSet(b, "skills", t.Skills)
	b = appendSet(b, "followers", t.Followers)
	b = appendSet(b, "participants", t.Participants)
	b = appendSet(b, "read_by", t.ReadBy)
	if len(t.Custom) > 0 {
		b = appendName(b, "custom")
		b = append(b, jsonOf(t.Custom)...)
	}
	return t.appendRest(b)
}

func jsonOf(v any) []byte {
	b, _ := json.Marshal(v) // plain data
	return b
}

func (t *Ticket) appendRest(b []byte) []byte {
	for _, f := range [...]struct {
		name string
		on   bool
	}{{"spam", t.Spam}, {"from_agent", t.FromAgent}} {
		if f.on {
			b = append(appendName(b, f.name), "true"...)
		}
	}
	if t.MergedInto != "" {
		b = appendField(b, "merged_into", string(t.MergedInto))
	}
	b = strconv.AppendInt(appendName(b, "message_count"), int64(t.MessageCount), 10)
	if t.Satisfaction != nil {
		b = append(appendName(b, "satisfaction"), jsonOf(*t.Satisfaction)...)
	}
	for _, f := range t.timesByName() {
		if f.at != 0 {
			b = f.at.appendJSON(appendName(b, f.name))
		}
	}
	return append(b, '}')
}

type namedTime struct {
	name string
	at   Time
}

func (t *Ticket) timesByName() [13]namedTime {
	return [...]namedTime{{"created_at", t.CreatedAt}, {"updated_at", t.UpdatedAt}, {"opened_at", t.OpenedAt}, {"closed_at", t.ClosedAt},
		{"last_message_at", t.LastMessageAt}, {"last_customer_message_at", t.LastCustomerMessageAt},
		{"last_agent_message_at", t.LastAgentMessageAt}, {"first_response_at", t.FirstResponseAt}, {"assigned_at", t.AssignedAt},
		{"waiting_since", t.WaitingSince}, {"sla_due_at", t.SLADueAt}, {"snoozed_until", t.SnoozedUntil}, {"trashed_at", t.TrashedAt}}
}

func appendName(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	return append(b, `":`...)
}

func appendField(b []byte, name, value string) []byte {
	return appendString(appendName(b, name), value)
}

func appendSet[S ~string](b []byte, name string, set []S) []byte {
	if len(set) == 0 {
		return b
	}
	b = append(appendName(b, name), '[')
	for i, s := range set {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(s))
	}
	return append(b, ']')
}

// appendString quotes s; what is not plain goes through encoding/json.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= utf8.RuneSelf {
			return append(b, jsonOf(strings.ToValidUTF8(s, "\uFFFD"))...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// ParseTicket reads a ticket, strictly: a field it does not know, one of the
// wrong type and anything behind the ticket is a *Problem that points to it.
func ParseTicket(b []byte, t *Ticket) error {
	if len(b) > MaxTicketJSON {
		return &Problem{Kind: TooLarge, Detail: "a ticket is at most " + strconv.Itoa(MaxTicketJSON) + " bytes of JSON"}
	}
	*t = Ticket{}
	return decode(b, t, "ticket")
}

// jsonProblem says where a document of ours is not what it should be.
func jsonProblem(err error) *Problem {
	problem, typed := (*Problem)(nil), (*json.UnmarshalTypeError)(nil)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &typed):
		return Invalidf("/"+strings.ReplaceAll(typed.Field, ".", "/"), "this takes a %s, not a %s", typed.Type, typed.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name, _ = strconv.Unquote(name)
		return Invalidf("/"+name, "there is no field %q here", name)
	}
	return Invalidf("", "this is not JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// UnmarshalJSON takes a value as it is written out, an object with one member,
// or plainly: a string, a number, true or false, a list of strings.
func (v *Value) UnmarshalJSON(b []byte) error {
	*v = Value{}
	switch b[0] {
	case '"':
		return json.Unmarshal(b, &v.Text)
	case '[':
		return json.Unmarshal(b, &v.Set)
	case 't', 'f':
		return json.Unmarshal(b, &v.Bool)
	case '{':
		type plain Value
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		return d.Decode((*plain)(v))
	case 'n':
		return Invalidf("/custom", "a custom value is not null; leave it out")
	}
	return json.Unmarshal(b, &v.Number)
}

// Decode reads any document of ours strictly: an unknown field, a wrong type
// and anything behind it are a *Problem that points there.
func Decode(b []byte, into any) error { return decode(b, into, "document") }

func decode(b []byte, into any, what string) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return jsonProblem(err)
	}
	if d.More() {
		return Invalidf("", "there is more behind the %s; remove it", what)
	}
	return nil
}
