package ingest_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// writes are one of each kind of write, in an order in which they can be done.
var writes = []struct{ name, method, path, body, other string }{
	{"put-agent", "PUT", "/agents/cid", `{"name":"Cid","role":"agent"}`, `{"name":"Sid","role":"agent"}`},
	{"put-team", "PUT", "/teams/t", `{"name":"T","members":["ann"]}`, `{"name":"U","members":["ann"]}`},
	{"put-customer", "PUT", "/customers/c", `{"name":"C"}`, `{"name":"D"}`},
	{"put-ticket", "PUT", "/tickets/2", `{"subject":"Two","status":"open"}`, `{"subject":"Too","status":"open"}`},
	{"patch-ticket", "PATCH", "/tickets/2", `{"tags_add":["a"]}`, `{"tags_add":["b"]}`},
	{"add-message", "POST", "/tickets/2/messages", `{"kind":"note","from":{"kind":"bot"},"body":"one"}`, `{"kind":"note","from":{"kind":"bot"},"body":"two"}`},
	{"mark-read", "POST", "/tickets/2/read", `{"agent":"ann"}`, `{"agent":"ben"}`},
	{"put-view", "PUT", "/views/v", `{"name":"V","kind":"public","filter":{"field":"status","is":"is","value":"open"}}`, `{"name":"W","kind":"public","filter":{"field":"status","is":"is","value":"open"}}`},
	{"share-view", "POST", "/views/v/share", `{"agents":["ann"]}`, `{"agents":["ben"]}`},
	{"merge-tickets", "POST", "/tickets/2/merge", `{"into":"1"}`, `{"into":"2"}`},
	{"put-account", "PUT", "", `{"name":"Acme","keys":[{"id":"k"}]}`, `{"name":"Acme!","keys":[{"id":"k"}]}`},
	{"create-key", "POST", "/keys", `{"name":"third"}`, `{"name":"fourth"}`},
}

// G8: the same key with the same request gets the same answer and changes
// nothing; with another request it is a conflict.
func TestAWriteCanBeSentAgain(t *testing.T) {
	h := open(t)
	for _, w := range writes {
		key := []string{"Idempotency-Key", "key-of-" + w.name}
		one := h.send(w.method, w.path, w.body, key...)
		if one.status >= 300 || one.header.Get("Idempotent-Replay") != "" {
			t.Fatalf("%s: %d %s", w.name, one.status, one.body)
		}
		before := h.must("GET", "/health", "")
		two := h.send(w.method, w.path, w.body, key...)
		if two.status != one.status || !bytes.Equal(two.body, one.body) || two.header.Get("Idempotent-Replay") != "true" || two.header.Get("ETag") != one.header.Get("ETag") {
			t.Errorf("%s: first %d %s, then %d %s", w.name, one.status, one.body, two.status, two.body)
		}
		if after := h.must("GET", "/health", ""); seqOf(h, after) != seqOf(h, before) {
			t.Errorf("%s: the second changed something", w.name)
		}
		three := h.send(w.method, w.path, w.other, key...)
		if p := h.problem(w.name, three); three.status != 409 || !strings.Contains(p.Detail, "key was used") {
			t.Errorf("%s with another body: %s", w.name, three.body)
		}
	}
	for _, w := range []struct{ name, method, path string }{{"delete-ticket", "DELETE", "/tickets/2"}, {"delete-agent", "DELETE", "/agents/cid"}, {"delete-view", "DELETE", "/views/v"}} {
		key := []string{"Idempotency-Key", "key-of-" + w.name}
		one, two := h.send(w.method, w.path, "", key...), h.send(w.method, w.path, "", key...)
		if one.status != 200 || two.status != 200 || !bytes.Equal(one.body, two.body) || two.header.Get("Idempotent-Replay") != "true" {
			t.Errorf("%s: %d %s, then %d %s", w.name, one.status, one.body, two.status, two.body)
		}
		if got := h.send(w.method, w.path, ""); got.status != 200 || !strings.Contains(string(got.body), `"changed":false`) {
			t.Errorf("%s without the key: %d %s", w.name, got.status, got.body)
		}
	}
}

func seqOf(h *house, health []byte) uint64 {
	var v desk.Health
	h.decode(health, &v)
	return v.Seq
}

