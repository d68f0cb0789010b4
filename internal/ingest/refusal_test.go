package ingest_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// refusal is a request that is wrong in one way.
type refusal struct {
	name, method, path, body string
	status                   int
	pointer                  string // where it is wrong, if it is the body
	detail                   string // a part of what is said
	headers                  []string
}

const (
	long = 300 // bytes: longer than any name or id
	none = ""
)

var anything = strings.Repeat("a", long)

var strangers = []refusal{
	{"no key", "GET", "/tickets/1", none, 401, "", "Authorization", []string{"Authorization", ""}},
	{"an unknown key", "GET", "/tickets/1", none, 401, "", "", []string{"Authorization", "Bearer dwk_unknown"}},
	{"another scheme", "GET", "/tickets/1", none, 401, "", "", []string{"Authorization", "Basic a2V5OmtleQ=="}},
	{"an empty bearer", "GET", "/tickets/1", none, 401, "", "", []string{"Authorization", "Bearer "}},
	{"a token of another algorithm", "GET", "/tickets/1", none, 401, "", "", []string{"Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ."}},
	{"the backend as operator", "GET", "/v1/accounts", none, 401, "", "", nil},
	{"the backend making accounts", "POST", "/v1/accounts", `{"id":"x"}`, 401, "", "", nil},
	{"the backend deleting its account", "DELETE", "", none, 401, "", "", nil},
	{"a bulk without a key", "POST", "/bulk", none, 401, "", "", []string{"Authorization", ""}},
	{"no key and a bad body", "PUT", "/tickets/1", "{", 401, "", "", []string{"Authorization", ""}},
	{"an account that is not there", "GET", "/v1/accounts/nobody/tickets/1", none, 401, "", "", nil},
}

var places = []refusal{
	{"an address that is none", "GET", "/things", none, 404, "", "/docs", nil},
	{"a version that is none", "GET", "/v1/", none, 404, "", "/docs", nil},
	{"POST to a ticket", "POST", "/tickets/1", "{}", 405, "", "PUT", nil},
	{"PATCH of an agent", "PATCH", "/agents/ann", "{}", 405, "", "PUT", nil},
	{"GET of the bulk", "GET", "/bulk", none, 405, "", "POST", nil},
	{"a ticket that is not there", "GET", "/tickets/99", none, 404, "", "99", nil},
	{"a patch of none", "PATCH", "/tickets/99", `{"status":"open"}`, 404, "", "create it", nil},
	{"a message to none", "POST", "/tickets/99/messages", `{"kind":"note","from":{"kind":"bot"},"body":"x"}`, 404, "", "", nil},
	{"an agent that is not there", "GET", "/agents/zoe", none, 404, "", "zoe", nil},
	{"a view that is not there", "GET", "/views/none/tickets", none, 404, "", "", nil},
	{"a count of a view that is not there", "GET", "/views/none/count?agent=ann", none, 404, "", "none", nil},
	{"a key that is not there", "DELETE", "/keys/abc", none, 404, "", "", nil},
	{"a parameter that is not known", "GET", "/customers?limitt=3", none, 422, "", "limitt", nil},
	{"a limit that is too high", "GET", "/customers?limit=201", none, 422, "", "200", nil},
	{"a limit that is no number", "GET", "/customers?limit=ten", none, 422, "", "limit", nil},
	{"a page after nothing", "GET", "/views/all-open/tickets?after=%7B", none, 422, "/after", "", nil},
	{"a sort by nothing", "GET", "/views/all-open/tickets?sort=shoe", none, 422, "/sort/field", "shoe", nil},
	{"a filter that is no JSON", "GET", "/views/all-open/tickets?filter=%7B", none, 400, "/filter", "", nil},
	{"counts of nobody", "GET", "/counts", none, 422, "", "agent", nil},
	{"counts of one who is not there", "GET", "/counts?agent=zoe", none, 403, "", "zoe", nil},
}

