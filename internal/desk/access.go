package desk

import "strings"

// Scalar is the field's value where it has one word: an enum, or a reference
// to one thing. Empty is none.
func (t *Ticket) Scalar(key string) string {
	switch key {
	case "status":
		return string(t.Status)
	case "priority":
		return string(t.Priority)
	case "channel":
		return t.Channel
	case "language":
		return t.Language
	case "via":
		return t.Via
	case "brand":
		return t.Brand
	case "integration":
		return t.Integration
	case "assignee_agent":
		return string(t.AssigneeAgent)
	case "assignee_team":
		return string(t.AssigneeTeam)
	case "customer":
		return string(t.Customer)
	case "requester_org":
		return t.RequesterOrg
	}
	return t.custom(key).Text
}

func (t *Ticket) custom(key string) Value {
	if k, ok := strings.CutPrefix(key, "custom."); ok {
		return t.Custom[k]
	}
	return Value{}
}

// Holds says whether the field, a set or a reference to several things, has
// the member.
func (t *Ticket) Holds(key, member string) bool {
	switch key {
	case "tags":
		return holds(t.Tags, member)
	case "skills":
		return holds(t.Skills, member)
	case "read_by":
		return holds(t.ReadBy, member)
	case "follower":
		return holds(t.Followers, member)
	case "participant":
		return holds(t.Participants, member)
	}
	return holds(t.custom(key).Set, member)
}

func holds[S ~string](set []S, member string) bool {
	for _, s := range set {
		if string(s) == member {
			return true
		}
	}
	return false
}

// Size is how many members the field has, a set or a reference to several
// things.
func (t *Ticket) Size(key string) int {
	switch key {
	case "tags":
		return len(t.Tags)
	case "skills":
		return len(t.Skills)
	case "read_by":
		return len(t.ReadBy)
	case "follower":
		return len(t.Followers)
	case "participant":
		return len(t.Participants)
	}
	return len(t.custom(key).Set)
}

// Number is the field's value where it is a number, and whether there is one.
func (t *Ticket) Number(key string) (float64, bool) {
	switch key {
	case "message_count":
		return float64(t.MessageCount), true
	case "satisfaction":
		if t.Satisfaction == nil {
			return 0, false
		}
		return *t.Satisfaction, true
	}
	k, _ := strings.CutPrefix(key, "custom.")
	v, ok := t.Custom[k]
	return v.Number, ok
}

// Flag is the field's value where it is true or false, but for those that
// depend on the time or on who looks.
func (t *Ticket) Flag(key string) bool {
	switch key {
	case "spam":
		return t.Spam
	case "trashed":
		return t.TrashedAt != 0
	case "merged":
		return t.MergedInto != ""
	case "from_agent":
		return t.FromAgent
	}
	return t.custom(key).Bool
}

// TextField is the field's value where it is text.
func (t *Ticket) TextField(key string) string {
	if key == "subject" {
		return t.Subject
	}
	return t.custom(key).Text
}

// TimeField is the field's value where it is an instant.
func (t *Ticket) TimeField(key string) Time {
	switch key {
	case "created_at":
		return t.CreatedAt
	case "updated_at":
		return t.UpdatedAt
	case "opened_at":
		return t.OpenedAt
	case "closed_at":
		return t.ClosedAt
	case "last_message_at":
		return t.LastMessageAt
	case "last_customer_message_at":
		return t.LastCustomerMessageAt
	case "last_agent_message_at":
		return t.LastAgentMessageAt
	case "first_response_at":
		return t.FirstResponseAt
	case "assigned_at":
		return t.AssignedAt
	case "waiting_since":
		return t.WaitingSince
	case "sla_due_at":
		return t.SLADueAt
	case "snoozed_until", "snoozed":
		return t.SnoozedUntil
	case "trashed_at":
		return t.TrashedAt
	}
	return t.custom(key).Time
}