// The address is a part of the request as the body is; a refused write used up
// no key.
func TestAKeyIsOneRequests(t *testing.T) {
	h := open(t)
	key := []string{"Idempotency-Key", "k1"}
	if got := h.send("PATCH", "/tickets/1", `{"shoe":1}`, key...); got.status != 422 {
		t.Fatal(got.status)
	}
	h.must("PATCH", "/tickets/1", `{"subject":"A"}`, key...)
	for name, got := range map[string]said{"another ticket": h.send("PATCH", "/tickets/9", `{"subject":"A"}`, key...), "another method": h.send("PUT", "/tickets/1", `{"subject":"A"}`, key...),
		"another version": h.send("PATCH", "/tickets/1", `{"subject":"A"}`, append(key, "If-Match", `"4"`)...), "a key of the registry": h.send("POST", "/keys", `{"name":"A"}`, key...)} {
		if got.status != 409 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	h.must("PUT", "/v1/accounts/other/tickets/1", `{"subject":"A","status":"open"}`, "Idempotency-Key", "k1", "Authorization", "Bearer "+h.other) // keys are an account's own
	longest := []string{"Idempotency-Key", strings.Repeat("k", ingest.MaxKey)}
	h.must("PATCH", "/tickets/1", `{"subject":"B"}`, longest...)
}

func TestTheRegistryCanBeAskedAgain(t *testing.T) {
	h := open(t)
	operator := []string{"Authorization", "Bearer " + operatorKey, "Idempotency-Key", "make"}
	one, two := h.send("POST", "/v1/accounts", `{"id":"third"}`, operator...), h.send("POST", "/v1/accounts", `{"id":"third"}`, operator...)
	if one.status != 201 || two.status != 201 || !bytes.Equal(one.body, two.body) || two.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("%d %s, then %d %s", one.status, one.body, two.status, two.body)
	}
	if got := h.send("POST", "/v1/accounts", `{"id":"third","name":"3"}`, operator...); got.status != 409 {
		t.Errorf("another account with the key: %d %s", got.status, got.body)
	}
	var made struct{ ID, Secret string }
	h.decode(h.must("POST", "/keys", `{"name":"x"}`), &made)
	for range 2 {
		if got := h.send("DELETE", "/keys/"+made.ID, "", "Idempotency-Key", "drop"); got.status != 204 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	for range 2 {
		if got := h.send("DELETE", "/v1/accounts/third", "", operator[:2]...); got.status != 204 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

// However many send it at the same moment, it is done once and all hear the same.
func TestOneOfManyAtOnceDoesIt(t *testing.T) {
	h := open(t)
	for _, w := range []struct{ name, path, body string }{{"message", "/tickets/1/messages", `{"kind":"note","from":{"kind":"bot"},"body":"one"}`}, {"key", "/keys", `{"name":"x"}`}} {
		const clients = 16
		got := make([]said, clients)
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() { got[i] = h.send("POST", w.path, w.body, "Idempotency-Key", "once-"+w.name) })
		}
		all.Wait()
		first := 0
		for _, g := range got {
			if g.status >= 300 || !bytes.Equal(g.body, got[0].body) {
				t.Errorf("%s: %d %s, not %s", w.name, g.status, g.body, got[0].body)
			}
			if g.header.Get("Idempotent-Replay") == "" {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%s: done %d times", w.name, first)
		}
		h.must("POST", w.path, strings.NewReplacer("one", "two", "x", "y").Replace(w.body), "Idempotency-Key", "twice-"+w.name)
		if w.name == "key" {
			continue
		}
		var d desk.Dossier
		if h.decode(h.must("GET", "/tickets/1", ""), &d); len(d.Messages) != 2 {
			t.Errorf("%d messages", len(d.Messages))
		}
	}
}

// A bulk that broke off is sent again from its beginning: what was done stays
// done and is answered with again.
func TestABulkCanBeSentAgain(t *testing.T) {
	h := open(t)
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `{"op":"message.add","message":{"ticket":"1","kind":"note","from":{"kind":"bot"},"body":"%d"}}`+"\n", i)
	}
	body := b.String()
	key := []string{"Idempotency-Key", "bulk"}
	lines := strings.SplitAfter(body, "\n")
	_, sum := split(t, string(h.must("POST", "/bulk?step=2", strings.Join(lines[:4], ""), key...))) // as far as it came
	if sum.Lines != 4 || sum.Failed != 0 {
		t.Fatalf("%+v", sum)
	}
	answers, sum := split(t, string(h.must("POST", "/bulk?step=2", body, key...)))
	for _, a := range answers {
		if a.Again != (a.Line <= 4) || a.Problem != nil {
			t.Errorf("%+v", a)
		}
	}
	var d desk.Dossier
	if h.decode(h.must("GET", "/tickets/1", ""), &d); len(d.Messages) != 10 || !sum.Done {
		t.Errorf("%d messages, %+v", len(d.Messages), sum)
	}
	got := h.send("POST", "/bulk?step=2", strings.Replace(body, `"body":"0"`, `"body":"x"`, 1), key...)
	if p := h.problem("another bulk with the key", got); got.status != 409 || !strings.Contains(p.Detail, "key was used") {
		t.Errorf("%s", got.body)
	}
}