var headers = []refusal{
	{"a form", "PUT", "/tickets/1", "{}", 415, "", "application/json", []string{"Content-Type", "application/x-www-form-urlencoded"}},
	{"a text", "PUT", "/tickets/1", "{}", 415, "", "application/json", []string{"Content-Type", "text/plain"}},
	{"a packed document", "PUT", "/tickets/1", "{}", 415, "", "plain", []string{"Content-Encoding", "gzip"}},
	{"a form of a bulk", "POST", "/bulk", "{}", 415, "", "x-ndjson", []string{"Content-Type", "application/x-www-form-urlencoded"}},
	{"a packing that is not known", "POST", "/bulk", "{}", 415, "", "gzip", []string{"Content-Encoding", "br"}},
	{"gzip that is none", "POST", "/bulk", "{}", 400, "", "gzip", []string{"Content-Encoding", "gzip"}},
	{"a step of nothing", "POST", "/bulk?step=0", none, 422, "", "5000", nil},
	{"a step of too much", "POST", "/bulk?step=5001", none, 422, "", "5000", nil},
	{"an idempotency key over the limit", "PUT", "/tickets/1", "{}", 422, "", "200", []string{"Idempotency-Key", strings.Repeat("k", ingest.MaxKey+1)}},
	{"an idempotency key with a space", "PUT", "/tickets/1", "{}", 422, "", "visible", []string{"Idempotency-Key", "a b"}},
	{"a bulk's key that is too long", "POST", "/bulk", none, 422, "", "200", []string{"Idempotency-Key", strings.Repeat("k", ingest.MaxKey+1)}},
	{"an If-Match that is no version", "PATCH", "/tickets/1", `{"subject":"x"}`, 422, "", "If-Match", []string{"If-Match", `"abc"`}},
	{"an If-Match of another version", "PATCH", "/tickets/1", `{"subject":"x"}`, 409, "", "", []string{"If-Match", `"2"`}},
}

var documents = []refusal{
	{"no body", "PUT", "/tickets/1", none, 400, "", "missing", nil},
	{"no JSON", "PUT", "/tickets/1", "hello", 400, "", "not JSON", nil},
	{"half a document", "PUT", "/tickets/1", `{"subject":"x`, 400, "/subject", "closing quote", nil},
	{"two documents", "PUT", "/tickets/1", `{} {}`, 400, "", "behind", nil},
	{"a comma too many", "PUT", "/tickets/1", `{"subject":"x",}`, 400, "", "key", nil},
	{"a list", "PUT", "/tickets/1", `[]`, 422, "", "an object", nil},
	{"null", "PUT", "/tickets/1", `null`, 422, "", "an object", nil},
	{"not UTF-8", "PUT", "/tickets/1", "{\"subject\":\"\xff\"}", 400, "/subject", "UTF-8", nil},
	{"a key twice", "PUT", "/tickets/1", `{"subject":"x","status":"open","subject":"y"}`, 422, "/subject", "twice", nil},
	{"a key twice, once escaped", "PUT", "/tickets/1", `{"subject":"x","\u0073ubject":"y"}`, 422, "/subject", "twice", nil},
	{"too deep", "PUT", "/tickets/1", `{"custom":` + strings.Repeat(`{"a":`, 20) + `1` + strings.Repeat("}", 21), 413, "", "16", nil},
	{"too long", "PATCH", "/tickets/1", `{"subject":"` + strings.Repeat("x", ingest.MaxBody) + `"}`, 413, "", "1048576", nil},
	{"an unknown field", "PUT", "/tickets/1", `{"shoe_size":43}`, 422, "/shoe_size", "shoe_size", nil},
	{"a field written otherwise", "PUT", "/tickets/1", `{"assigneeAgent":"ann"}`, 422, "/assigneeAgent", "assignee_agent", nil},
	{"a wrong case", "PUT", "/tickets/1", `{"Subject":"x"}`, 422, "/Subject", "subject", nil},
	{"a number as text", "PUT", "/tickets/1", `{"subject":7}`, 422, "/subject", "a text", nil},
	{"a version below nothing", "PUT", "/tickets/1", `{"version":-1}`, 422, "/version", "whole", nil},
	{"a version and a half", "PUT", "/tickets/1", `{"version":1.5}`, 422, "/version", "whole", nil},
	{"a version beyond 2^53", "PUT", "/tickets/1", `{"version":9007199254740993}`, 422, "/version", "9007199254740992", nil},
	{"a time that is none", "PUT", "/tickets/1", `{"created_at":"yesterday"}`, 422, "/created_at", "RFC 3339", nil},
	{"a tag that is a number", "PUT", "/tickets/1", `{"tags":["a",2]}`, 422, "/tags/1", "a text", nil},
	{"a bad status", "PUT", "/tickets/1", `{"subject":"x","status":"lost"}`, 422, "/status", "pending", nil},
	{"a bad priority", "PUT", "/tickets/1", `{"subject":"x","status":"open","priority":"extreme"}`, 422, "/priority", "urgent", nil},
	{"a subject over its limit", "PUT", "/tickets/1", `{"status":"open","subject":"` + strings.Repeat("x", desk.MaxSubject+1) + `"}`, 422, "/subject", "bytes", nil},
	{"a custom field nobody declared", "PUT", "/tickets/1", `{"subject":"x","status":"open","custom":{"shoe":{"number":1}}}`, 422, "/custom/shoe", "declare", nil},
	{"an id that is another", "PUT", "/tickets/1", `{"id":"2"}`, 422, "/id", "leave it out", nil},
	{"an id with a space", "PUT", "/tickets/a%20b", `{"subject":"x","status":"open"}`, 422, "/id", "letters", nil},
	{"an id that is too long", "PUT", "/tickets/" + anything, `{"subject":"x","status":"open"}`, 422, "", "", nil},
	{"an older version", "PUT", "/tickets/1", `{"version":2,"subject":"Old","status":"open"}`, 409, "/version", "3", nil},
	{"a patch that is a list", "PATCH", "/tickets/1", `[]`, 422, "", "an object", nil},
	{"a patch of what follows", "PATCH", "/tickets/1", `{"message_count":3}`, 422, "/message_count", "cannot be patched", nil},
	{"a patch of an unknown field", "PATCH", "/tickets/1", `{"shoe":1}`, 422, "/shoe", "shoe", nil},
	{"tags that are a text", "PATCH", "/tickets/1", `{"tags_add":"vip"}`, 422, "/tags_add", "a list", nil},
	{"a merge into itself", "POST", "/tickets/1/merge", `{"into":"1"}`, 422, "/into", "itself", nil},
	{"a merge into nothing", "POST", "/tickets/1/merge", `{"into":"99"}`, 404, "/into", "99", nil},
	{"a message without a body", "POST", "/tickets/1/messages", `{"kind":"note","from":{"kind":"bot"}}`, 422, "/body", "body", nil},
	{"a message of a bad kind", "POST", "/tickets/1/messages", `{"kind":"shout","from":{"kind":"bot"},"body":"x"}`, 422, "/kind", "note", nil},
	{"a message from nobody", "POST", "/tickets/1/messages", `{"kind":"note","from":{"kind":"cat"},"body":"x"}`, 422, "/from/kind", "agent", nil},
	{"a message of another ticket", "POST", "/tickets/1/messages", `{"ticket":"2","kind":"note","from":{"kind":"bot"},"body":"x"}`, 422, "/ticket", "leave it out", nil},
}

