package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// heard is what the reader says of one line: its text, or that it is too long.
type heard struct {
	n    int
	text string
	long bool
}

func linesOf(r io.Reader) (all []heard, end error) {
	l := newLines(r)
	for {
		b, err := l.next()
		switch {
		case errors.Is(err, errLongLine):
			all = append(all, heard{l.n, "", true})
		case err != nil:
			return all, err
		default:
			all = append(all, heard{l.n, string(b), false})
		}
	}
}

// plainly is the same by brute force, for a body that is whole.
func plainly(text string) (all []heard) {
	text = strings.TrimPrefix(text, "\xEF\xBB\xBF")
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t\r")
		switch {
		case len(line) > MaxLine:
			all = append(all, heard{i + 1, "", true})
		case line != "":
			all = append(all, heard{i + 1, line, false})
		}
	}
	return all
}

func TestLinesAreTakenApart(t *testing.T) {
	at, over := strings.Repeat("x", MaxLine), strings.Repeat("x", MaxLine+1)
	for name, body := range map[string]string{
		"nothing": "", "one": "a", "one with its end": "a\n", "an empty one": "\n", "empty ones": "\n\na\n\n\nb\n\n", "CRLF": "a\r\nb\r\n\r\nc\r\n",
		"a lone CR": "a\rb\n", "spaces": "  a  \n\t\nb\t\n", "a mark": "\xEF\xBB\xBFa\nb", "a mark alone": "\xEF\xBB\xBF", "a mark before nothing": "\xEF\xBB\xBF\na",
		"a mark later": "a\n\xEF\xBB\xBFb\n", "not UTF-8": "\xff\xfe\na\n", "NUL": "a\x00b\n",
		"at the limit": "a\n" + at + "\nb", "over the limit": "a\n" + over + "\nb", "at the limit and last": at, "over the limit and last": over,
		"at the limit with CRLF": at + "\r\nb\r\n", "at the limit behind a mark": "\xEF\xBB\xBF" + at + "\r\n", "twice over": over + "\n" + over + over + over + "\nb",
	} {
		for way, r := range map[string]io.Reader{"whole": strings.NewReader(body), "in pieces": &chunks{[]byte(body), 1 + len(body)/100},
			"with its end": iotest.DataErrReader(strings.NewReader(body))} {
			got, err := linesOf(r)
			if want := plainly(body); !slices.Equal(got, want) || err != io.EOF {
				t.Errorf("%s, %s: %d lines and %v, not %d", name, way, len(got), err, len(want))
			}
		}
	}
}

// A body that broke off has no last line, wherever it broke.
func TestACutLineIsNoLine(t *testing.T) {
	const body = `{"op":"a"}` + "\r\n" + `{"op":"b"}` + "\n" + `{"op":"c"}`
	for at := range len(body) + 1 {
		got, err := linesOf(io.MultiReader(strings.NewReader(body[:at]), iotest.ErrReader(io.ErrUnexpectedEOF)))
		if want := strings.Count(body[:at], "\n"); len(got) != want || err != io.ErrUnexpectedEOF {
			t.Errorf("cut at %d: %v %v", at, got, err)
		}
	}
}

func TestALongLineThatBreaksOffIsACut(t *testing.T) {
	body := strings.Repeat("x", 3*MaxLine)
	got, err := linesOf(io.MultiReader(strings.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if len(got) != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("%d lines and %v", len(got), err)
	}
}

func TestLinesAreThoseThatASplitGives(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", `{"op":"x"}`, "\n", "\r\n", " ", "\xEF\xBB\xBF", "\xff", strings.Repeat("y", MaxLine-1), "z", "zz"})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(part, 0, 8).Draw(t, "parts"), "")
		chunk := rapid.IntRange(1+len(body)/100, 1+len(body)).Draw(t, "chunk")
		got, err := linesOf(&chunks{[]byte(body), chunk})
		if want := plainly(body); !slices.Equal(got, want) || err != io.EOF {
			t.Fatalf("%d lines and %v, not %d, of %q", len(got), err, len(want), body[:min(len(body), 100)])
		}
	})
}

// chunks reads so many bytes at a time.
type chunks struct {
	b []byte
	n int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.b[:min(c.n, len(c.b))])
	c.b = c.b[n:]
	return n, nil
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "a\nb", "\xEF\xBB\xBFa\r\n\r\nb", "\n\n\n", "\r", "a\rb\n"} { // long lines are in the table: they starve the fuzzer
		f.Add([]byte(seed), uint16(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, chunk uint16) {
		got, err := linesOf(&chunks{bytes.Clone(body), int(chunk) + 1})
		if want := plainly(string(body)); !slices.Equal(got, want) || err != io.EOF {
			t.Fatalf("%v and %v, not %v", got, err, want)
		}
	})
}

