package app_test

import "testing"

// TestAnEditedViewIsCountedAnew holds VC-9: what counted for the condition of
// before does not count for the condition of now.
func TestAnEditedViewIsCountedAnew(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"A","status":"open","priority":"urgent"}`)
	h.must("PUT", "/v1/accounts/acme/tickets/2", `{"subject":"B","status":"open","priority":"low"}`)
	h.must("PUT", "/v1/accounts/acme/tickets/3", `{"subject":"C","status":"open","priority":"low"}`)
	h.must("PUT", "/v1/accounts/acme/views/v", `{"name":"V","kind":"public","filter":{"field":"priority","is":"is","value":"urgent"}}`)
	ann := h.follow("ann", "counts", "list:v")
	h.sees(ann, "v", 1)
	h.must("PUT", "/v1/accounts/acme/views/v", `{"name":"V","kind":"public","filter":{"field":"priority","is":"is","value":"low"}}`)
	h.sees(ann, "v", 2)
	h.until(ann, "the list holds what is counted", func() bool {
		rows, _ := ann.Topic("list:v")
		return len(rows) == 3 && rows["2"] != nil && rows["3"] != nil // with the head
	})
}

// TestNewRightsAreCountedAnew holds VC-6 for views that are an agent's own
// anyway, because they say @me, and for both of the agent's tabs.
func TestNewRightsAreCountedAnew(t *testing.T) {
	h := newHouse(t)
	h.must("PUT", "/v1/accounts/acme/views/v", `{"name":"V","kind":"public","filter":{"op":"or","of":[{"field":"assignee_agent","is":"is","value":"@me"},{"field":"assignee_team","is":"in","value":["@my_teams"]}]}}`)
	h.must("PUT", "/v1/accounts/acme/teams/blue", `{"name":"Blue"}`)
	h.must("PUT", "/v1/accounts/acme/tickets/1", `{"subject":"A","status":"open","assignee_agent":"ben"}`)
	h.must("PUT", "/v1/accounts/acme/tickets/2", `{"subject":"B","status":"open","assignee_team":"blue"}`)
	one, two := h.follow("ben", "counts", "list:v"), h.follow("ben", "counts", "list:v")
	h.sees(one, "v", 1)
	h.must("PUT", "/v1/accounts/acme/teams/blue", `{"name":"Blue","members":["ben"]}`)
	h.must("PUT", "/v1/accounts/acme/agents/ben", `{"name":"Ben","role":"agent","reads":["assigned_to_me","my_teams"]}`)
	h.sees(one, "v", 2)
	h.sees(two, "v", 2)
	h.must("PUT", "/v1/accounts/acme/teams/blue", `{"name":"Blue"}`)
	h.sees(one, "v", 1)
	h.until(two, "the second tab's list loses the ticket too", func() bool {
		rows, _ := two.Topic("list:v")
		return rows["1"] != nil && rows["2"] == nil
	})
}
