package ingest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

func (h *house) ticket(id string) desk.Ticket {
	h.t.Helper()
	var d desk.Dossier
	h.decode(h.must("GET", "/tickets/"+id, ""), &d)
	return d.Ticket
}

func TestALateTicketDoesNoHarm(t *testing.T) {
	h := open(t) // holds version 3
	for _, c := range []struct {
		body   string
		status int
	}{
		{`{"version":3,"subject":"Hello","status":"open"}`, 200}, {`{"version":3,"subject":"Hi","status":"open"}`, 409}, {`{"version":2,"subject":"Hi","status":"open"}`, 409},
		{`{"version":5,"subject":"Five","status":"open"}`, 200}, {`{"version":4,"subject":"Four","status":"open"}`, 409}, {`{"subject":"Six","status":"open"}`, 200},
	} {
		got := h.send("PUT", "/tickets/1", c.body)
		if got.status != c.status {
			t.Errorf("%s: %d %s", c.body, got.status, got.body)
		}
		if p := got.header.Get("Content-Type"); c.status == 409 && (p != "application/problem+json" || len(h.problem(c.body, got).Current) == 0) {
			t.Errorf("%s: what is held is not told: %s", c.body, got.body)
		}
	}
	if v := h.ticket("1"); v.Subject != "Six" || v.Version != 6 {
		t.Errorf("%+v", v)
	}
}

func TestAPatchIsForTheVersionItWasMadeFor(t *testing.T) {
	h := open(t)
	tag := h.send("GET", "/tickets/1", "").header.Get("ETag")
	if tag != `"3"` {
		t.Fatal(tag)
	}
	h.must("PATCH", "/tickets/1", `{"subject":"A"}`, "If-Match", tag)
	got := h.send("PATCH", "/tickets/1", `{"subject":"B"}`, "If-Match", tag)
	var now desk.Ticket
	if p := h.problem("stale", got); got.status != 409 || json.Unmarshal(p.Current, &now) != nil || now.Subject != "A" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got = h.send("PUT", "/tickets/1", `{"subject":"C","status":"open"}`, "If-Match", tag); got.status != 409 {
		t.Errorf("a put for an older version: %d %s", got.status, got.body)
	}
	h.must("PUT", "/tickets/1", `{"subject":"D","status":"open"}`, "If-Match", `"4"`)
	h.must("PATCH", "/tickets/1", `{"priority":"high","tags_add":["b","a"],"custom":{"plan":"pro"}}`, "If-Match", "*", "Content-Type", "application/merge-patch+json")
	h.must("PATCH", "/tickets/1", `{"priority":null,"tags_remove":["b"]}`)
	if v := h.ticket("1"); v.Subject != "D" || v.Priority != "" || !slices.Equal(v.Tags, []string{"a"}) || v.Custom["plan"].Text != "pro" {
		t.Errorf("%+v", v)
	}
}

func TestCreatedAndUnchangedAreTold(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		body, part string
		status     int
	}{{`{"version":1,"subject":"A","status":"open"}`, `"created":true`, 201}, {`{"version":1,"subject":"A","status":"open"}`, `"changed":false`, 200}, {`{"version":2,"subject":"B","status":"open"}`, `"changed":true`, 200}} {
		if got := h.send("PUT", "/tickets/a%2Fb", c.body); got.status != c.status || !strings.Contains(string(got.body), c.part) || !strings.Contains(string(got.body), `"id":"a/b"`) {
			t.Errorf("%s: %d %s", c.body, got.status, got.body)
		}
	}
}