// Whatever stands in a line, it is an event or a problem with a sentence, and
// nothing of it is taken that encoding/json would not take.
func FuzzLine(f *testing.F) {
	for _, seed := range lineSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var l line
		e, under, err := l.parse(b)
		if err == nil && e == nil {
			t.Fatal("neither an event nor a problem")
		}
		if err != nil {
			p := problemOf(err)
			if p.Detail == "" || p.Status < 400 || p.Status >= 500 || len(p.Detail) > 2000 {
				t.Fatalf("%d %q", p.Status, p.Detail)
			}
			return
		}
		if strings.HasPrefix(under, "/") && !bytes.Contains(b, []byte(under[1:])) && !bytes.Contains(b, []byte(`\u`)) {
			t.Fatalf("pointers below %s, which is not there", under)
		}
		if again, _, err := new(line).parse(bytes.Clone(b)); err != nil || again == nil {
			t.Fatalf("the second reading differs: %v", err)
		}
	})
}

var lineSeeds = []string{
	`{"op":"ticket.put","ticket":{"id":"1","version":1,"subject":"x","status":"open","tags":["a"],"custom":{"plan":"pro"}}}`,
	`{"op":"ticket.patch","id":"1","if_version":3,"patch":{"status":"solved","tags_add":["x"]}}`,
	`{"op":"ticket.delete","id":"1"}`, `{"op":"ticket.merge","from":"1","into":"2"}`, `{"op":"ticket.read","ticket":"1","agent":"ann"}`,
	`{"op":"message.add","message":{"ticket":"1","kind":"note","from":{"kind":"bot"},"body":"x"}}`,
	`{"op":"customer.put","customer":{"id":"c"}}`, `{"op":"customer.merge","from":"c","into":"d"}`, `{"op":"customer.delete","id":"c"}`,
	`{"op":"agent.put","agent":{"id":"a"}}`, `{"op":"agent.delete","id":"a"}`, `{"op":"team.put","team":{"id":"t","members":[]}}`, `{"op":"team.delete","id":"t"}`,
	`{"op":"view.put","view":{"id":"v","filter":{"field":"status","is":"is","value":"open"}}}`, `{"op":"view.share","id":"v","shared_with":{"teams":["t"]}}`,
	`{"op":"view.delete","id":"v"}`, `{"op":"clock.set","now":"2026-11-24T09:00:00Z"}`,
	`{"id":"1","op":"ticket.delete"}`, `{"op":"ticket.delete","id":"1","id":"2"}`, `{"op":"x"}`, `{"op":7}`, `{}`, `[]`, `null`, `7`, `"a"`, `{"op":"ticket.put"}`,
	`{"op":"ticket.put","ticket":null}`, `{"op":"ticket.put","ticket":[]}`, `{"op":"ticket.delete","id":"\u0031"}`, "{\"op\":\"ticket.delete\",\"id\":\"\xff\"}",
	`{"op":"clock.set","now":"now"}`, `{"op":"ticket.patch","id":"1","patch":{"status":"\ud800"}}`, `{"op":"ticket.delete","id":"1"}}`,
}

// Every op has a seed that is taken.
func TestEveryOpIsRead(t *testing.T) {
	read := map[string]bool{}
	for _, seed := range lineSeeds[:17] {
		var l line
		e, _, err := l.parse([]byte(seed))
		if err != nil || e == nil {
			t.Errorf("%s: %v", seed, err)
		}
		read[l.text("op")] = true
	}
	if len(read) != len(ops) {
		t.Errorf("%d ops are read, of %d", len(read), len(ops))
	}
}

