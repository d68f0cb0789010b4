package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/deskwire/deskwire/internal/desk"
)

var documents = []string{`{}`, `[]`, `null`, `true`, `-0`, `0.5e-7`, `01`, `1.`, `.5`, `+1`, `1e`, `"a\u00e9\n"`, `"\x"`, `"\u12"`, "\"\t\"", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"a":[{"a":1}]}}`,
	`{"a":1,}`, `[1,]`, `{,}`, `{"a"}`, `{"a":}`, `{"a" : [ 1 , 2 ] }`, "\xff", "\"\xff\"", "\xEF\xBB\xBF{}", `{} {}`, `nul`, `9007199254740992`, `9007199254740993`, ``, ` `, `"`, `{"`, `[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]`,
	`{"":0}`, `{"a/b":{"c~d":tru}}`, "{\"a\":\"\x7f\"}", `"\ud800"`, `-`, `--1`, `1e5`, `1E+5`, "[1\n,2]"}

// strict is what the scanner takes: what encoding/json takes, but for our limits.
func strict(t interface{ Fatalf(string, ...any) }, b []byte) {
	err := check(b, nil)
	if err == nil && !json.Valid(b) {
		t.Fatalf("%q is taken and is no JSON", b)
	}
	if err == nil || !json.Valid(b) {
		return
	}
	for _, reason := range []string{"UTF-8", "twice", "at most"} {
		if strings.Contains(err.Error(), reason) {
			return
		}
	}
	t.Fatalf("%q is JSON and refused: %v", b, err)
}

func FuzzScan(f *testing.F) {
	for _, d := range documents {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, b []byte) { strict(t, b) })
}

// A document is changed in one place: most are no JSON any more, and the
// scanner and encoding/json agree on which.
func TestTheScannerTakesWhatIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(rapid.SampledFrom([]any{map[string]any{"a": []any{1, "x", nil, true, map[string]any{"b": -1.5e-9}}, "é": "\u2028\n"}, desk.Ticket{ID: "1", Tags: []string{"a"}}}).Draw(t, "document"))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("{}[]\",:0e.-\\ntu\xff ")).Draw(t, "byte")
		}
		strict(t, b)
	})
}

func TestFormHasLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	members := func(n int) string {
		var parts []string
		for i := range n {
			parts = append(parts, `"k`+strconv.Itoa(i)+`":1`)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	for _, c := range []struct {
		name, document string
		ok             bool
	}{
		{"MaxNesting", nested(MaxNesting), true}, {"MaxNesting+1", nested(MaxNesting + 1), false},
		{"MaxMembers", members(MaxMembers), true}, {"MaxMembers+1", members(MaxMembers + 1), false},
		{"MaxNumber", strconv.Itoa(MaxNumber), true}, {"MaxNumber+1", strconv.Itoa(MaxNumber + 1), false}, {"-MaxNumber-1", "-" + strconv.Itoa(MaxNumber+1), false},
	} {
		err := check([]byte(c.document), nil)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// A pointer is the caller's own words, and no longer than maxPointer.
	err := check([]byte(`{"`+strings.Repeat("ü", 5000)+`":{"b":tru}}`), nil)
	if p := problemOf(err); len(p.Pointer) > maxPointer || !strings.HasPrefix(p.Pointer, "/üü") {
		t.Errorf("%d bytes of pointer", len(p.Pointer))
	}
}

// The shape is read from the type it is decoded to: what fits, desk.Decode takes.
func TestWhatFitsATicketIsATicket(t *testing.T) {
	names := []string{"id", "version", "subject", "status", "tags", "custom", "spam", "satisfaction", "created_at", "message_count", "read_by", "shoe"}
	values := []string{`"x"`, `1`, `-1`, `1.5`, `true`, `null`, `["a"]`, `[1]`, `{}`, `{"plan":{"text":"pro"}}`, `{"plan":"pro"}`, `"2026-11-24T09:00:00Z"`}
	rapid.Check(t, func(t *rapid.T) {
		name, value := rapid.SampledFrom(names).Draw(t, "name"), rapid.SampledFrom(values).Draw(t, "value")
		b := []byte(`{"` + name + `":` + value + `}`)
		fits := check(b, ticketShape)
		var ticket desk.Ticket
		taken := desk.Decode(b, &ticket)
		if (fits == nil) != (taken == nil) {
			t.Fatalf("%s: the shape says %v, desk %v", b, fits, taken)
		}
		if p := problemOf(fits); fits != nil && !strings.HasPrefix(p.Pointer, "/"+name) {
			t.Fatalf("%s: the pointer is %s", b, p.Pointer)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	line := []byte(`{"op":"ticket.put","ticket":{"id":"t0000001","version":1,"subject":"Order 1 has not arrived, where is it?","status":"open","priority":"high","channel":"email","language":"it","assignee_team":"team1","customer":"c1","tags":["order","tag1"],"created_at":"2026-11-02T09:01:00Z","updated_at":"2026-11-02T10:01:00Z","last_customer_message_at":"2026-11-02T10:00:00Z","message_count":3}}`)
	var s scanner
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.scan(line, nil); err != nil {
			b.Fatal(err)
		}
	}
}
