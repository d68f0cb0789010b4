package ingest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/deskwire/deskwire/internal/desk"
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
		const lines = 60_000
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
