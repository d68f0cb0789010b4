package account

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

func (s *State) putTicket(t desk.Ticket) (desk.Outcome, error) {
	t.Normalize()
	if err := s.checkTicket(&t); err != nil {
		return desk.Outcome{}, err
	}
	held, known := s.engine.Version(t.ID)
	if !known {
		if t.Version == 0 {
			t.Version = 1
		}
		s.derive(nil, &t)
		return s.saved(&t, true), nil
	}
	old, _, err := s.ticket(t.ID)
	if err != nil {
		return desk.Outcome{}, err
	}
	if t.Version == 0 {
		t.Version = held + 1
	}
	s.inherit(&old, &t)
	if t.Version <= held {
		return s.stale(&old, &t)
	}
	s.derive(&old, &t)
	return s.saved(&t, false), nil
}

// stale answers a version that is not newer: no matter if nothing differs.
func (s *State) stale(old, t *desk.Ticket) (desk.Outcome, error) {
	was := old.Version
	t.Version, t.UpdatedAt = was, old.UpdatedAt
	if bytes.Equal(old.AppendJSON(nil), t.AppendJSON(nil)) {
		return desk.Outcome{ID: string(t.ID), Version: was}, nil
	}
	return desk.Outcome{}, &desk.Problem{Kind: desk.Stale, Pointer: "/version", Current: map[string]uint64{"version": was},
		Detail: "version " + itoa(was) + " of this ticket is held and is not older; send a higher version, or none"}
}

func (s *State) checkTicket(t *desk.Ticket) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.schema.CheckCustom(t.Custom)
}

// saved takes the ticket as it is now into the views and the batch.
func (s *State) saved(t *desk.Ticket, created bool) desk.Outcome {
	s.engine.Put(t)
	body := t.AppendJSON(make([]byte, 0, 512))
	s.keep(desk.Doc{Kind: desk.TicketDoc, ID: string(t.ID), Version: t.Version, Body: body})
	if s.tickets[t.ID]+s.wanted[t.ID] > 0 {
		s.dirty.tickets[t.ID] = true
	}
	if s.tickets[t.ID] > 0 {
		s.show(ticketTopic(t.ID), "ticket", body)
	}
	return desk.Outcome{ID: string(t.ID), Version: t.Version, Changed: true, Created: created}
}

// held reads a ticket that an event is about.
func (s *State) held(id desk.TicketID, pointer string) (desk.Ticket, error) {
	t, ok, err := s.ticket(id)
	if err == nil && !ok {
		err = &desk.Problem{Kind: desk.NotFound, Pointer: pointer, Detail: "there is no ticket " + string(id) + "; create it with PUT first"}
	}
	return t, err
}

// fixed are the fields a patch may not touch.
var fixed = []string{"id", "version", "requester_org", "read_by", "merged_into", "message_count"}

func (s *State) patchTicket(e desk.PatchTicket) (desk.Outcome, error) {
	old, err := s.held(e.ID, "/id")
	if err != nil {
		return desk.Outcome{}, err
	}
	if e.IfVersion != 0 && e.IfVersion != old.Version {
		return desk.Outcome{}, &desk.Problem{Kind: desk.Stale, Pointer: "/if_version", Current: old,
			Detail: "the ticket is at version " + itoa(old.Version) + " by now; look at it and decide again"}
	}
	t, err := patched(&old, e.Patch)
	if err != nil {
		return desk.Outcome{}, err
	}
	t.Normalize()
	if err := s.checkTicket(&t); err != nil {
		return desk.Outcome{}, err
	}
	if bytes.Equal(old.AppendJSON(nil), t.AppendJSON(nil)) {
		return desk.Outcome{ID: string(t.ID), Version: old.Version}, nil
	}
	t.Version++
	s.derive(&old, &t)
	return s.saved(&t, false), nil
}

