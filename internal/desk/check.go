package desk

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Limits on tickets.
const (
	MaxSubject      = 1000                  // bytes
	MaxTags         = 100                   // of one ticket, and skills
	MaxTagLength    = 100                   // bytes
	MaxFollowers    = 200                   // of one ticket, and participants
	MaxReaders      = 5000                  // agents who have read one ticket
	MaxCustomValues = 100                   // of one ticket
	MaxCustomText   = 4000                  // bytes
	MaxWord         = 100                   // bytes of a channel, language, brand, ...
	maxTime         = Time(253402300800000) // the year 10000
)

// Normalize sorts the sets, drops repeats and empty members, and gives a ticket
// without a status the status new.
func (t *Ticket) Normalize() {
	t.Tags, t.Skills = asSet(t.Tags), asSet(t.Skills)
	t.Followers, t.Participants, t.ReadBy = asSet(t.Followers), asSet(t.Participants), asSet(t.ReadBy)
	if t.Status == "" {
		t.Status = StatusNew
	}
}

func asSet[S cmp.Ordered](all []S) []S {
	var none S
	if len(all) == 0 {
		return nil
	}
	if !slices.IsSorted(all) {
		all = slices.Clone(all)
		slices.Sort(all)
	}
	all = slices.Compact(all)
	if all[0] == none {
		all = all[1:]
	}
	return all
}

// Check says whether a normalized ticket is one: ids, status, priority, times
// and limits. Custom fields are the schema's to check.
func (t *Ticket) Check() error {
	switch {
	case !ValidID(string(t.ID)):
		return Invalidf("/id", "an id is 1 to %d letters, digits or -_.:@+/", MaxIDLength)
	case !slices.Contains(Statuses, t.Status):
		return Invalidf("/status", "a status is one of %v", Statuses)
	case t.Priority != "" && !slices.Contains(Priorities, t.Priority):
		return Invalidf("/priority", "a priority is one of %v, or left out", Priorities)
	case len(t.Subject) > MaxSubject || !utf8.ValidString(t.Subject):
		return Invalidf("/subject", "a subject is at most %d bytes of UTF-8", MaxSubject)
	case t.MessageCount < 0:
		return Invalidf("/message_count", "a count is not negative")
	case t.MergedInto == t.ID:
		return Invalidf("/merged_into", "a ticket is not merged into itself")
	}
	if err := t.checkWords(); err != nil {
		return err
	}
	if err := t.checkSets(); err != nil {
		return err
	}
	for _, f := range t.timesByName() {
		if f.at < 0 || f.at >= maxTime {
			return Invalidf("/"+f.name, "an instant lies between 1970 and 9999")
		}
	}
	return t.checkCustom()
}

func (t *Ticket) checkWords() error {
	for _, f := range [...][2]string{{"channel", t.Channel}, {"language", t.Language}, {"via", t.Via}, {"brand", t.Brand}, {"integration", t.Integration}, {"requester_name", t.RequesterName}} {
		if len(f[1]) > MaxWord || !printable(f[1]) {
			return Invalidf("/"+f[0], "this is at most %d bytes of UTF-8 without control characters", MaxWord)
		}
	}
	for _, f := range [...][2]string{{"assignee_agent", string(t.AssigneeAgent)}, {"assignee_team", string(t.AssigneeTeam)},
		{"customer", string(t.Customer)}, {"merged_into", string(t.MergedInto)}} {
		if f[1] != "" && !ValidID(f[1]) {
			return Invalidf("/"+f[0], "an id is 1 to %d letters, digits or -_.:@+/", MaxIDLength)
		}
	}
	return nil
}

func printable(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func (t *Ticket) checkSets() error {
	for _, f := range [...]struct {
		name string
		tags []string
	}{{"tags", t.Tags}, {"skills", t.Skills}} {
		if len(f.tags) > MaxTags {
			return &Problem{Kind: TooLarge, Pointer: "/" + f.name, Detail: "a ticket has at most " + strconv.Itoa(MaxTags) + " of them"}
		}
		for i, s := range f.tags {
			if len(s) > MaxTagLength || !printable(s) {
				return Invalidf("/"+f.name+"/"+strconv.Itoa(i), "this is 1 to %d bytes of UTF-8 without control characters", MaxTagLength)
			}
		}
	}
	for _, f := range [...]struct {
		name   string
		agents []AgentID
		limit  int
	}{{"followers", t.Followers, MaxFollowers}, {"participants", t.Participants, MaxFollowers}, {"read_by", t.ReadBy, MaxReaders}} {
		if len(f.agents) > f.limit {
			return &Problem{Kind: TooLarge, Pointer: "/" + f.name, Detail: "a ticket has at most " + strconv.Itoa(f.limit) + " of them"}
		}
		for i, id := range f.agents {
			if !ValidID(string(id)) {
				return Invalidf("/"+f.name+"/"+strconv.Itoa(i), "an id is 1 to %d letters, digits or -_.:@+/", MaxIDLength)
			}
		}
	}
	return nil
}

func (t *Ticket) checkCustom() error {
	if len(t.Custom) > MaxCustomValues {
		return &Problem{Kind: TooLarge, Pointer: "/custom", Detail: "a ticket has at most " + strconv.Itoa(MaxCustomValues) + " custom values"}
	}
	for key, v := range t.Custom {
		if len(v.Text) > MaxCustomText || len(v.Set) > MaxTags || v.Time < 0 || v.Time >= maxTime {
			return Invalidf("/custom/"+key, "a text is at most %d bytes, a set at most %d members, a time between 1970 and 9999", MaxCustomText, MaxTags)
		}
	}
	return nil
}