var settings = []refusal{
	{"an agent with a bad role", "PUT", "/agents/x", `{"name":"X","role":"king"}`, 422, "/role", "lead", nil},
	{"an agent with a bad read rule", "PUT", "/agents/x", `{"name":"X","role":"agent","reads":["all","none"]}`, 422, "/reads/1", "my_teams", nil},
	{"a team of numbers", "PUT", "/teams/x", `{"name":"X","members":["ann",7]}`, 422, "/members/1", "a text", nil},
	{"a customer merged into himself", "POST", "/customers/c/merge", `{"into":"c"}`, 422, "/into", "himself", nil},
	{"a view without a filter", "PUT", "/views/x", `{"name":"X","kind":"public"}`, 422, "/filter", "", nil},
	{"a view with a bad filter", "PUT", "/views/x", `{"name":"X","kind":"public","filter":{"op":"and","of":[{"field":"shoe","is":"is","value":1}]}}`, 422, "/filter/of/0/field", "shoe", nil},
	{"a view of a bad kind", "PUT", "/views/x", `{"name":"X","kind":"secret","filter":{"field":"status","is":"is","value":"open"}}`, 422, "/kind", "private", nil},
	{"a private view of nobody", "PUT", "/views/x", `{"name":"X","kind":"private","filter":{"field":"status","is":"is","value":"open"}}`, 422, "/owner", "owner", nil},
	{"a change of a system view", "PUT", "/views/spam", `{"name":"X","kind":"public","filter":{"field":"status","is":"is","value":"open"}}`, 409, "", "system", nil},
	{"a check of nothing", "POST", "/views/validate", `{}`, 422, "/filter", "", nil},
	{"a check of a bad value", "POST", "/views/validate", `{"filter":{"field":"status","is":"is","value":"lost"}}`, 422, "/filter/value", "lost", nil},
	{"a preview of a bad operator", "POST", "/views/preview", `{"filter":{"field":"status","is":"contains","value":"o"}}`, 422, "/filter/is", "", nil},
	{"an import of both", "POST", "/views/import", `{"zendesk":{},"gorgias":"x"}`, 422, "", "either", nil},
	{"an import of a bad rule", "POST", "/views/import", `{"zendesk":{"all":[{"field":"shoe","operator":"is","value":"1"}]}}`, 422, "/zendesk/all/0/field", "shoe", nil},
	{"a share of a view that is not there", "POST", "/views/none/share", `{"agents":["ann"]}`, 404, "", "", nil},
	{"an API key without a name", "POST", "/keys", `{}`, 422, "/name", "100", nil},
	{"an API key with a long name", "POST", "/keys", `{"name":"` + strings.Repeat("n", ingest.MaxKeyName+1) + `"}`, 422, "/name", "100", nil},
	{"a clock that goes by itself", "POST", "/clock", `{"now":"2026-11-24T09:00:00Z"}`, 409, "", "manual_clock", nil},
	{"a clock set nowhere", "POST", "/clock", `{}`, 422, "/now", "", nil},
	{"settings in an unknown zone", "PUT", "", `{"name":"Acme","zone":"Mars/Base"}`, 422, "/zone", "Mars", nil},
	{"settings of another account", "PUT", "", `{"id":"other","name":"Acme"}`, 422, "/id", "leave it out", nil},
	{"settings with a short secret", "PUT", "", `{"name":"Acme","keys":[{"id":"k","secret":"short"}]}`, 422, "/keys/0", "32", nil},
}

