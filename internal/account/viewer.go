package account

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/account/views"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/topic"
)

// A viewer is an agent who looks: what he sees is counted while he has a
// session, and a little longer, so that coming back costs no recount.
type viewer struct {
	agent    desk.AgentID
	sessions int
	left     desk.Time // when the last session ended; 0 while there is one
	sights   map[desk.ViewID]*scoped
	shown    map[desk.ViewID]string // the entries of his views topic
}

// linger is how long the counts of an agent without a session are kept right.
const linger = desk.Time(5 * time.Minute / time.Millisecond)

// scoped is a view as some viewers see it, with its counter and its place on
// the board. Viewers of equal scope share it.
type scoped struct {
	key     scopedKey
	scope   string
	stamp   string // of all that condition was made of
	counter views.CounterID
	refs    int
}

// scopedKey is a place on the board: what stands there changes when the view
// is edited or the agent's rights are.
type scopedKey struct {
	view  desk.ViewID
	topic topic.Name
}

func (s *State) viewerOf(a *desk.Agent) desk.Viewer {
	return desk.Viewer{Agent: a.ID, Teams: s.teamsOf(a.ID), Organization: a.Organization, Zone: a.Zone}
}

// scopeOf names who sees the view alike: everybody, everybody with the same
// rules and teams, or the agent alone.
func scopeOf(a *desk.Agent, v desk.Viewer, params desk.Params) string {
	rules := rulesOf(a)
	if access := a.Access(); access != nil {
		params |= access.Params()
	}
	switch {
	case params&(desk.UsesMe|desk.UsesOrganization|desk.UsesViewerZone) != 0:
		return agentScope(a.ID)
	case params&desk.UsesMyTeams != 0:
		return "t:" + digest(rules, teamNames(v.Teams))
	case rules != "":
		return "r:" + digest(rules)
	}
	return "all"
}

func agentScope(id desk.AgentID) string { return "a:" + string(id) }

// rulesOf is what the agent may read, as text; "" is everything.
func rulesOf(a *desk.Agent) (rules string) {
	if a.Access() != nil {
		for _, r := range a.Reads {
			rules += string(r) + " "
		}
	}
	return rules
}

func teamNames(teams []desk.TeamID) string {
	var b strings.Builder
	for _, t := range teams {
		b.WriteString(strconv.Quote(string(t)))
	}
	return b.String()
}

