package views

import (
	"encoding/binary"
	"math"

	"github.com/deskwire/deskwire/internal/desk"
)

// A row is what views need of a ticket, as numbers where they are few words.
// The byte slices of a decoded row lie in the table and hold until it changes.
type row struct {
	id           []byte
	version      uint64
	status       uint32
	words        [wordFields]uint32    // single words, see wordKeys
	customer     []byte                // too many different ones to number
	sets         [setFields][]uint32   // see setKeys
	times        [timeFields]desk.Time // see timeKeys
	subject      []byte                // folded
	flags        uint8
	messages     uint64
	satisfaction float64
	custom       []customValue
}

// A customValue is one custom field of a row.
type customValue struct {
	key  uint32 // its word
	kind uint8  // which of the others is meant: custom*
	text []byte
	num  float64
	time desk.Time
	set  []uint32
}

const (
	customText   uint8 = iota
	customNumber       // also a false, an empty text and whatever else is zero
	customTrue
	customTime
	customSet
)

// The flags of a row.
const (
	flagSpam uint8 = 1 << iota
	flagFromAgent
	flagMerged
	flagSatisfaction
)

// The fields kept as one word each, in their order in a row.
var wordKeys = [...]string{"priority", "channel", "language", "via", "brand", "integration", "assignee_agent", "assignee_team", "requester_org"}

// The fields kept as sets of words.
var setKeys = [...]string{"tags", "skills", "follower", "participant", "read_by"}

// The fields kept as instants; the first is always there and the others are
// written as their distance from it.
var timeKeys = [...]string{"created_at", "updated_at", "opened_at", "closed_at", "last_message_at", "last_customer_message_at",
	"last_agent_message_at", "first_response_at", "assigned_at", "waiting_since", "sla_due_at", "snoozed_until", "trashed_at"}

const (
	wordFields = len(wordKeys)
	setFields  = len(setKeys)
	timeFields = len(timeKeys)
)

func ticketWords(t *desk.Ticket) [wordFields]string {
	return [...]string{string(t.Priority), t.Channel, t.Language, t.Via, t.Brand, t.Integration,
		string(t.AssigneeAgent), string(t.AssigneeTeam), t.RequesterOrg}
}

func ticketTimes(t *desk.Ticket) [timeFields]desk.Time {
	return [...]desk.Time{t.CreatedAt, t.UpdatedAt, t.OpenedAt, t.ClosedAt, t.LastMessageAt, t.LastCustomerMessageAt,
		t.LastAgentMessageAt, t.FirstResponseAt, t.AssignedAt, t.WaitingSince, t.SLADueAt, t.SnoozedUntil, t.TrashedAt}
}

// appendRow packs the ticket. The layout: id, version, a bitmap of what is
// there, and then only that, numbers as varints.
func appendRow(b []byte, t *desk.Ticket, w *words, folded string) []byte {
	b = appendBytes(b, string(t.ID))
	b = binary.AppendUvarint(b, t.Version)
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	var has uint32
	bit := uint32(1)
	mark := func(there bool) bool {
		if there {
			has |= bit
		}
		bit <<= 1
		return there
	}
	b = append(b, byte(w.code(string(t.Status))), rowFlags(t))
	b = appendWords(b, t, w, mark)
	if mark(t.Customer != "") {
		b = appendBytes(b, string(t.Customer))
	}
	b = appendSets(b, t, w, mark)
	b = appendTimes(b, t, mark)
	if mark(folded != "") {
		b = appendBytes(b, folded)
	}
	b = binary.AppendUvarint(b, uint64(t.MessageCount))
	if t.Satisfaction != nil {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(*t.Satisfaction))
	}
	if mark(len(t.Custom) > 0) {
		b = appendCustom(b, t.Custom, w)
	}
	binary.LittleEndian.PutUint32(b[at:], has)
	return b
}

func rowFlags(t *desk.Ticket) (f uint8) {
	for i, on := range [...]bool{t.Spam, t.FromAgent, t.MergedInto != "", t.Satisfaction != nil} {
		if on {
			f |= 1 << i
		}
	}
	return f
}

func appendWords(b []byte, t *desk.Ticket, w *words, mark func(bool) bool) []byte {
	for _, s := range ticketWords(t) {
		if mark(s != "") {
			b = binary.AppendUvarint(b, uint64(w.code(s)))
		}
	}
	return b
}

func appendSets(b []byte, t *desk.Ticket, w *words, mark func(bool) bool) []byte {
	b = appendSet(b, t.Tags, w, mark)
	b = appendSet(b, t.Skills, w, mark)
	b = appendSet(b, t.Followers, w, mark)
	b = appendSet(b, t.Participants, w, mark)
	return appendSet(b, t.ReadBy, w, mark)
}

func appendSet[S ~string](b []byte, set []S, w *words, mark func(bool) bool) []byte {
	if !mark(len(set) > 0) {
		return b
	}
	return appendMembers(b, set, w)
}

func appendMembers[S ~string](b []byte, set []S, w *words) []byte {
	b = binary.AppendUvarint(b, uint64(len(set)))
	for _, s := range set {
		b = binary.AppendUvarint(b, uint64(w.code(string(s))))
	}
	return b
}

// appendTimes writes the first time whole and the others by their distance:
// most lie near it, so they take four bytes instead of eight.
func appendTimes(b []byte, t *desk.Ticket, mark func(bool) bool) []byte {
	times := ticketTimes(t)
	b = binary.AppendUvarint(b, uint64(times[0]))
	for _, x := range times[1:] {
		if mark(x != 0) {
			b = binary.AppendVarint(b, int64(x-times[0]))
		}
	}
	return b
}

func appendCustom(b []byte, custom map[string]desk.Value, w *words) []byte {
	b = binary.AppendUvarint(b, uint64(len(custom)))
	for key, v := range custom { // any order: readers look a key up
		b = binary.AppendUvarint(b, uint64(w.code(key)))
		b = appendValue(b, v, w)
	}
	return b
}

func appendValue(b []byte, v desk.Value, w *words) []byte {
	switch {
	case len(v.Set) > 0:
		return appendMembers(append(b, customSet), v.Set, w)
	case v.Text != "":
		return appendBytes(append(b, customText), v.Text)
	case v.Time != 0:
		return binary.AppendUvarint(append(b, customTime), uint64(v.Time))
	case v.Bool:
		return append(b, customTrue)
	}
	return binary.LittleEndian.AppendUint64(append(b, customNumber), math.Float64bits(v.Number))
}

func appendBytes(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
