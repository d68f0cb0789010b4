package replay

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/deskwire/deskwire/internal/desk"
)

// A deed is one thing done to one ticket: it is sent to the server as a line
// of a bulk, and done to the mirror.
type deed struct {
	at    desk.Time
	id    desk.TicketID
	open  *desk.Ticket  // the ticket as it is first sent; otherwise nil
	write *desk.Message // a message; otherwise nil
	set   []change      // otherwise: fields changed
	add   []string      // tags
	drop  []string      // tags
}

// A change sets one field, in the language of the wire and in that of the
// mirror.
type change struct {
	key   string
	value any // nil empties the field
	to    func(*desk.Ticket)
}

// reader turns events into deeds.
type reader struct {
	log     *Log
	mapping *Mapping
	clock   func(string) (desk.Time, error)
	opened  map[string]map[string]string // by case: what each field was last
}

func newReader(l *Log, m *Mapping) *reader {
	clock, _ := m.Time.reader() // checked with the mapping
	return &reader{log: l, mapping: m, clock: clock, opened: map[string]map[string]string{}}
}

// deeds is what the event does, in order.
func (r *reader) deeds(e *Event) ([]deed, error) {
	id := desk.TicketID(ID(e.Case))
	fields, known := r.opened[e.Case]
	var out []deed
	if !known {
		fields = map[string]string{}
		r.opened[e.Case] = fields
	}
	changes, tags, err := r.fieldChanges(e, fields)
	if err != nil {
		return nil, err
	}
	if !known {
		t := &desk.Ticket{ID: id, Subject: r.log.fill(r.mapping.Subject, e), Tags: tags}
		for _, c := range changes {
			c.to(t)
		}
		out = append(out, deed{at: e.At, id: id, open: t})
		out = append(out, r.act(e, id, r.mapping.First, nil, nil)...)
		changes, tags = nil, nil
	}
	return append(out, r.act(e, id, r.mapping.Activities[e.Activity], changes, tags)...), nil
}

// fieldChanges compares the row's columns with what the case had before.
func (r *reader) fieldChanges(e *Event, was map[string]string) (out []change, tags []string, err error) {
	for i, f := range r.mapping.Fields {
		v := f.value(r.log, e)
		name := strconv.Itoa(i)
		if v == was[name] {
			continue
		}
		was[name] = v
		if f.Field == "tags" {
			if v != "" {
				tags = append(tags, v)
			}
			continue
		}
		c, err := r.fieldChange(f, v)
		if err != nil {
			return nil, nil, &RowError{e.Line, f.Column, err.Error()}
		}
		out = append(out, c)
	}
	return out, tags, nil
}

func (r *reader) fieldChange(f FieldMap, v string) (change, error) {
	if key, custom := strings.CutPrefix(f.Field, "custom."); custom {
		return r.customChange(key, f.Type, v)
	}
	if f.Field == "customer" || f.Field == "assignee_team" {
		v = ID(v)
	}
	if f.Field == "priority" && v != "" && !slices.Contains(desk.Priorities, desk.Priority(v)) {
		return change{}, fmt.Errorf("%q is not a priority; translate it with the field's values", v)
	}
	if len(v) > desk.MaxWord {
		return change{}, fmt.Errorf("a value of %s has at most %d bytes", f.Field, desk.MaxWord)
	}
	return change{f.Field, orNull(v), func(t *desk.Ticket) { setWord(t, f.Field, v) }}, nil
}

func orNull(v string) any {
	if v == "" {
		return nil
	}
	return v
}

func setWord(t *desk.Ticket, field, v string) {
	switch field {
	case "priority":
		t.Priority = desk.Priority(v)
	case "channel":
		t.Channel = v
	case "language":
		t.Language = v
	case "via":
		t.Via = v
	case "brand":
		t.Brand = v
	case "integration":
		t.Integration = v
	case "assignee_team":
		t.AssigneeTeam = desk.TeamID(v)
	case "customer":
		t.Customer = desk.CustomerID(v)
	}
}

func (r *reader) customChange(key string, kind desk.FieldType, text string) (change, error) {
	v, err := r.customValue(kind, text)
	if err != nil {
		return change{}, err
	}
	if text == "" {
		return change{"custom." + key, nil, func(t *desk.Ticket) { setCustom(t, key, nil) }}, nil
	}
	return change{"custom." + key, v, func(t *desk.Ticket) { setCustom(t, key, &v) }}, nil
}