// digest shortens what a scope is made of. It names a topic among few; were
// two to collide, the agent's own scope would be needed: 64 bits make that
// less likely than a memory error.
func digest(parts ...string) string {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// section is the part of the sidebar a view belongs to.
func section(k desk.ViewKind) string {
	switch k {
	case desk.SystemView:
		return "system"
	case desk.PrivateView:
		return "private"
	}
	return "shared"
}

// countsTopic is where the view's count is shown. A view that not everybody
// sees goes to the agent's own topic, so that its name and number do not
// travel to others of the same scope.
func countsTopic(v *view, scope string, id desk.AgentID) topic.Name {
	if v.Kind == desk.SharedView || v.Kind == desk.PrivateView {
		scope = agentScope(id)
	}
	return topic.Name("counts:" + section(v.Kind) + ":" + scope)
}

// sight gives the viewer's share of a view's counter.
func (s *State) sight(a *desk.Agent, who desk.Viewer, v *view) *scoped {
	scope := scopeOf(a, who, v.params)
	key, stamp := scopedKey{v.ID, countsTopic(v, scope, a.ID)}, stampOf(a, who, v, scope)
	sc := s.scoped[key]
	if sc == nil || sc.stamp != stamp {
		bound := s.bound(a, who, v.condition)
		sc = &scoped{key: key, scope: scope, stamp: stamp, counter: s.engine.Watch(bound)}
		s.scoped[key] = sc
		s.counted[sc.counter] = append(s.counted[sc.counter], sc)
		s.showCount(sc)
	}
	sc.refs++
	return sc
}

// stampOf changes whenever the condition does that bound would give, and stays
// while it does: a renamed view is not counted anew.
func stampOf(a *desk.Agent, who desk.Viewer, v *view, scope string) string {
	if scope != agentScope(a.ID) {
		return digest(v.key, scope)
	}
	return digest(v.key, scope, rulesOf(a), teamNames(who.Teams), string(who.Organization), who.Zone)
}

// bound is the condition as the agent sees it: what he may read, and no more
// (VC-6).
func (s *State) bound(a *desk.Agent, who desk.Viewer, c *desk.Condition) *desk.Condition {
	if access := a.Access(); access != nil {
		c = &desk.Condition{Op: desk.And, Of: []*desk.Condition{c, access}}
	}
	return c.Bind(who)
}

func (s *State) unsee(sc *scoped) {
	if sc.refs--; sc.refs > 0 {
		return
	}
	if s.scoped[sc.key] == sc {
		delete(s.scoped, sc.key)
		s.hide(sc.key.topic, string(sc.key.view))
	}
	left := slices.DeleteFunc(s.counted[sc.counter], func(x *scoped) bool { return x == sc })
	if s.counted[sc.counter] = left; len(left) == 0 {
		delete(s.counted, sc.counter)
	}
	s.engine.Release(sc.counter)
}

type countEntry struct {
	N     int64  `json:"n"`
	Exact bool   `json:"exact"`
	Scope string `json:"scope"`
}

// showCount shows the number in its place, unless another has taken it: then
// only lists still hold this one.
func (s *State) showCount(sc *scoped) {
	if s.scoped[sc.key] != sc {
		return
	}
	n, exact := s.engine.Count(sc.counter)
	if !exact {
		n = 0
	}
	s.showJSON(sc.key.topic, string(sc.key.view), countEntry{n, exact, sc.scope})
}

// look makes or refreshes what the viewer sees: new sights first, so that a
// counter he keeps is not forgotten in between.
func (s *State) look(v *viewer) {
	a := s.agents[v.agent]
	old := v.sights
	v.sights = map[desk.ViewID]*scoped{}
	seen := map[desk.ViewID]string{}
	if a != nil && !a.Disabled {
		who := s.viewerOf(a)
		for _, id := range sorted(s.views) {
			w := s.views[id]
			if !w.seenBy(a, who.Teams) {
				continue
			}
			seen[id] = string(w.entry())
			if w.invalid == "" {
				v.sights[id] = s.sight(a, who, w)
			}
		}
	}
	for _, id := range sorted(old) {
		s.unsee(old[id])
	}
	s.showViews(v, seen)
}

func (s *State) showViews(v *viewer, seen map[desk.ViewID]string) {
	name := viewsTopic(v.agent)
	for _, id := range sorted(v.shown) {
		if _, still := seen[id]; !still {
			s.hide(name, string(id))
		}
	}
	for _, id := range sorted(seen) {
		if v.shown[id] != seen[id] {
			s.show(name, string(id), json.RawMessage(seen[id]))
		}
	}
	v.shown = seen
}

// welcome counts one more session of the agent.
func (s *State) welcome(id desk.AgentID) {
	v := s.viewers[id]
	if v == nil {
		v = &viewer{agent: id}
		s.viewers[id] = v
		s.look(v)
		s.showJSON(meTopic(id), "agent", s.agents[id])
		s.showJSON(meTopic(id), "account", s.accountEntry())
	}
	v.sessions++
	v.left = 0
}

func (s *State) farewell(id desk.AgentID) {
	v := s.viewers[id]
	if v.sessions--; v.sessions == 0 {
		v.left = s.now
	}
}

// retire forgets the viewers who left long ago.
func (s *State) retire() {
	for _, id := range sorted(s.viewers) {
		if v := s.viewers[id]; v.left != 0 && v.left+linger <= s.now {
			s.forget(v)
		}
	}
}

func (s *State) forget(v *viewer) {
	for _, id := range sorted(v.sights) {
		s.unsee(v.sights[id])
	}
	delete(s.viewers, v.agent)
	s.drop(viewsTopic(v.agent))
	s.drop(meTopic(v.agent))
}

func (s *State) retireDue() desk.Time {
	due := desk.Never
	for _, v := range s.viewers {
		if v.left != 0 {
			due = min(due, v.left+linger)
		}
	}
	return due
}
