package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// A body comes out of a pool and goes back to it when the handler ends; what
// was posted may be kept for longer.
func TestAPatchOutlivesTheBodyItCameIn(t *testing.T) {
	d := &till{}
	const n = 200
	for i := range n {
		w := d.call(t, "PATCH", "/v1/accounts/acme/tickets/1", fmt.Sprintf(`{"subject":"%06d"}`, i))
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	for i, p := range d.taken() {
		if want := fmt.Sprintf(`{"subject":"%06d"}`, i); string(p.Event.(desk.PatchTicket).Patch) != want {
			t.Fatalf("patch %d was %s and has become %s", i, want, p.Event.(desk.PatchTicket).Patch)
		}
	}
}

func TestADocumentMayBeAsLongAsItsLimit(t *testing.T) {
	for _, c := range []struct {
		over   int
		status int
	}{{-1, 200}, {0, 200}, {1, 413}, {1000, 413}} {
		d := &till{}
		body := `{"subject":"x"}`
		body += strings.Repeat(" ", ingest.MaxBody+c.over-len(body))
		w := d.call(t, "PATCH", "/v1/accounts/acme/tickets/1", body)
		if w.Code != c.status {
			t.Errorf("%+d bytes: %d %.200s", c.over, w.Code, w.Body)
		}
	}
}

func TestTheSchemaIsWrittenAsTheLineWritesIt(t *testing.T) {
	w := new(till).call(t, "GET", "/v1/accounts/acme/schema", "")
	var fields []struct {
		Key       string
		Type      string
		Operators []string
	}
	raw := w.Body.String()
	if err := json.Unmarshal([]byte(raw), &fields); err != nil || len(fields) < 20 {
		t.Fatalf("%v %s", err, raw)
	}
	if strings.Contains(raw, `"Key"`) || !strings.Contains(raw, `"key":"status"`) {
		t.Errorf("names of Go in JSON: %.300s", raw)
	}
}

func TestOneViewIsCounted(t *testing.T) {
	w := new(till).call(t, "GET", "/v1/accounts/acme/views/v/count?agent=ann", "")
	if !strings.Contains(w.Body.String(), "nothing here") { // the till's answer: it was asked
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
