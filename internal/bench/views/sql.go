package views

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the database that the engine is held against

	"github.com/deskwire/deskwire/internal/desk"
)

// A base is the tickets as a helpdesk's database has them, with the indexes
// that one finds there.
type base struct{ db *sql.DB }

const layout = `PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;
CREATE TABLE tickets (id TEXT PRIMARY KEY, status TEXT, priority TEXT, channel TEXT, language TEXT, agent TEXT, team TEXT, messages INTEGER, created INTEGER, updated INTEGER) WITHOUT ROWID;`

const indexes = `CREATE INDEX by_agent ON tickets (status, agent); CREATE INDEX by_team ON tickets (status, team); CREATE INDEX by_time ON tickets (status, updated); ANALYZE;`

func openBase(dir string) (*base, error) {
	db, err := sql.Open("sqlite", filepath.Join(dir, "bench.db"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(layout); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &base{db}, nil
}

// fill inserts the tickets in one transaction and indexes them.
func (b *base) fill(ctx context.Context, tickets []desk.Ticket, tell func(int)) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO tickets VALUES (?,?,?,?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	for i := range tickets {
		t := &tickets[i]
		if _, err := insert.Exec(string(t.ID), string(t.Status), string(t.Priority), t.Channel, t.Language, orNull(string(t.AssigneeAgent)), string(t.AssigneeTeam),
			t.MessageCount, int64(t.CreatedAt), int64(t.UpdatedAt)); err != nil {
			return err
		}
		tell(i)
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = b.db.ExecContext(ctx, indexes)
	return err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// recount asks SQL for every view and says how long that took.
func (b *base) recount(ctx context.Context, views []view) (counts []int64, took time.Duration, err error) {
	began := time.Now()
	for _, v := range views {
		var n int64
		if err := b.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM tickets WHERE "+v.where).Scan(&n); err != nil {
			return nil, 0, err
		}
		counts = append(counts, n)
	}
	return counts, time.Since(began), nil
}
