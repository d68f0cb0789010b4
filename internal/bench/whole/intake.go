package whole

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the database that intake is held against

	"github.com/deskwire/deskwire/internal/desk"
)

// Options say where the server is and how much to send.
type Options struct {
	URL, Key string // of the server, and the operator's
	Dir      string // for the database intake is held against
	Tickets  int
	Tell     func(format string, args ...any)
}

// MaxIntake is how many times longer than SQLite's own insert intake may take.
const MaxIntake = 2

// group is how many rows SQLite inserts in one transaction: what a step of a
// bulk has.
const group = desk.MaxBulk

// Intake is what came of it.
type Intake struct {
	OK            bool    `json:"ok"`
	Tickets       int     `json:"tickets"`
	Seconds       float64 `json:"seconds"` // through the API until the last is acknowledged
	SQLite        float64 `json:"sqlite_seconds"`
	Times         float64 `json:"times_sqlite"` // promised MaxIntake
	Rate          float64 `json:"tickets_per_second"`
	BrokenPromise string  `json:"broken_promise,omitempty"`
}

// Account is made by each bench, and taken away with its server.
const Account = "bench"

// client keeps a connection for each sender.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}

func call(ctx context.Context, o Options, method, path, kind string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, o.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+o.Key)
	req.Header.Set("Content-Type", kind)
	res, err := client.Do(req)
	if err == nil && res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
		_ = res.Body.Close()
		err = fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	return res, err
}

// must calls and wants no more than that it worked.
func must(ctx context.Context, o Options, method, path, body string) error {
	res, err := call(ctx, o, method, path, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body) // so that the connection is used again
	return errors.Join(err, res.Body.Close())
}

func ticket(b []byte, i int) []byte {
	return fmt.Appendf(b, `{"id":"t%07d","version":1,"subject":"Where is my order %d","status":"open","priority":"normal","channel":"email","language":"en","customer":"c%d","requester_name":"Maya Rivera","assignee_agent":"agent-%d","assignee_team":"team-%d","tags":["order","shipping"],"message_count":%d,"created_at":"2026-03-0%dT09:%02d:00Z","updated_at":"2026-03-0%dT10:%02d:00Z"}`,
		i, i%90_000, i%50_000, i%300, i%20, 1+i%9, 1+i%9, i%60, 1+i%9, i%60)
}

// RunIntake measures.
func RunIntake(ctx context.Context, o Options) (*Intake, error) {
	if err := must(ctx, o, "POST", "/v1/accounts", `{"id":"`+Account+`","name":"Bench"}`); err != nil {
		return nil, err
	}
	rep := &Intake{Tickets: o.Tickets}
	began := time.Now()
	if err := send(ctx, o); err != nil {
		return nil, err
	}
	rep.Seconds = time.Since(began).Seconds()
	o.Tell("SQLite inserts the same rows")
	began = time.Now()
	if err := insert(ctx, o); err != nil {
		return nil, err
	}
	rep.SQLite = time.Since(began).Seconds()
	rep.Times, rep.Rate = rep.Seconds/rep.SQLite, float64(rep.Tickets)/rep.Seconds
	if rep.OK = rep.Times <= MaxIntake; !rep.OK {
		rep.BrokenPromise = fmt.Sprintf("intake takes %.1f times SQLite's own insert, promised %d", rep.Times, MaxIntake)
	}
	return rep, nil
}

// send sends the tickets as one bulk and reads the answers beside it.
func send(ctx context.Context, o Options) error {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(w, 1<<16)
		var line []byte
		for i := range o.Tickets {
			line = append(ticket(append(line[:0], `{"op":"ticket.put","ticket":`...), i), "}\n"...)
			if _, err := out.Write(line); err != nil {
				return // the request has ended, and says why
			}
		}
		_ = w.CloseWithError(out.Flush())
	}()
	res, err := call(ctx, o, "POST", "/v1/accounts/"+Account+"/bulk", "application/x-ndjson", r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return acknowledged(res.Body, o)
}

// acknowledged reads an answer for each line, and the sum.
func acknowledged(r io.Reader, o Options) error {
	lines, last, told := bufio.NewScanner(r), []byte(nil), time.Now()
	n := 0
	for ; lines.Scan(); n++ {
		last = append(last[:0], lines.Bytes()...)
		if n%1000 == 0 && time.Since(told) > 2*time.Second {
			told = time.Now()
			o.Tell("%d tickets are in", n)
		}
	}
	var sum struct {
		Done   bool `json:"done"`
		Lines  int  `json:"lines"`
		Failed int  `json:"failed"`
	}
	if err := json.Unmarshal(last, &sum); err != nil || !sum.Done || sum.Failed > 0 || sum.Lines != o.Tickets {
		return errors.Join(fmt.Errorf("the bulk ended with %s", last), err, lines.Err())
	}
	return nil
}

// insert is what SQLite needs for the same rows, as durable as intake is.
func insert(ctx context.Context, o Options) error {
	db, err := sql.Open("sqlite", filepath.Join(o.Dir, "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "CREATE TABLE docs (account TEXT, kind INTEGER, id TEXT, version INTEGER, body BLOB, PRIMARY KEY (account, kind, id)) WITHOUT ROWID"); err != nil {
		return err
	}
	var b []byte
	for at := 0; at < o.Tickets; at += group {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		st, err := tx.PrepareContext(ctx, "INSERT INTO docs VALUES (?,?,?,?,?)")
		for i := at; err == nil && i < min(at+group, o.Tickets); i++ {
			b = ticket(b[:0], i)
			_, err = st.Exec(Account, 1, fmt.Sprintf("t%07d", i), 1, b)
		}
		if err = errors.Join(err, tx.Commit()); err != nil {
			return err
		}
	}
	return nil
}