// setCustom replaces the map: tickets are copied plainly.
func setCustom(t *desk.Ticket, key string, v *desk.Value) {
	t.Custom = maps.Clone(t.Custom)
	if t.Custom == nil {
		t.Custom = map[string]desk.Value{}
	}
	if v == nil {
		delete(t.Custom, key)
		return
	}
	t.Custom[key] = *v
}

func (r *reader) customValue(kind desk.FieldType, text string) (v desk.Value, err error) {
	if text == "" {
		return v, nil
	}
	switch kind {
	case desk.NumberField:
		v.Number, err = strconv.ParseFloat(text, 64)
		if err != nil || v.Number-v.Number != 0 {
			err = fmt.Errorf("%q is not a number", text)
		}
	case desk.BoolField:
		if v.Bool, err = strconv.ParseBool(text); err != nil {
			err = fmt.Errorf("%q is not true or false; translate it with the field's values", text)
		}
	case desk.TimeField:
		v.Time, err = r.clock(text)
	case desk.SetField:
		v.Set = []string{text}
	default:
		v.Text = text
	}
	if len(v.Text) > desk.MaxCustomText {
		err = fmt.Errorf("a custom text has at most %d bytes", desk.MaxCustomText)
	}
	return v, err
}

// act is what an action does: messages first, then the fields.
func (r *reader) act(e *Event, id desk.TicketID, a Action, changes []change, tags []string) (out []deed) {
	actor := desk.AgentID(ID(e.Actor))
	say := func(text string, kind desk.MessageKind, from desk.Author) {
		if body := r.log.fill(text, e); body != "" {
			out = append(out, deed{at: e.At, id: id, write: &desk.Message{Ticket: id, Kind: kind, From: from, Body: body, At: e.At}})
		}
	}
	customer := desk.Author{Kind: desk.FromCustomer, ID: ID(r.mapping.field("customer").value(r.log, e))}
	agent := desk.Author{Kind: desk.FromAgent, ID: string(actor)}
	say(a.Write, desk.Public, customer)
	say(a.Note, desk.Note, agent)
	say(a.Reply, desk.Public, agent)
	changes = append(changes, a.changes(e.At, actor)...)
	d := deed{at: e.At, id: id, set: changes, add: slices.Concat(tags, a.TagsAdd), drop: a.TagsRemove}
	if len(d.set)+len(d.add)+len(d.drop) > 0 {
		out = append(out, d)
	}
	return out
}

// changes is what an action sets, beside tags.
func (a Action) changes(at desk.Time, actor desk.AgentID) (out []change) {
	set := func(key string, v any, to func(*desk.Ticket)) { out = append(out, change{key, v, to}) }
	if a.Status != "" {
		set("status", a.Status, func(t *desk.Ticket) { t.Status = a.Status })
	}
	if a.Priority != "" {
		set("priority", a.Priority, func(t *desk.Ticket) { t.Priority = a.Priority })
	}
	if a.Assign == "nobody" {
		actor = ""
	}
	if a.Assign != "" {
		set("assignee_agent", orNull(string(actor)), func(t *desk.Ticket) { t.AssigneeAgent = actor })
	}
	if d, err := desk.ParseSpan(a.Snooze); err == nil {
		set("snoozed_until", at+d, func(t *desk.Ticket) { t.SnoozedUntil = at + d })
	}
	if d, err := desk.ParseSpan(a.Due); err == nil {
		set("sla_due_at", at+d, func(t *desk.Ticket) { t.SLADueAt = at + d })
	}
	if a.Trash {
		set("trashed_at", at, func(t *desk.Ticket) { t.TrashedAt = at })
	}
	if a.Spam {
		set("spam", true, func(t *desk.Ticket) { t.Spam = true })
	}
	return out
}

// patch is the deed as a merge patch.
func (d *deed) patch() map[string]any {
	out := map[string]any{}
	for _, c := range d.set {
		key, isCustom := strings.CutPrefix(c.key, "custom.")
		if !isCustom {
			out[key] = c.value
			continue
		}
		custom, ok := out["custom"].(map[string]any)
		if !ok {
			custom = map[string]any{}
			out["custom"] = custom
		}
		custom[key] = c.value
	}
	if len(d.add) > 0 {
		out["tags_add"] = d.add
	}
	if len(d.drop) > 0 {
		out["tags_remove"] = d.drop
	}
	return out
}

// line is the deed as a line of a bulk.
func (d *deed) line() map[string]any {
	switch {
	case d.open != nil:
		return map[string]any{"op": "ticket.put", "ticket": d.open}
	case d.write != nil:
		return map[string]any{"op": "message.add", "message": d.write}
	}
	return map[string]any{"op": "ticket.patch", "id": d.id, "patch": d.patch()}
}
