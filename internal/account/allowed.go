package account

import "github.com/deskwire/deskwire/internal/desk"

// allowed refuses what the actor may not do. Backends may do everything;
// agents what their role and their right to read allow.
func (s *State) allowed(by desk.Actor, e desk.Event) error {
	if by.Kind != desk.ByAgent {
		return nil
	}
	a := s.agents[desk.AgentID(by.ID)]
	if a == nil || a.Disabled {
		return desk.Problemf(desk.Forbidden, "agent %s is not active in this account", by.ID)
	}
	switch e := e.(type) {
	case desk.PatchTicket:
		return s.mayWrite(a, e.ID)
	case desk.DeleteTicket:
		return s.mayManage(a, e.ID)
	case desk.MergeTickets:
		if err := s.mayWrite(a, e.From); err != nil {
			return err
		}
		return s.mayWrite(a, e.Into)
	case desk.AddMessage:
		return s.mayTell(a, e.Message)
	case desk.MarkRead:
		if e.Agent != a.ID {
			return desk.Problemf(desk.Forbidden, "an agent marks tickets read for himself")
		}
		return s.mayRead(a, e.Ticket)
	case desk.PutView:
		return s.mayKeepView(a, e.View)
	case desk.ShareView:
		if v := s.views[e.ID]; v != nil {
			return s.mayKeepView(a, v.View)
		}
		return nil
	case desk.DeleteView:
		if v := s.views[e.ID]; v != nil {
			return s.mayKeepView(a, v.View)
		}
		return nil
	case desk.SessionStated, desk.SessionEnded:
		return nil
	}
	return desk.Problemf(desk.Forbidden, "agents may not do this; use the account's API key")
}

// reads says whether the agent may read the ticket.
func (s *State) reads(a *desk.Agent, t *desk.Ticket) bool {
	access := a.Access()
	if access == nil {
		return true
	}
	ok, _ := access.Bind(s.viewerOf(a)).Eval(t, s.env, s.now)
	return ok
}

// mayRead tells a ticket that may not be read from none by nothing: both are
// not found.
func (s *State) mayRead(a *desk.Agent, id desk.TicketID) error {
	t, err := s.held(id, "/ticket")
	if err != nil {
		return err
	}
	if !s.reads(a, &t) {
		return &desk.Problem{Kind: desk.NotFound, Pointer: "/ticket", Detail: "there is no ticket " + string(id) + "; create it with PUT first"}
	}
	return nil
}

func (s *State) mayWrite(a *desk.Agent, id desk.TicketID) error {
	if a.Role == desk.Observer || a.Role == desk.Light {
		return desk.Problemf(desk.Forbidden, "the role %s does not change tickets", a.Role)
	}
	return s.mayRead(a, id)
}

func (s *State) mayManage(a *desk.Agent, id desk.TicketID) error {
	if a.Role != desk.Admin && a.Role != desk.Lead {
		return desk.Problemf(desk.Forbidden, "only leads and admins delete tickets; put it into the trash instead")
	}
	return s.mayRead(a, id)
}

func (s *State) mayTell(a *desk.Agent, m desk.Message) error {
	if m.From.Kind != desk.FromAgent || m.From.ID != string(a.ID) {
		return desk.Problemf(desk.Forbidden, "an agent writes in his own name")
	}
	if a.Role == desk.Observer || a.Role == desk.Light && m.Kind != desk.Note {
		return desk.Problemf(desk.Forbidden, "the role %s does not write such messages", a.Role)
	}
	return s.mayRead(a, m.Ticket)
}

func (s *State) mayKeepView(a *desk.Agent, v desk.View) error {
	was := s.views[v.ID]
	if was != nil && was.Kind == desk.PrivateView && was.Owner != a.ID {
		return desk.Problemf(desk.Forbidden, "this view is another agent's")
	}
	lead := a.Role == desk.Admin || a.Role == desk.Lead
	if was != nil && was.Kind != desk.PrivateView && !lead {
		return desk.Problemf(desk.Forbidden, "only leads and admins change public and shared views")
	}
	if v.Kind == desk.PrivateView && v.Owner == a.ID || lead && v.Kind != desk.PrivateView {
		return nil
	}
	return desk.Problemf(desk.Forbidden, "an agent keeps private views of his own; leads and admins keep public and shared ones")
}
