package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/follow"
	"github.com/deskwire/deskwire/internal/wire"
)

// A Signer makes a token that lets the agent in.
type Signer func(account desk.AccountID, agent desk.AgentID) (string, error)

// seat is one follower with what it must see.
type seat struct {
	agent     desk.Agent
	questions map[desk.ViewID]*question
	line      *follow.Follower

	mu     sync.Mutex       // guards the following
	judged uint64           // the seq of the last checkpoint
	want   map[string]int64 // by view: what was right at it
	late   []string         // numbers that came for it after it was judged
}

// seatOf works out what the agent sees of each view: the views that are his,
// and the right to read beside their conditions.
func seatOf(a desk.Agent, c *Cast, schema *desk.Schema) (*seat, error) {
	who := desk.Viewer{Agent: a.ID, Organization: a.Organization, Zone: a.Zone}
	for _, t := range c.Teams {
		if slices.Contains(t.Members, a.ID) {
			who.Teams = append(who.Teams, t.ID)
		}
	}
	s := &seat{agent: a, questions: map[desk.ViewID]*question{}}
	for _, v := range append(desk.SystemViews(), c.Views...) {
		if !sees(a, who, v) {
			continue
		}
		condition, _, err := schema.Parse(v.Filter)
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", v.ID, err)
		}
		s.questions[v.ID] = newQuestion(condition, a, who)
	}
	return s, nil
}

func newQuestion(c *desk.Condition, a desk.Agent, who desk.Viewer) *question {
	c = c.WithDefaults()
	if access := a.Access(); access != nil {
		c = &desk.Condition{Op: desk.And, Of: []*desk.Condition{access, c}}
	}
	c = c.Bind(who)
	return &question{condition: c, key: c.Key()}
}

// sees says whether the view is one of the agent's.
func sees(a desk.Agent, who desk.Viewer, v desk.View) bool {
	switch v.Kind {
	case desk.PrivateView:
		return v.Owner == a.ID
	case desk.SharedView:
		return a.Role == desk.Admin || a.Role == desk.Lead || slices.Contains(v.SharedWith.Agents, a.ID) ||
			slices.ContainsFunc(who.Teams, func(t desk.TeamID) bool { return slices.Contains(v.SharedWith.Teams, t) })
	}
	return true
}

// sit connects the follower, anew if its token has run out.
func (s *seat) sit(ctx context.Context, server *Server, sign Signer) error {
	if s.line != nil {
		bye := s.line.Bye()
		if s.line.Err() == nil {
			return nil
		}
		if bye == nil || bye.Code != int(wire.SignIn) {
			return fmt.Errorf("agent %s: %w", s.agent.ID, s.line.Err())
		}
	}
	token, err := sign(server.account, s.agent.ID)
	if err != nil {
		return err
	}
	s.line, err = follow.Dial(ctx, follow.Options{URL: server.live(), Account: string(server.account), Token: token,
		Follow: []string{"me", "counts"}, OnPatch: s.patched})
	return err
}

// patched looks for numbers that come too late: for a step whose counts were
// judged already, and otherwise than they were judged. It is called by the
// follower, which is locked.
func (s *seat) patched(f wire.ServerFrame, _ time.Time) {
	if !strings.HasPrefix(f.Topic, "counts:") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.want == nil || f.To > s.judged {
		return
	}
	for view, raw := range f.Set {
		var c follow.Count
		if err := json.Unmarshal(raw, &c); err != nil || c.Exact && c.N != s.want[view] {
			s.late = append(s.late, fmt.Sprintf("%s shows %s for %s after it had been right at seq %d", view, raw, s.agent.ID, s.judged))
		}
	}
}

// settle notes what was right at the seq.
func (s *seat) settle(seq uint64, want map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judged, s.want = seq, want
}

// takeLate gives what came too late since it was last asked.
func (s *seat) takeLate() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	late := s.late
	s.late = nil
	return late
}

// leave ends the follower.
func (s *seat) leave() {
	if s.line != nil {
		s.line.Close()
	}
}

// await waits until the follower shows every number as it is wanted, and gives
// the views that do not when ctx ends.
func (s *seat) await(ctx context.Context, want map[string]int64) ([]string, error) {
	var wrong []string
	err := s.line.WaitCounts(ctx, func(shown map[string]follow.Count) bool {
		wrong = compare(shown, want)
		return len(wrong) == 0
	})
	if err == nil || ctx.Err() == nil {
		return nil, err
	}
	for i, view := range wrong {
		wrong[i] = fmt.Sprintf("%s for %s: %s", view, s.agent.ID, describe(s.line.Counts(), want, view))
	}
	return wrong, nil
}

// compare gives the views whose numbers differ, those that are missing or
// not wanted among them.
func compare(shown map[string]follow.Count, want map[string]int64) (wrong []string) {
	for view, n := range want {
		if c, there := shown[view]; !there || !c.Exact || c.N != n {
			wrong = append(wrong, view)
		}
	}
	for view := range shown {
		if _, wanted := want[view]; !wanted {
			wrong = append(wrong, view)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func describe(shown map[string]follow.Count, want map[string]int64, view string) string {
	c, there := shown[view]
	n, wanted := want[view]
	switch {
	case !there:
		return fmt.Sprintf("no number, brute force says %d", n)
	case !wanted:
		return fmt.Sprintf("%d, but the view is not this agent's", c.N)
	case !c.Exact:
		return fmt.Sprintf("still counting, brute force says %d", n)
	}
	return fmt.Sprintf("%d, brute force says %d", c.N, n)
}