// patched applies a JSON merge patch (RFC 7396) to the ticket. Tags can also
// be added and removed one by one, so that two agents' tags merge (PR-9).
func patched(old *desk.Ticket, patch json.RawMessage) (desk.Ticket, error) {
	var t desk.Ticket
	var change map[string]json.RawMessage
	if err := json.Unmarshal(patch, &change); err != nil || change == nil {
		return t, desk.Invalidf("/patch", "a patch is a JSON object of the fields to change")
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(old.AppendJSON(nil), &fields); err != nil {
		return t, err
	}
	add, remove, err := tagChanges(change)
	if err != nil {
		return t, err
	}
	for key, v := range change {
		if slices.Contains(fixed, key) {
			return t, desk.Invalidf("/patch/"+key, "%s cannot be patched", key)
		}
		mergeField(fields, key, v)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return t, desk.Invalidf("/patch", "a patch is a JSON object of the fields to change")
	}
	if err := desk.ParseTicket(body, &t); err != nil {
		return t, under("/patch", err)
	}
	t.Tags = append(slices.DeleteFunc(t.Tags, func(tag string) bool { return slices.Contains(remove, tag) }), add...)
	return t, nil
}

func tagChanges(change map[string]json.RawMessage) (add, remove []string, err error) {
	for key, into := range map[string]*[]string{"tags_add": &add, "tags_remove": &remove} {
		if raw, ok := change[key]; ok {
			if json.Unmarshal(raw, into) != nil {
				return nil, nil, desk.Invalidf("/patch/"+key, "%s is a list of tags", key)
			}
			delete(change, key)
		}
	}
	return add, remove, nil
}

// mergeField sets or, by null, removes a field; custom fields merge one by one.
func mergeField(fields map[string]json.RawMessage, key string, v json.RawMessage) {
	if string(v) == "null" {
		delete(fields, key)
		return
	}
	var change map[string]json.RawMessage
	if key != "custom" || json.Unmarshal(v, &change) != nil {
		fields[key] = v
		return
	}
	custom := map[string]json.RawMessage{}
	if was, ok := fields[key]; ok {
		_ = json.Unmarshal(was, &custom) // written by us
	}
	for k, x := range change {
		mergeField(custom, k, x)
	}
	fields[key], _ = json.Marshal(custom) // raw messages that were parsed
}

// under puts the pointer of a problem below a prefix.
func under(prefix string, err error) error {
	if p, ok := err.(*desk.Problem); ok {
		q := *p
		q.Pointer = prefix + p.Pointer
		return &q
	}
	return err
}

func (s *State) deleteTicket(id desk.TicketID) (desk.Outcome, error) {
	if _, known := s.engine.Version(id); !known {
		return desk.Outcome{ID: string(id)}, nil
	}
	s.engine.Remove(id)
	s.remove(desk.TicketDoc, string(id))
	s.dirty.tickets[id] = true
	return desk.Outcome{ID: string(id), Changed: true}, nil
}

// mergeTickets closes From as merged into Into (VC-9). From's messages are
// copied to the end of Into's, in their order.
func (s *State) mergeTickets(e desk.MergeTickets) (desk.Outcome, error) {
	if e.From == e.Into {
		return desk.Outcome{}, desk.Invalidf("/into", "a ticket cannot be merged into itself")
	}
	from, err := s.held(e.From, "/from")
	if err != nil {
		return desk.Outcome{}, err
	}
	into, err := s.held(e.Into, "/into")
	if err != nil {
		return desk.Outcome{}, err
	}
	if from.MergedInto == e.Into {
		return desk.Outcome{ID: string(e.Into), Version: into.Version}, nil
	}
	if from.MergedInto != "" || into.MergedInto != "" {
		return desk.Outcome{}, desk.Problemf(desk.Conflict, "one of the two was merged away already; merge into the ticket it went to")
	}
	if err := s.moveMessages(&from, &into); err != nil {
		return desk.Outcome{}, err
	}
	return s.joined(from, into), nil
}

func (s *State) joined(from, into desk.Ticket) desk.Outcome {
	oldFrom, oldInto := from, into
	from.MergedInto, from.Status = into.ID, desk.StatusClosed
	from.Version++
	s.derive(&oldFrom, &from)
	s.saved(&from, false)
	into.Tags = slices.Concat(into.Tags, from.Tags)
	into.Followers = slices.Concat(into.Followers, from.Followers)
	into.Participants = slices.Concat(into.Participants, from.Participants)
	into.LastMessageAt = max(into.LastMessageAt, from.LastMessageAt)
	into.LastCustomerMessageAt = max(into.LastCustomerMessageAt, from.LastCustomerMessageAt)
	into.LastAgentMessageAt = max(into.LastAgentMessageAt, from.LastAgentMessageAt)
	into.Normalize()
	into.Version++
	s.derive(&oldInto, &into)
	return s.saved(&into, false)
}

func (s *State) moveMessages(from, into *desk.Ticket) error {
	moving, err := s.messages(from.ID)
	if err != nil {
		return err
	}
	there, err := s.messages(into.ID)
	if err != nil {
		return err
	}
	seq := lastSeq(there)
	for _, d := range moving {
		m, err := parseMessage(d)
		if err != nil {
			return err
		}
		seq++
		m.Ticket, m.Seq = into.ID, seq
		if err := s.writeMessage(m); err != nil {
			return err
		}
		into.MessageCount++
	}
	return nil
}
