package ingest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

const bulkPath = "/v1/accounts/acme/bulk"

// head is the beginning of a bulk's request; a length of -1 is a chunked body.
func head(length int) string {
	h := "POST " + bulkPath + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\nConnection: close\r\n"
	if length < 0 {
		return h + "Transfer-Encoding: chunked\r\n\r\n"
	}
	return h + fmt.Sprintf("Content-Length: %d\r\n\r\n", length)
}

// A client may send all before it reads anything. Nothing between the two
// keeps a byte here, so the server has to.
func TestABulkMayBeSentWholeBeforeAnyAnswerIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 30_000
		d := &till{}
		c := dial(t, d.handler())
		body := strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n", lines)
		if _, err := io.WriteString(c, head(len(body))+body); err != nil {
			t.Fatal(err)
		}
		answers, end := answersOf(t, c)
		if len(answers) != lines || !end.Done || end.Lines != lines || end.Failed != 0 {
			t.Errorf("%d answers, %+v", len(answers), end)
		}
	})
}

type answer struct {
	Line    int
	ID      string
	Again   bool
	Problem *struct {
		Type, Title, Detail, Pointer string
		Status                       int
	}
}

type end struct {
	Done          bool
	Lines, Failed int
	Problem       *struct{ Detail string }
}

// answersOf reads the answer to a bulk.
func answersOf(t *testing.T, r io.Reader) (all []answer, last end) {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		t.Fatal(err)
	}
	return split(t, read(t, res.Body))
}

func split(t *testing.T, text string) (all []answer, last end) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, l := range lines[:len(lines)-1] {
		var a answer
		if err := json.Unmarshal([]byte(l), &a); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		all = append(all, a)
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return all, last
}

// What a cut leaves of a line can be a line: here of ticket 2 instead of 21.
func TestABodyThatBreaksOffHasNoLastLine(t *testing.T) {
	for _, keyed := range []string{"", "Idempotency-Key: k\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			d := &till{}
			c := dial(t, d.handler())
			body := `{"op":"ticket.delete","id":"1"}` + "\n" + `{"op":"ticket.delete","id":"2"}`
			request := strings.Replace(head(-1), "\r\n\r\n", "\r\n"+keyed+"\r\n", 1) + fmt.Sprintf("%x\r\n%s\r\nno chunk\r\n", len(body), body)
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || res.StatusCode != http.StatusBadRequest || !strings.Contains(read(t, res.Body), "behind line 0 was not done") {
				t.Errorf("%+v %v", res, err)
			}
			if n := len(d.taken()); n != 0 {
				t.Errorf("%d steps of a body that broke off were posted", n)
			}
		})
	}
}

// A deadline wakes the reader of a bulk that failed. It is the connection's, and
// must not hit the next request on it.
func TestARefusedBulkLeavesTheNextRequestAlone(t *testing.T) {
	d := &till{post: func(desk.Post) (desk.Outcome, error) {
		return desk.Outcome{}, desk.Problemf(desk.NotFound, "no account")
	}}
	s := httptest.NewServer(d.handler())
	defer s.Close()
	for range 30 {
		for _, c := range []struct {
			method, path string
			status       int
		}{{"POST", "/bulk", 404}, {"GET", "", 200}} {
			r, _ := http.NewRequest(c.method, s.URL+"/v1/accounts/acme"+c.path, strings.NewReader(`{"op":"ticket.delete","id":"1"}`))
			r.Header.Set("Authorization", "Bearer key")
			res, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if text := read(t, res.Body); res.StatusCode != c.status {
				t.Fatalf("%s %s: %d %s", c.method, c.path, res.StatusCode, text)
			}
		}
	}
}

// lines sends a bulk to a till and gives the answers.
func (d *till) lines(t *testing.T, body string, headers ...string) ([]answer, end) {
	t.Helper()
	w := d.call(t, "POST", bulkPath, body, headers...)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	return split(t, w.Body.String())
}

func TestEachLineIsAnsweredUnderItsNumber(t *testing.T) {
	const good = `{"op":"ticket.delete","id":"1"}`
	long := strings.Repeat(" ", ingest.MaxLine-len(good)) + good
	wide := `{"op":"ticket.delete","id":"` + strings.Repeat("1", ingest.MaxLine) + `"}`
	body := strings.Join([]string{"\xEF\xBB\xBF" + good, "", good + "\r", "\t", "nonsense", "{\"op\":\"ticket.delete\",\"id\":\"\xff\"}", wide, long,
		`{"op":"ticket.delete","id":"1","id":"2"}`, `{"op":"ticket.put","ticket":{"shoe":1}}`, `{"op":"fly"}`, good}, "\n")
	want := map[int]int{1: 0, 3: 0, 5: 400, 6: 400, 7: 413, 8: 0, 9: 422, 10: 422, 11: 422, 12: 0} // status by line
	for _, packed := range []bool{false, true} {
		var headers []string
		sent := body
		if packed {
			sent, headers = gzipped(body), []string{"Content-Encoding", "gzip"}
		}
		answers, sum := new(till).lines(t, sent, headers...)
		if len(answers) != len(want) || !sum.Done || sum.Lines != len(want) || sum.Failed != 6 {
			t.Fatalf("%+v %+v", answers, sum)
		}
		for i, a := range answers {
			status, known := want[a.Line]
			if a.Problem != nil {
				status -= a.Problem.Status
			}
			if !known || status != 0 || i > 0 && a.Line <= answers[i-1].Line {
				t.Errorf("line %d: %+v", a.Line, a.Problem)
			}
		}
	}
}

