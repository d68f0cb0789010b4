package ingest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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

// What a cut leaves of a line can be a line: here of ticket 1 instead of 12.
func TestABodyThatBreaksOffHasNoLastLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &till{}
		c := dial(t, d.handler())
		body := `{"op":"ticket.delete","id":"1"}` + "\n" + `{"op":"ticket.delete","id":"2"}`
		if _, err := io.WriteString(c, head(len(body)+2)+body); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		synctest.Wait()
		for _, p := range d.taken() {
			for _, e := range p.Event.(desk.Bulk).Events {
				if e.(desk.DeleteTicket).ID == "2" {
					t.Errorf("a line that was not whole was posted")
				}
			}
		}
	})
}