func TestALineIsHeldToItsOp(t *testing.T) {
	for _, c := range []struct{ line, pointer, detail string }{
		{`{"op":"ticket.delete"}`, "/id", "needs id"}, {`{"op":"ticket.delete","id":null}`, "/id", "not null"}, {`{"op":"ticket.delete","id":7}`, "/id", "a text"},
		{`{"op":"ticket.delete","id":"1","patch":{}}`, "/patch", "takes no field"}, {`{"op":"ticket.patch","id":"1","patch":{"shoe":1}}`, "/patch/shoe", "no field"},
		{`{"op":"ticket.patch","id":"1","patch":{},"if_version":-1}`, "/if_version", "whole"}, {`{"op":"ticket.put","ticket":{"shoe":1}}`, "/ticket/shoe", "no field"},
		{`{"op":"ticket.put","ticket":{"tags":["a",1]}}`, "/ticket/tags/1", "a text"}, {`{"op":"ticket.put","ticket":{"id":"1","id":"1"}}`, "/ticket/id", "twice"},
		{`{"op":"agent.put","agent":{"name":1}}`, "/agent/name", "a text"}, {`{"op":"view.share","id":"v","shared_with":{"agents":"ann"}}`, "/shared_with/agents", "a list"},
		{`{"op":"clock.set","now":"noon"}`, "/now", "RFC 3339"}, {`{"op":"fly"}`, "/op", "ticket.put"}, {`{"id":"1"}`, "/op", "ticket.put"}, {`[1]`, "", "object"},
		{`{"op":"ticket.delete","a/b~c":1}`, "/a~1b~0c", "takes no field"}, {`{"op":"ticket.delete","op":"ticket.delete"}`, "/op", "twice"}, {`{`, "", "too early"},
		{`{"op":"customer.put","customer":{"vip":"yes"}}`, "/customer/vip", "true or false"}, {`{"op":"message.add","message":{"from":"ann"}}`, "/message/from", "an object"},
	} {
		_, _, err := new(line).parse([]byte(c.line))
		if err == nil {
			t.Errorf("%s is taken", c.line)
			continue
		}
		if p := problemOf(err); p.Pointer != c.pointer || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s: %s %q, not %s %q", c.line, p.Pointer, p.Detail, c.pointer, c.detail)
		}
	}
}

// The answers to plain lines are written by hand: as encoding/json would.
func TestAnswersAreJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := result{Line: rapid.IntRange(1, 1<<40).Draw(t, "line"), ID: rapid.SampledFrom([]string{"", "1", "a b", "\"", "ü", "x/y"}).Draw(t, "id"),
			Version: rapid.Uint64().Draw(t, "version"), Changed: rapid.Bool().Draw(t, "changed"), Seq: rapid.Uint64().Draw(t, "seq"), Again: rapid.Bool().Draw(t, "again")}
		var back result
		if err := json.Unmarshal(r.append(nil), &back); err != nil || back.Line != r.Line || back.ID != r.ID || back.Version != r.Version || back.Again != r.Again {
			t.Fatalf("%+v became %s (%v)", r, r.append(nil), err)
		}
	})
	if got := string((&result{Line: 3, Problem: malformed("no")}).append(nil)); got != `{"line":3,"changed":false,"problem":{"type":"/docs#problem-malformed","title":"Bad Request","status":400,"detail":"no"}}`+"\n" {
		t.Error(got)
	}
}

func TestTheSameLinesHaveTheSameStepsAndPrints(t *testing.T) {
	body := strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n\n", 25) + "nonsense\n" + `{"op":"clock.set","now":"2026-11-24T09:00:00Z"}` + "\n" + `{"op":"ticket.delete","id":"2"}`
	want := printsOf(strings.NewReader(body), 10)
	if len(want) != 5 { // 10, 10, 6, the clock, 1
		t.Fatalf("%d steps: %v", len(want), want)
	}
	if got := printsOf(iotest.OneByteReader(strings.NewReader(body)), 10); !slices.Equal(got, want) {
		t.Errorf("the same lines in other pieces are other steps")
	}
	if got := printsOf(strings.NewReader(strings.Replace(body, `"2"`, `"3"`, 1)), 10); slices.Equal(got, want) || got[0] != want[0] {
		t.Errorf("another last line is not another last step")
	}
}

func printsOf(r io.Reader, size int) (all []string) {
	g := newSteps(r, size, true)
	for {
		s, last := g.next()
		if len(s.slots) > 0 {
			all = append(all, strconv.Itoa(len(s.slots))+string(s.print[:]))
		}
		if last {
			return all
		}
	}
}

// A step ends behind the line that makes it MaxStep bytes long.
func TestAStepIsBoundedInBytes(t *testing.T) {
	line := `{"op":"ticket.delete","id":"` + strings.Repeat("1", MaxLine/2) + `"}` + "\n"
	n := MaxStep/(len(line)-1) + 1
	g := newSteps(strings.NewReader(strings.Repeat(line, 2*n)), 5000, false)
	if s, _ := g.next(); len(s.slots) != n {
		t.Errorf("%d lines in a step, not %d", len(s.slots), n)
	}
}
