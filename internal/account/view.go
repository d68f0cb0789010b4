package account

import (
	"encoding/json"
	"slices"

	"github.com/deskwire/deskwire/internal/desk"
)

// view is a saved view with its condition, as far as it has one.
type view struct {
	desk.View
	condition *desk.Condition // with the defaults; nil when invalid
	key       string          // of condition
	params    desk.Params
	invalid   string // why it cannot be counted, or ""
	warnings  []desk.Warning
}

// compile gives the view with its condition. A view that no longer fits the
// account is invalid and says so; it is never silently empty.
func (s *State) compile(v desk.View) *view {
	out := &view{View: v}
	c, warnings, err := s.schema.Parse(v.Filter)
	if err == nil {
		err = s.checkRefs(c, "")
	}
	if err != nil {
		out.invalid = err.Error()
		return out
	}
	out.condition, out.warnings = c.WithDefaults(), warnings
	out.key, out.params = out.condition.Key(), out.condition.Params()
	return out
}

// recompile looks at every view anew, after agents, teams or fields came or
// went.
func (s *State) recompile() {
	for id, v := range s.views {
		s.views[id] = s.compile(v.View)
	}
	s.dirty.people = true
}

// checkRefs looks for agents and teams that are not there.
func (s *State) checkRefs(c *desk.Condition, pointer string) error {
	if c.Op != desk.IsLeaf {
		for i, k := range c.Of {
			at := pointer + "/of/" + itoa(uint64(i))
			if c.Op == desk.Not {
				at = pointer + "/of"
			}
			if err := s.checkRefs(k, at); err != nil {
				return err
			}
		}
		return nil
	}
	for _, id := range c.Leaf.Values {
		if !s.knows(c.Leaf.Field.Key, id) {
			return desk.Invalidf(pointer+"/value", "there is no %s %q in this account; choose another or create it first", c.Leaf.Field.Key, id)
		}
	}
	return nil
}

func (s *State) knows(field, id string) bool {
	if id == "" || id[0] == '@' {
		return true
	}
	switch field {
	case "assignee_agent", "follower", "participant", "read_by":
		return s.agents[desk.AgentID(id)] != nil
	case "assignee_team":
		return s.teams[desk.TeamID(id)] != nil
	}
	return true
}

func (s *State) putView(v desk.View) (desk.Outcome, error) {
	if err := s.checkView(&v); err != nil {
		return desk.Outcome{}, err
	}
	compiled := s.compile(v)
	if compiled.invalid != "" {
		_, _, err := s.schema.Parse(v.Filter)
		if c, _, e := s.schema.Parse(v.Filter); e == nil {
			err = s.checkRefs(c, "")
		}
		return desk.Outcome{}, under("/filter", err)
	}
	old, known := s.views[v.ID]
	held := uint64(0)
	if known {
		held = old.Version
	}
	if err := newer(&compiled.Version, held); err != nil {
		return desk.Outcome{}, err
	}
	s.views[v.ID] = compiled
	s.dirty.people = true
	return changed(string(v.ID), compiled.Version, !known), s.keepJSON(desk.ViewDoc, string(v.ID), compiled.Version, compiled.View)
}

// MaxName is the longest name of a view, in bytes.
const MaxName = 200

func (s *State) checkView(v *desk.View) error {
	if err := validID(string(v.ID)); err != nil {
		return err
	}
	was := s.views[v.ID]
	switch {
	case v.Name == "" || len(v.Name) > MaxName:
		return desk.Invalidf("/name", "a view has a name of at most %d bytes", MaxName)
	case was != nil && was.Kind == desk.SystemView:
		return desk.Problemf(desk.Conflict, "system views cannot be changed; make a view of your own")
	case !slices.Contains([]desk.ViewKind{desk.PublicView, desk.SharedView, desk.PrivateView}, v.Kind):
		return desk.Invalidf("/kind", "a view is public, shared or private")
	case v.Kind == desk.PrivateView && s.agents[v.Owner] == nil:
		return desk.Invalidf("/owner", "a private view has an agent of this account as its owner")
	case len(v.SharedWith.Agents) > desk.MaxShares || len(v.SharedWith.Teams) > desk.MaxShares:
		return tooMany("/shared_with", desk.MaxShares, "agents and teams to share with")
	case len(v.Columns) > desk.MaxColumns:
		return tooMany("/columns", desk.MaxColumns, "columns")
	}
	if err := s.schema.CheckSort(v.Sort); err != nil {
		return under("/sort", err)
	}
	return s.checkRoom(v)
}

func tooMany(pointer string, limit int, what string) error {
	return &desk.Problem{Kind: desk.TooLarge, Pointer: pointer, Detail: "at most " + itoa(uint64(limit)) + " " + what}
}

// checkRoom holds the limits on how many views there are.
func (s *State) checkRoom(v *desk.View) error {
	if s.views[v.ID] != nil {
		return nil
	}
	common, own := 0, 0
	for _, w := range s.views {
		switch {
		case w.Kind == desk.PublicView || w.Kind == desk.SharedView:
			common++
		case w.Kind == desk.PrivateView && w.Owner == v.Owner:
			own++
		}
	}
	if v.Kind == desk.PrivateView && own >= desk.MaxPrivateViews {
		return tooMany("", desk.MaxPrivateViews, "private views an agent; delete one first")
	}
	if v.Kind != desk.PrivateView && common >= desk.MaxViews {
		return tooMany("", desk.MaxViews, "public and shared views an account; delete one first")
	}
	return nil
}

func (s *State) shareView(e desk.ShareView) (desk.Outcome, error) {
	v := s.views[e.ID]
	if v == nil {
		return desk.Outcome{}, desk.Problemf(desk.NotFound, "there is no view %s", e.ID)
	}
	shared := v.View
	shared.Kind, shared.Owner, shared.SharedWith, shared.Version = desk.SharedView, "", e.With, 0
	return s.putView(shared)
}

func (s *State) deleteView(id desk.ViewID) (desk.Outcome, error) {
	v := s.views[id]
	if v == nil {
		return desk.Outcome{ID: string(id)}, nil
	}
	if v.Kind == desk.SystemView {
		return desk.Outcome{}, desk.Problemf(desk.Conflict, "system views cannot be deleted")
	}
	s.dropView(id)
	return desk.Outcome{ID: string(id), Changed: true}, nil
}

func (s *State) dropView(id desk.ViewID) {
	delete(s.views, id)
	s.remove(desk.ViewDoc, string(id))
	s.dirty.people = true
}

// seenBy says whether the view is one of the agent's.
func (v *view) seenBy(a *desk.Agent, teams []desk.TeamID) bool {
	switch v.Kind {
	case desk.PrivateView:
		return v.Owner == a.ID
	case desk.SharedView:
		return a.Role == desk.Admin || a.Role == desk.Lead || slices.Contains(v.SharedWith.Agents, a.ID) ||
			slices.ContainsFunc(teams, func(t desk.TeamID) bool { return slices.Contains(v.SharedWith.Teams, t) })
	}
	return true
}

// entry is the view as the topic shows it.
func (v *view) entry() []byte {
	b, _ := json.Marshal(struct { // plain data, and a filter that was parsed
		desk.View
		Invalid  string         `json:"invalid,omitempty"`
		Warnings []desk.Warning `json:"warnings,omitempty"`
	}{v.View, v.invalid, v.warnings})
	return b
}