func TestEveryRefusalSaysWhatIsWrongAndWhere(t *testing.T) {
	h := open(t)
	for _, table := range [][]refusal{strangers, places, headers, documents, settings} {
		for _, c := range table {
			got := h.send(c.method, c.path, c.body, c.headers...)
			p := h.problem(c.name, got)
			if got.status != c.status || p.Pointer != c.pointer && !strings.Contains(c.name, "too deep") || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("%s: %s %.60s: want %d %q %q, got %s", c.name, c.method, c.path, c.status, c.pointer, c.detail, clip(got.body))
			}
			if got.status == 401 && got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: 401 does not say how to come in", c.name)
			}
			if strings.Contains(string(got.body), h.key) || len(got.body) > 2000 {
				t.Errorf("%s: %d bytes, perhaps with the key: %s", c.name, len(got.body), clip(got.body))
			}
		}
	}
	var d desk.Dossier
	h.decode(h.must("GET", "/tickets/1", ""), &d)
	if d.Ticket.Version != 3 || d.Ticket.Subject != "Hello" {
		t.Errorf("a refused write changed the ticket: %+v", d.Ticket)
	}
}

func clip(b []byte) string { return string(b[:min(len(b), 300)]) }

// operators' refusals need the operator's key.
func TestAnAccountThatCannotWorkIsNotMade(t *testing.T) {
	h := open(t)
	for _, c := range []refusal{
		{"no id", "POST", "/v1/accounts", `{"name":"X"}`, 422, "/id", "letters", nil},
		{"a bad id", "POST", "/v1/accounts", `{"id":"a b"}`, 422, "/id", "letters", nil},
		{"one that is there", "POST", "/v1/accounts", `{"id":"acme"}`, 409, "/id", "acme", nil},
		{"a bad zone", "POST", "/v1/accounts", `{"id":"x","zone":"Mars/Base"}`, 422, "/zone", "", nil},
		{"a bad field type", "POST", "/v1/accounts", `{"id":"x","fields":[{"key":"a","type":"colour"}]}`, 422, "/fields/0/type", "", nil},
		{"a short secret", "POST", "/v1/accounts", `{"id":"x","keys":[{"secret":"short"}]}`, 422, "/keys/0", "32", nil},
		{"a key for no account", "POST", "/v1/accounts/nobody/keys", `{"name":"x"}`, 404, "", "create it first", nil},
		{"a bulk for no account", "POST", "/v1/accounts/nobody/bulk", `{"op":"ticket.delete","id":"1"}`, 404, "", "create it first", nil},
		{"a ticket of no account", "GET", "/v1/accounts/nobody/tickets/1", none, 404, "", "create it first", nil},
	} {
		got := h.send(c.method, c.path, c.body, "Authorization", "Bearer "+operatorKey)
		if p := h.problem(c.name, got); got.status != c.status || p.Pointer != c.pointer || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s: want %d %q %q, got %s", c.name, c.status, c.pointer, c.detail, got.body)
		}
	}
}

