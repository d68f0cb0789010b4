package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
	"github.com/deskwire/deskwire/internal/replay"
)

const (
	operatorKey = "operator-key-for-replays"
	secret      = "0123456789abcdef0123456789abcdef"
)

func mapping(t testing.TB) *replay.Mapping {
	t.Helper()
	m, err := replay.FindMapping("helpdesk-log")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func small(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/small.csv")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// play plays the log into a server of its own; meddle does wrong to it when the
// log is half played.
func play(t *testing.T, log []byte, checkpoints int, meddle func(*app.App)) *replay.Report {
	t.Helper()
	m := mapping(t)
	l, err := replay.ReadLog(bytes.NewReader(log), m)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), OperatorKey: operatorKey, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop() })
	done := false
	o := replay.Options{URL: a.URL, Key: operatorKey, Account: "replay", Secret: secret, Checkpoints: checkpoints, Seed: 1}
	o.Sign = func(account desk.AccountID, agent desk.AgentID) (string, error) {
		if meddle != nil && !done {
			done = true
			meddle(a)
		}
		now := time.Now()
		return pass.Sign(desk.Key{ID: "replay", Secret: secret}, pass.Pass{Account: account, Agent: agent, Expires: now.Add(time.Hour)}, now)
	}
	r, err := replay.Play(context.Background(), l, m, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryNumberIsBruteForces holds VC-1, VC-5, VC-6 and VC-15 over the wire,
// as five agents with different rights see it.
func TestEveryNumberIsBruteForces(t *testing.T) {
	r := play(t, small(t), 20, nil)
	if !r.OK || r.Events != 12 || r.Tickets != 3 || r.Verified.Checkpoints != 20 || r.Verified.Compared < 20*5*20 {
		t.Errorf("%+v %+v", r, r.Verified)
	}
}

// TestAWrongNumberIsFound: a ticket that the log knows nothing of must be seen,
// or the verification verifies nothing.
func TestAWrongNumberIsFound(t *testing.T) {
	r := play(t, small(t), 2, func(a *app.App) {
		_, err := a.Directory.Post(context.Background(), "replay", desk.Post{Actor: desk.Actor{Kind: desk.ByBackend},
			Event: desk.PutTicket{Ticket: desk.Ticket{ID: "planted", Subject: "x", Status: desk.StatusClosed}}})
		if err != nil {
			t.Error(err)
		}
	})
	if r.OK || r.Verified.Differences == 0 || len(r.Verified.Examples) == 0 {
		t.Errorf("%+v %+v", r, r.Verified)
	}
	if line := r.Verified.String(); !strings.HasPrefix(line, "verify: 2 checkpoints, ") || strings.HasSuffix(line, " 0 differences") {
		t.Error(line)
	}
}

// TestTheItalianLog plays a real helpdesk's four years.
func TestTheItalianLog(t *testing.T) {
	path := os.Getenv("DESKWIRE_LOG")
	if path == "" {
		path = "../../../shared/data/helpdesk-log.csv.gz"
	}
	log, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("SKIPPED: the real log is not here (%v); set DESKWIRE_LOG to helpdesk-log.csv.gz to play it", err)
	}
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	r := play(t, log, 12, nil)
	if !r.OK || r.Events != 21348 || r.Tickets != 4580 || r.Speed < 50_000 {
		t.Errorf("%+v %+v", r, r.Verified)
	}
	t.Logf("%.0f times real speed, %s", r.Speed, r.Verified)
}

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(b)
	_ = w.Close()
	return z.Bytes()
}

func TestALogMayBeZippedAndInAnyOrder(t *testing.T) {
	m := mapping(t)
	for _, b := range [][]byte{small(t), zipped(small(t)), append([]byte("\xef\xbb\xbf"), small(t)...), bytes.ReplaceAll(small(t), []byte("\n"), []byte("\r\n"))} {
		l, err := replay.ReadLog(bytes.NewReader(b), m)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(l.Events); i++ {
			if l.Events[i].At < l.Events[i-1].At {
				t.Errorf("event %d is before the one before it", i)
			}
		}
	}
}

// TestABadLogIsToldByItsLine: nothing is played of a log that cannot be read.
func TestABadLogIsToldByItsLine(t *testing.T) {
	good := string(small(t))
	for _, c := range []struct{ name, log, says string }{
		{"empty", "", "line 1: the log is empty"},
		{"no column", strings.Replace(good, "Resource", "Who", 1), `line 1, column "Resource"`},
		{"two of a name", strings.Replace(good, "Resource", "Activity", 1), "line 1"},
		{"ragged", strings.Replace(good, "Case 2,Insert ticket,", "Case 2,", 1), "line 3: the line has not as many columns"},
		{"no case", strings.Replace(good, "Case 2,Insert", ",Insert", 1), `line 3, column "Case ID"`},
		{"activity", strings.Replace(good, "Insert ticket", "Dance", 1), `the mapping has no activity "Dance"`},
		{"time", strings.Replace(good, "2012/10/09 15:51:01.000", "soon", 1), `line 4, column "Complete Timestamp"`},
		{"priority", strings.Replace(good, ",Value 4,Value 2", ",Value 77,Value 2", 1), ""},
		{"quotes", strings.Replace(good, "Insert ticket", `"Insert ticket`, 1), "not CSV"},
		{"not UTF-8", strings.Replace(good, "Case 2", "Case \xff", 1), "not UTF-8"},
		{"cut gzip", string(zipped(small(t))[:60]), "read the log"},
	} {
		_, err := replay.ReadLog(strings.NewReader(c.log), mapping(t))
		if c.says == "" {
			continue // found when it is played
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

func TestABadMappingIsToldByItsPlace(t *testing.T) {
	const head = `{"columns":{"case":"c","activity":"a","at":"t"},"time":{"layout":"unix"},"activities":{"x":{}}`
	if _, err := replay.ParseMapping([]byte(head + "}")); err != nil {
		t.Fatal(err)
	}
	for text, pointer := range map[string]string{
		`{}`: "/columns/case", `{"columns":{"case":"c","activity":"a","at":"t"}}`: "/activities",
		head + `,"colums":{}}`: "", head + `,"first":{"status":"gone"}}`: "/first/status", head + `,"first":{"snooze":"soon"}}`: "/first/snooze",
		head + `,"member_share":2}`: "/member_share", head + `,"fields":[{"column":"x","field":"subject"}]}`: "/fields/0/field",
		head + `,"views":[{"id":"v","filter":{"field":"status","is":"before"}}]}`:          "/views/0/filter",
		strings.Replace(head, `"layout":"unix"`, `"layout":"unix","zone":"Mars"`, 1) + "}": "/time/zone",
	} {
		_, err := replay.ParseMapping([]byte(text))
		var p *desk.Problem
		if !errors.As(err, &p) || pointer != "" && p.Pointer != pointer {
			t.Errorf("%s: %v, want a problem at %s", text, err, pointer)
		}
	}
}

func FuzzReadLog(f *testing.F) {
	f.Add(small(f))
	f.Add(zipped(small(f)))
	m := mapping(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := replay.ReadLog(bytes.NewReader(b), m)
		if err == nil {
			_, _ = m.Cast(l, "replay")
		}
	})
}

func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(`{"columns":{"case":"c","activity":"a","at":"t"},"time":{"layout":"unix"},"activities":{"x":{"reply":"{c}"}},"fields":[{"column":"c","field":"custom.x","type":"number"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = replay.ParseMapping(b) })
}