// VC-9, and a view from its making to its count.
func TestAViewIsMadeCountedSharedAndListed(t *testing.T) {
	h := open(t)
	for i := range 5 {
		h.must("PUT", fmt.Sprintf("/tickets/v%d", i), fmt.Sprintf(`{"subject":"%d","status":"open","tags":["vip"],"priority":"%s"}`, i, []string{"low", "high"}[i%2]))
	}
	const filter = `{"field":"tags","is":"has_any","value":["vip"]}`
	var said struct {
		Filter   json.RawMessage
		Warnings []desk.Warning
		Count    int64
		Total    int64
		Next     string
		Tickets  []desk.Ticket
	}
	h.decode(h.must("POST", "/views/validate", `{"filter":`+filter+`}`), &said)
	if !strings.Contains(string(said.Filter), "has_any") {
		t.Errorf("%s", said.Filter)
	}
	h.decode(h.must("POST", "/views/preview?agent=ann", `{"filter":`+filter+`}`), &said)
	if said.Count != 5 {
		t.Errorf("the preview counts %d", said.Count)
	}
	h.must("PUT", "/views/vip", `{"name":"VIP","kind":"public","filter":`+filter+`}`)
	count := func(agent string) string {
		got := h.send("GET", "/views/vip/count?agent="+agent, "")
		var c desk.ViewCount
		if got.status != 200 {
			return fmt.Sprint(got.status)
		}
		h.decode(got.body, &c)
		return fmt.Sprint(c.Count, c.Exact)
	}
	if got := count("ben"); got != "5 true" {
		t.Error(got)
	}
	h.must("POST", "/tickets/v0/merge", `{"into":"v1"}`)
	h.must("DELETE", "/tickets/v2", "")
	if got := count("ann"); got != "3 true" {
		t.Error(got)
	}
	var pages []string
	for after := ""; ; after = "&after=" + said.Next {
		said.Tickets, said.Next = nil, ""
		h.decode(h.must("GET", "/views/vip/tickets?agent=ann&limit=2&sort=-priority"+after, ""), &said)
		for _, v := range said.Tickets {
			pages = append(pages, string(v.ID))
		}
		if said.Total != 3 { // VC-15: the list's number is the badge's
			t.Errorf("the list says %d", said.Total)
		}
		if said.Next == "" {
			break
		}
	}
	if len(pages) != 3 || pages[2] != "v4" { // the low one last
		t.Error(pages)
	}
	h.must("POST", "/views/vip/share", `{"agents":["ann"]}`)
	if ann, ben := count("ann"), count("ben"); ann != "3 true" || ben != "404" {
		t.Errorf("shared with ann: she sees %s, ben %s", ann, ben)
	}
	h.must("PUT", "/views/vip", `{"name":"VIP","kind":"shared","shared_with":{"agents":["ann"]},"filter":{"field":"priority","is":"is","value":"low"}}`)
	if got := count("ann"); got != "1 true" {
		t.Errorf("edited: %s", got)
	}
	h.must("DELETE", "/views/vip", "")
	if got := count("ann"); got != "404" {
		t.Error(got)
	}
}

func TestPeopleAreKeptAndListed(t *testing.T) {
	h := open(t)
	h.must("PUT", "/teams/billing", `{"name":"Billing","members":["ann","ben"]}`)
	for i := range 7 {
		h.must("PUT", fmt.Sprintf("/customers/c%d", i), fmt.Sprintf(`{"name":"C%d","organization":"Kern"}`, i))
	}
	h.must("PUT", "/tickets/1", `{"subject":"Hello","status":"open","customer":"c0","assignee_agent":"ben","assignee_team":"billing"}`)
	h.must("POST", "/customers/c0/merge", `{"into":"c1"}`)
	if v := h.ticket("1"); v.Customer != "c1" || v.RequesterOrg != "Kern" {
		t.Errorf("%+v", v)
	}
	var ids []string
	path := "/customers?limit=2"
	for path != "" {
		got := h.send("GET", path, "")
		var page []desk.Customer
		h.decode(got.body, &page)
		for _, c := range page {
			ids = append(ids, string(c.ID))
		}
		link, _, _ := strings.Cut(strings.TrimPrefix(got.header.Get("Link"), "<"), ">")
		if path = ""; link != "" {
			path = "/customers" + link
		}
	}
	if strings.Join(ids, " ") != "c1 c2 c3 c4 c5 c6" {
		t.Error(ids)
	}
	h.must("DELETE", "/agents/ben", "")
	h.must("DELETE", "/teams/billing", "")
	h.must("DELETE", "/customers/c1", "")
	if v := h.ticket("1"); v.AssigneeAgent != "" || v.AssigneeTeam != "" || v.Customer != "" {
		t.Errorf("what is gone is still named: %+v", v)
	}
	var agents []desk.Agent
	if h.decode(h.must("GET", "/agents", ""), &agents); len(agents) != 1 || agents[0].ID != "ann" {
		t.Errorf("%+v", agents)
	}
}