func TestABulkIsDoneInSteps(t *testing.T) {
	for _, c := range []struct {
		lines int
		query string
		steps []int
	}{{0, "", nil}, {1, "", []int{1}}, {7, "?step=3", []int{3, 3, 1}}, {6, "?step=3", []int{3, 3}}, {desk.MaxBulk, "", []int{desk.MaxBulk}}, {desk.MaxBulk + 1, "", []int{desk.MaxBulk, 1}}} {
		d := &till{}
		w := d.call(t, "POST", bulkPath+c.query, strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n", c.lines))
		_, sum := split(t, w.Body.String())
		var steps []int
		for _, p := range d.taken() {
			steps = append(steps, len(p.Event.(desk.Bulk).Events))
		}
		if !slices.Equal(steps, c.steps) || sum.Lines != c.lines || !sum.Done {
			t.Errorf("%d lines %s: steps %v, %+v", c.lines, c.query, steps, sum)
		}
	}
}

// A clock moves between steps, not inside one.
func TestAClockInABulkIsAStepOfItsOwn(t *testing.T) {
	d := &till{}
	const clock, other = `{"op":"clock.set","now":"2026-11-24T09:00:00Z"}` + "\n", `{"op":"ticket.delete","id":"1"}` + "\n"
	if _, sum := d.lines(t, other+other+clock+clock+other); sum.Lines != 5 || !sum.Done {
		t.Errorf("%+v", sum)
	}
	var kinds []string
	for _, p := range d.taken() {
		kinds = append(kinds, fmt.Sprintf("%T", p.Event))
	}
	if !slices.Equal(kinds, []string{"desk.Bulk", "desk.SetClock", "desk.SetClock", "desk.Bulk"}) {
		t.Error(kinds)
	}
}

// When the account is gone in the middle, what was done is told, and how far.
func TestABulkThatFailsInTheMiddleSaysHowFarItCame(t *testing.T) {
	n := 0
	d := &till{post: func(p desk.Post) (desk.Outcome, error) {
		if n++; n == 3 {
			return desk.Outcome{}, &desk.Problem{Kind: desk.Unavailable, Detail: "restarting", RetryAfter: 1000}
		}
		return well(p), nil
	}}
	c := dial(t, d.handler())
	body := strings.Repeat(`{"op":"ticket.delete","id":"1"}`+"\n", 10)
	if _, err := io.WriteString(c, strings.Replace(head(len(body)), "/bulk", "/bulk?step=2", 1)+body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body) // may break off behind the last line
	answers, sum := split(t, string(text))
	if len(answers) != 4 || sum.Done || sum.Lines != 4 || sum.Problem == nil || sum.Problem.Detail != "restarting" {
		t.Errorf("%d answers, %+v", len(answers), sum)
	}
}

func TestABulkOfWhichNothingIsDoneIsRefusedWhole(t *testing.T) {
	d := &till{post: func(desk.Post) (desk.Outcome, error) {
		return desk.Outcome{}, &desk.Problem{Kind: desk.Unavailable, Detail: "restarting", RetryAfter: 1500}
	}}
	w := d.call(t, "POST", bulkPath, `{"op":"ticket.delete","id":"1"}`)
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), "restarting") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// Events outlive the buffer their lines were read into.
func TestEventsOutliveTheirLines(t *testing.T) {
	d := &till{}
	var body strings.Builder
	const lines = 20_000
	for i := range lines {
		fmt.Fprintf(&body, `{"op":"ticket.patch","id":"%d","patch":{"subject":"%06d"}}`+"\n", i, i)
	}
	d.lines(t, body.String())
	n := 0
	for _, p := range d.taken() {
		for _, e := range p.Event.(desk.Bulk).Events {
			e := e.(desk.PatchTicket)
			if want := fmt.Sprintf(`{"subject":"%06d"}`, n); string(e.Patch) != want || string(e.ID) != fmt.Sprint(n) {
				t.Fatalf("line %d has become %s %s", n+1, e.ID, e.Patch)
			}
			n++
		}
	}
	if n != lines {
		t.Errorf("%d events", n)
	}
}
