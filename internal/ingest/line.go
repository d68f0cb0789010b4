package ingest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// An operand is what stands beside op in a line.
type operand struct {
	name     string
	shape    *shape
	optional bool
}

// A lineOp is one sort of line.
type lineOp struct {
	takes []operand
	// under is where in the line the account's pointers lead into.
	under string
	event func(*line) (desk.Event, error)
}

var (
	aString = &shape{kind: aText}
	anID    = operand{name: "id", shape: aString}
	from    = operand{name: "from", shape: aString}
	to      = operand{name: "into", shape: aString}
)

func document[T any](name string) operand {
	return operand{name: name, shape: shapeOf(reflect.TypeFor[T]())}
}

// ops are the lines there are.
var ops = map[string]*lineOp{
	// A ticket has a reader of its own, which is strict and fast.
	"ticket.put": {[]operand{{name: "ticket"}}, "/ticket", (*line).ticket},
	"ticket.patch": {[]operand{anID, {name: "patch", shape: patchShape}, {"if_version", &shape{kind: aWhole, positive: true}, true}}, "",
		func(l *line) (desk.Event, error) {
			e := desk.PatchTicket{ID: desk.TicketID(l.text("id")), Patch: bytes.Clone(l.get("patch"))}
			return e, l.decode("if_version", &e.IfVersion)
		}},
	"ticket.delete": {[]operand{anID}, "", func(l *line) (desk.Event, error) { return desk.DeleteTicket{ID: desk.TicketID(l.text("id"))}, nil }},
	"ticket.merge": {[]operand{from, to}, "", func(l *line) (desk.Event, error) {
		return desk.MergeTickets{From: desk.TicketID(l.text("from")), Into: desk.TicketID(l.text("into"))}, nil
	}},
	"ticket.read": {[]operand{{name: "ticket", shape: aString}, {name: "agent", shape: aString}}, "", func(l *line) (desk.Event, error) {
		return desk.MarkRead{Agent: desk.AgentID(l.text("agent")), Ticket: desk.TicketID(l.text("ticket"))}, nil
	}},
	"message.add": {[]operand{document[desk.Message]("message")}, "/message", func(l *line) (desk.Event, error) {
		var e desk.AddMessage
		err := l.decode("message", &e.Message)
		return e, err
	}},
	"customer.put": {[]operand{document[desk.Customer]("customer")}, "/customer", func(l *line) (desk.Event, error) {
		var e desk.PutCustomer
		err := l.decode("customer", &e.Customer)
		return e, err
	}},
	"customer.delete": {[]operand{anID}, "", func(l *line) (desk.Event, error) {
		return desk.DeleteCustomer{ID: desk.CustomerID(l.text("id"))}, nil
	}},
	"customer.merge": {[]operand{from, to}, "", func(l *line) (desk.Event, error) {
		return desk.MergeCustomers{From: desk.CustomerID(l.text("from")), Into: desk.CustomerID(l.text("into"))}, nil
	}},
	"agent.put": {[]operand{document[desk.Agent]("agent")}, "/agent", func(l *line) (desk.Event, error) {
		var e desk.PutAgent
		err := l.decode("agent", &e.Agent)
		return e, err
	}},
	"agent.delete": {[]operand{anID}, "", func(l *line) (desk.Event, error) { return desk.DeleteAgent{ID: desk.AgentID(l.text("id"))}, nil }},
	"team.put": {[]operand{document[desk.Team]("team")}, "/team", func(l *line) (desk.Event, error) {
		var e desk.PutTeam
		err := l.decode("team", &e.Team)
		return e, err
	}},
	"team.delete": {[]operand{anID}, "", func(l *line) (desk.Event, error) { return desk.DeleteTeam{ID: desk.TeamID(l.text("id"))}, nil }},
	"view.put": {[]operand{document[desk.View]("view")}, "/view", func(l *line) (desk.Event, error) {
		var e desk.PutView
		err := l.decode("view", &e.View)
		return e, err
	}},
	"view.share": {[]operand{anID, document[desk.Share]("shared_with")}, "", func(l *line) (desk.Event, error) {
		e := desk.ShareView{ID: desk.ViewID(l.text("id"))}
		err := l.decode("shared_with", &e.With)
		return e, err
	}},
	"view.delete": {[]operand{anID}, "", func(l *line) (desk.Event, error) { return desk.DeleteView{ID: desk.ViewID(l.text("id"))}, nil }},
	"clock.set": {[]operand{{name: "now", shape: &shape{kind: anInstant}}}, "", func(l *line) (desk.Event, error) {
		var e desk.SetClock
		err := l.decode("now", &e.Now)
		return e, err
	}},
}

// A line reads the lines of a bulk, one after the other. Events keep nothing of
// the bytes they were read from.
type line struct {
	all   scanner // of the whole line
	inner scanner // of its parts
}

// parse gives the event that the line asks for, and where the account's
// pointers lead into.
func (l *line) parse(b []byte) (desk.Event, string, error) {
	if err := l.all.scan(b, nil); err != nil {
		return nil, "", err
	}
	if bytes.TrimLeft(b, " \t\r\n")[0] != '{' {
		return nil, "", desk.Invalidf("", "a line is a JSON object with op, such as {\"op\":\"ticket.delete\",\"id\":\"1001\"}")
	}
	op := ops[l.text("op")]
	if op == nil {
		return nil, "", desk.Invalidf("/op", "op is one of %s", strings.Join(opNames(), ", "))
	}
	if err := l.holds(op); err != nil {
		return nil, "", err
	}
	e, err := op.event(l)
	return e, op.under, err
}

func opNames() []string {
	var names []string
	for name := range ops {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// holds checks that the line has what its op takes, and nothing else.
func (l *line) holds(op *lineOp) error {
	for _, m := range l.all.members {
		if string(m.name) == "op" {
			continue
		}
		i := slices.IndexFunc(op.takes, func(o operand) bool { return o.name == string(m.name) })
		if i < 0 {
			return desk.Invalidf("/"+clip(pointerEscape.Replace(string(m.name))), "%s takes no field %q", l.text("op"), clip(string(m.name)))
		}
		if sh := op.takes[i].shape; sh != nil {
			if err := l.inner.scan(m.value, sh); err != nil {
				return under("/"+op.takes[i].name, err)
			}
		}
	}
	for _, o := range op.takes {
		if v := l.get(o.name); !o.optional && (v == nil || string(v) == "null") {
			return desk.Invalidf("/"+o.name, "%s needs %s", l.text("op"), o.name)
		}
	}
	return nil
}

// get is the value under the name as written, or nil.
func (l *line) get(name string) []byte {
	for _, m := range l.all.members {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}

// text is the text under the name, or "" if there is none.
func (l *line) text(name string) string {
	raw := l.get(name)
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var text string
	_ = json.Unmarshal(raw, &text) // it was scanned
	return text
}

func (l *line) decode(name string, v any) error {
	raw := l.get(name)
	if raw == nil {
		return nil
	}
	return under("/"+name, desk.Decode(raw, v))
}

func (l *line) ticket() (desk.Event, error) {
	var e desk.PutTicket
	raw := l.get("ticket")
	err := desk.ParseTicket(raw, &e.Ticket)
	if err == nil {
		return e, nil
	}
	if exact := l.inner.scan(raw, ticketShape); exact != nil {
		err = exact
	}
	return nil, under("/ticket", err)
}
