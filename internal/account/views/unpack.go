package views

import (
	"encoding/binary"
	"math"

	"github.com/deskwire/deskwire/internal/desk"
)

// An unpacker walks over a packed row. Rows are written by appendRow only, so
// it does not check what it reads.
type unpacker struct {
	b   []byte
	has uint32
}

func (u *unpacker) uvarint() uint64 {
	if x := u.b[0]; x < 0x80 { // most numbers are one byte
		u.b = u.b[1:]
		return uint64(x)
	}
	x, n := binary.Uvarint(u.b)
	u.b = u.b[n:]
	return x
}

func (u *unpacker) varint() int64 {
	x := u.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

func (u *unpacker) bytes() []byte {
	n := u.uvarint()
	s := u.b[:n:n]
	u.b = u.b[n:]
	return s
}

func (u *unpacker) float() float64 {
	x := binary.LittleEndian.Uint64(u.b)
	u.b = u.b[8:]
	return math.Float64frombits(x)
}

func (u *unpacker) next() bool {
	on := u.has&1 != 0
	u.has >>= 1
	return on
}

func (u *unpacker) members(set []uint32) []uint32 {
	for n := u.uvarint(); n > 0; n-- {
		set = append(set, uint32(u.uvarint()))
	}
	return set
}

// unpack reads the packed row into r, whose slices it uses again.
func (r *row) unpack(b []byte) {
	u := unpacker{b: b}
	r.id = u.bytes()
	r.version = u.uvarint()
	u.has = binary.LittleEndian.Uint32(u.b)
	r.status, r.flags = uint32(u.b[4]), u.b[5]
	u.b = u.b[6:]
	for i := range r.words {
		r.words[i] = 0
		if u.next() {
			r.words[i] = uint32(u.uvarint())
		}
	}
	r.customer = nil
	if u.next() {
		r.customer = u.bytes()
	}
	for i := range r.sets {
		r.sets[i] = r.sets[i][:0]
		if u.next() {
			r.sets[i] = u.members(r.sets[i])
		}
	}
	r.unpackTimes(&u)
	r.unpackRest(&u)
}

func (r *row) unpackTimes(u *unpacker) {
	r.times[0] = desk.Time(u.uvarint())
	for i := 1; i < timeFields; i++ {
		r.times[i] = 0
		if u.next() {
			r.times[i] = r.times[0] + desk.Time(u.varint())
		}
	}
}

func (r *row) unpackRest(u *unpacker) {
	r.subject = nil
	if u.next() {
		r.subject = u.bytes()
	}
	r.messages = u.uvarint()
	r.satisfaction = 0
	if r.flags&flagSatisfaction != 0 {
		r.satisfaction = u.float()
	}
	r.custom = r.custom[:0]
	if u.next() {
		for n := u.uvarint(); n > 0; n-- {
			r.unpackValue(u)
		}
	}
}

func (r *row) unpackValue(u *unpacker) {
	c := customValue{key: uint32(u.uvarint()), kind: u.b[0]}
	u.b = u.b[1:]
	switch c.kind {
	case customText:
		c.text = u.bytes()
	case customNumber:
		c.num = u.float()
	case customTime:
		c.time = desk.Time(u.uvarint())
	case customSet:
		c.set = u.members(nil)
	}
	r.custom = append(r.custom, c)
}

// customValue finds a custom field by its word, or nil.
func (r *row) customValue(key uint32) *customValue {
	for i := range r.custom {
		if r.custom[i].key == key {
			return &r.custom[i]
		}
	}
	return nil
}

// ticket writes the row out as the ticket that the plain evaluator reads. The
// subject is the folded one; what views do not need is left out.
func (r *row) ticket(t *desk.Ticket, w *words) {
	*t = desk.Ticket{ID: desk.TicketID(r.id), Version: r.version, Status: desk.Status(w.text(r.status)),
		Customer: desk.CustomerID(r.customer), Subject: string(r.subject), MessageCount: int(r.messages),
		Tags: textsOf[string](t.Tags, r.sets[0], w), Skills: textsOf[string](t.Skills, r.sets[1], w),
		Followers:    textsOf[desk.AgentID](t.Followers, r.sets[2], w),
		Participants: textsOf[desk.AgentID](t.Participants, r.sets[3], w),
		ReadBy:       textsOf[desk.AgentID](t.ReadBy, r.sets[4], w)}
	r.ticketWords(t, w)
	r.ticketTimes(t)
	r.ticketFlags(t)
	r.ticketCustom(t, w)
}

func textsOf[S ~string](dst []S, set []uint32, w *words) []S {
	dst = dst[:0]
	for _, c := range set {
		dst = append(dst, S(w.text(c)))
	}
	return dst
}

func (r *row) ticketWords(t *desk.Ticket, w *words) {
	t.Priority = desk.Priority(w.text(r.words[0]))
	for i, p := range [...]*string{&t.Channel, &t.Language, &t.Via, &t.Brand, &t.Integration} {
		*p = w.text(r.words[1+i])
	}
	t.AssigneeAgent = desk.AgentID(w.text(r.words[6]))
	t.AssigneeTeam = desk.TeamID(w.text(r.words[7]))
	t.RequesterOrg = w.text(r.words[8])
}

func (r *row) ticketTimes(t *desk.Ticket) {
	for i, p := range [...]*desk.Time{&t.CreatedAt, &t.UpdatedAt, &t.OpenedAt, &t.ClosedAt, &t.LastMessageAt, &t.LastCustomerMessageAt,
		&t.LastAgentMessageAt, &t.FirstResponseAt, &t.AssignedAt, &t.WaitingSince, &t.SLADueAt, &t.SnoozedUntil, &t.TrashedAt} {
		*p = r.times[i]
	}
}

// mergedSomewhere stands for the ticket merged into, which no view asks for.
const mergedSomewhere = "merged"

func (r *row) ticketFlags(t *desk.Ticket) {
	t.Spam, t.FromAgent = r.flags&flagSpam != 0, r.flags&flagFromAgent != 0
	if r.flags&flagMerged != 0 {
		t.MergedInto = mergedSomewhere
	}
	if r.flags&flagSatisfaction != 0 {
		t.Satisfaction = &r.satisfaction
	}
}

func (r *row) ticketCustom(t *desk.Ticket, w *words) {
	if len(r.custom) == 0 {
		return
	}
	t.Custom = make(map[string]desk.Value, len(r.custom))
	for _, c := range r.custom {
		v := desk.Value{Text: string(c.text), Number: c.num, Bool: c.kind == customTrue, Time: c.time}
		v.Set = textsOf[string](nil, c.set, w)
		t.Custom[w.text(c.key)] = v
	}
}