// An agent may leave out what follows from his token.
func TestAnAgentIsWhoHisTokenSays(t *testing.T) {
	h := open(t)
	ben := []string{"Authorization", "Bearer " + h.token("ben")}
	h.must("POST", "/tickets/1/messages", `{"kind":"note","body":"I look into it"}`, ben...)
	h.must("POST", "/tickets/1/read", `{}`, ben...)
	h.must("PUT", "/views/mine2", `{"name":"Mine","kind":"private","filter":{"field":"status","is":"is","value":"open"}}`, ben...)
	var d desk.Dossier
	h.decode(h.must("GET", "/tickets/1", "", ben...), &d)
	if len(d.Messages) != 1 || d.Messages[0].From.ID != "ben" || !slices.Contains(d.Ticket.ReadBy, "ben") {
		t.Errorf("%+v", d)
	}
	var v desk.View
	if h.decode(h.must("GET", "/views/mine2", ""), &v); v.Owner != "ben" {
		t.Errorf("%+v", v)
	}
}

// What the account says of a line points into the line.
func TestALinesProblemPointsIntoTheLine(t *testing.T) {
	h := open(t)
	h.must("PUT", "/v1/accounts/other/agents/x", `{"name":"X","role":"agent"}`, "Authorization", "Bearer "+h.other)
	body := strings.Join([]string{
		`{"op":"ticket.put","ticket":{"id":"1","version":1,"subject":"Old","status":"open"}}`, `{"op":"ticket.put","ticket":{"id":"2","subject":"x","status":"lost"}}`,
		`{"op":"agent.put","agent":{"id":"x","name":"X","role":"king"}}`, `{"op":"ticket.patch","id":"99","patch":{"status":"open"}}`,
		`{"op":"ticket.patch","id":"1","patch":{"message_count":1}}`, `{"op":"view.put","view":{"id":"v","name":"V","kind":"public","filter":{"field":"shoe","is":"is","value":1}}}`,
		`{"op":"message.add","message":{"ticket":"1","kind":"note","from":{"kind":"bot"}}}`, `{"op":"clock.set","now":"2026-11-24T09:00:00Z"}`,
		`{"op":"ticket.put","ticket":{"id":"2","version":1,"subject":"Two","status":"open"}}`}, "\n")
	want := []struct {
		status  int
		pointer string
	}{{409, "/ticket/version"}, {422, "/ticket/status"}, {422, "/agent/role"}, {404, "/id"}, {422, "/patch/message_count"}, {422, "/view/filter/field"}, {422, "/message/body"}, {409, ""}, {0, ""}}
	answers, sum := split(t, string(h.must("POST", "/bulk", body)))
	if len(answers) != len(want) || !sum.Done || sum.Failed != len(want)-1 {
		t.Fatalf("%d answers, %+v", len(answers), sum)
	}
	for i, a := range answers {
		if a.Problem == nil && want[i].status != 0 || a.Problem != nil && (a.Problem.Status != want[i].status || a.Problem.Pointer != want[i].pointer) {
			t.Errorf("line %d: want %+v, got %+v", a.Line, want[i], a.Problem)
		}
	}
	if h.ticket("2").Subject != "Two" {
		t.Error("a good line among bad ones was not done")
	}
}
