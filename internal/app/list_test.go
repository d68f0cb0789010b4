package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
)

// TestAListIsTheTopOfItsView holds VC-15 on the board: whatever changes, the
// topic shows the first tickets of the view as they are now, and its total.
func TestAListIsTheTopOfItsView(t *testing.T) {
	h := newHouse(t)
	var lines strings.Builder
	for i := range 170 { // more than a list shows and keeps in hand
		fmt.Fprintf(&lines, `{"op":"ticket.put","ticket":{"id":"t%03d","subject":"s","status":"open","created_at":"2026-03-02T09:00:00Z","updated_at":"2026-03-02T09:%02d:%02dZ"}}`+"\n", i, i/60, i%60)
	}
	bulk := func(text string) {
		if status, b := h.call("POST", "/v1/accounts/acme/bulk", text); status != 200 || !strings.Contains(string(b), `"failed":0`) {
			t.Fatalf("%d %s", status, b)
		}
	}
	ann := h.follow("ann", "list:all-open")
	bulk(lines.String())
	r := rand.New(rand.NewPCG(1, 2))
	for range 24 {
		id, solved := fmt.Sprintf("t%03d", r.IntN(180)), "open"
		if r.IntN(2) == 0 {
			solved = "solved"
		}
		switch r.IntN(4) {
		case 0:
			h.must("PUT", "/v1/accounts/acme/tickets/"+id, fmt.Sprintf(`{"subject":"n%d","status":%q}`, r.IntN(9), solved))
		case 1:
			h.call("PATCH", "/v1/accounts/acme/tickets/"+id, fmt.Sprintf(`{"status":%q}`, solved))
		case 2:
			h.call("PATCH", "/v1/accounts/acme/tickets/"+id, fmt.Sprintf(`{"subject":"p%d"}`, r.IntN(9)))
		default:
			bulk(fmt.Sprintf(`{"op":"ticket.delete","id":%q}`+"\n", id))
		}
		want := h.top("all-open", 100)
		h.until(ann, "the list is the view's top", func() bool {
			got, ready := ann.Topic("list:all-open")
			return ready && maps.Equal(texts(got), want)
		})
	}
}

// top is what a list topic of the view must hold, asked for as a page.
func (h *house) top(view string, n int) map[string]string {
	h.t.Helper()
	var page desk.TicketPage
	if err := json.Unmarshal(h.must("GET", fmt.Sprintf("/v1/accounts/acme/views/%s/tickets?agent=ann&limit=%d", view, n), ""), &page); err != nil {
		h.t.Fatal(err)
	}
	out := map[string]string{"head": fmt.Sprint(page.Total)}
	for _, k := range page.Tickets {
		out[string(k.ID)] = fmt.Sprint(k.Version, k.Subject, k.Status)
	}
	return out
}

func texts(entries map[string]json.RawMessage) map[string]string {
	out := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		var head struct {
			Total int64 `json:"total"`
		}
		var k desk.Ticket
		if key == "head" {
			_ = json.Unmarshal(entries[key], &head)
			out[key] = fmt.Sprint(head.Total)
			continue
		}
		_ = desk.ParseTicket(entries[key], &k)
		out[key] = fmt.Sprint(k.Version, k.Subject, k.Status)
	}
	return out
}