// T19: a key of one account is none of another, and a withdrawn one is none.
func TestAKeyOpensItsOwnAccountUntilItIsWithdrawn(t *testing.T) {
	h := open(t)
	for _, r := range []struct{ method, path, body string }{
		{"GET", "", none}, {"PUT", "", "{}"}, {"GET", "/tickets/1", none}, {"PUT", "/tickets/1", "{}"}, {"PATCH", "/tickets/1", "{}"}, {"DELETE", "/tickets/1", none},
		{"GET", "/keys", none}, {"POST", "/keys", `{"name":"x"}`}, {"GET", "/counts?agent=ann", none}, {"POST", "/bulk", none}, {"GET", "/health", none},
		{"GET", "/schema", none}, {"POST", "/views/preview", "{}"}, {"GET", "/views/all-open/tickets", none}, {"PUT", "/agents/ann", "{}"},
	} {
		if got := h.send(r.method, r.path, r.body, "Authorization", "Bearer "+h.other); got.status != 401 {
			t.Errorf("%s %s with another account's key: %d %s", r.method, r.path, got.status, got.body)
		}
	}
	var made struct{ ID, Secret string }
	h.decode(h.must("POST", "/keys", `{"name":"second"}`), &made)
	second := []string{"Authorization", "Bearer " + made.Secret}
	h.must("GET", "/health", "", second...)
	if listed := h.must("GET", "/keys", ""); !strings.Contains(string(listed), made.ID) || strings.Contains(string(listed), made.Secret) {
		t.Errorf("the list of keys: %s", listed)
	}
	h.must("DELETE", "/keys/"+made.ID, "")
	if got := h.send("GET", "/health", "", second...); got.status != 401 {
		t.Errorf("a withdrawn key: %d", got.status)
	}
}

// An agent may do with his token what he may do on his screen, as himself.
func TestAnAgentIsHeldToHisOwnRights(t *testing.T) {
	h := open(t)
	ben := []string{"Authorization", "Bearer " + h.token("ben")}
	h.must("GET", "/counts", "", ben...)
	h.must("GET", "/schema", "", ben...)
	h.must("PATCH", "/tickets/1", `{"tags_add":["seen"]}`, ben...)
	for _, c := range []refusal{
		{"another's counts", "GET", "/counts?agent=ann", none, 403, "", "himself", ben},
		{"the bulk", "POST", "/bulk", none, 403, "", "API key", ben},
		{"a put", "PUT", "/tickets/1", `{"subject":"x","status":"open"}`, 403, "", "API key", ben},
		{"a deletion", "DELETE", "/tickets/1", none, 403, "", "leads", ben},
		{"another's name", "POST", "/tickets/1/messages", `{"kind":"note","from":{"kind":"agent","id":"ann"},"body":"x"}`, 403, "", "own name", ben},
		{"keys", "GET", "/keys", none, 403, "", "API key", ben},
		{"settings", "GET", "", none, 403, "", "API key", ben},
		{"a public view", "PUT", "/views/x", `{"name":"X","kind":"public","filter":{"field":"status","is":"is","value":"open"}}`, 403, "", "leads", ben},
	} {
		got := h.send(c.method, c.path, c.body, c.headers...)
		if p := h.problem(c.name, got); got.status != c.status || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s: %s", c.name, got.body)
		}
	}
	if got := h.send("GET", "/counts", "", "Authorization", "Bearer "+h.token("zoe")); got.status != 403 && got.status != 404 {
		t.Errorf("an agent who is not there: %d %s", got.status, got.body)
	}
}

// Secrets that sign tokens are not told to whoever has an API key.
func TestSettingsAreToldWithoutSecretsAndKeepThem(t *testing.T) {
	h := open(t)
	raw := h.must("GET", "", "")
	if strings.Contains(string(raw), secret) {
		t.Fatalf("the secret is told: %s", raw)
	}
	var a desk.Account
	h.decode(raw, &a)
	h.must("PUT", "", strings.NewReplacer(`"name":"acme"`, `"name":"Acme & Sons"`, `,"version":1`, "").Replace(string(raw)))
	if raw = h.must("GET", "", ""); !strings.Contains(string(raw), `Sons","zone"`) || !strings.Contains(string(raw), `"version":2`) {
		t.Errorf("%s", raw)
	}
	h.must("GET", "/counts", "", "Authorization", "Bearer "+h.token("ben")) // signed with the secret kept
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}
