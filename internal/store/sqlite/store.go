// Package sqlite remembers what must survive a restart, in one SQLite file for
// all accounts.
//
// What it promises:
//
//  1. Commit returns when the batch is on stable storage (WAL, synchronous
//     FULL), whole; after a crash it is there, and no batch is there in part.
//  2. Commits of many accounts that wait at the same time share one fsync.
//  3. A batch that cannot be written fails alone; others of its group do not.
//  4. Reads see every batch whose Commit has returned.
//
// Its methods may be called from any goroutine.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/deskwire/deskwire/internal/desk"
)

// Store is an open file.
type Store struct {
	write *sql.Conn // owned by the writer's goroutine
	one   *sql.Stmt // writes one doc
	many  *sql.Stmt // writes manyRows docs
	db    *sql.DB   // one connection, for writing
	read  *sql.DB   // several, for reading
	posts chan *waiting
	stop  chan struct{}
	gone  chan struct{} // closed when the writer is

	mu    sync.Mutex // guards the following
	names map[desk.AccountID]int64
	stats Stats
}

// Stats counts what the store has done since it was opened.
type Stats struct {
	Commits uint64        // transactions, one fsync each
	Batches uint64        // batches in them
	Docs    uint64        // docs in those
	Busy    time.Duration // spent writing and syncing
}

const readers = 4 // connections for reading: as many reads run at a time

// Open opens the file, and makes it if it is not there. A file written by a
// newer Deskwire is refused.
func Open(path string) (*Store, error) {
	db, err := connect(path, 1, "")
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, posts: make(chan *waiting, 256), stop: make(chan struct{}), gone: make(chan struct{}), names: map[desk.AccountID]int64{}}
	if s.write, err = db.Conn(context.Background()); err == nil {
		err = s.prepare()
	}
	if err == nil {
		s.read, err = connect(path, readers, "&_pragma=query_only(1)")
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	go s.writer()
	return s, nil
}

func connect(path string, conns int, more string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)&_pragma=cache_size(-65536)"+
		"&_pragma=wal_autocheckpoint(4000)&_pragma=temp_store(memory)&_pragma=mmap_size(268435456)"+more)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// migrations bring the file from each version to the next. They only add:
// the release before must be able to read the file.
var migrations = []string{`
CREATE TABLE accounts (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE docs (account INTEGER NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, sub INTEGER NOT NULL,
	version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, kind, id, sub)) WITHOUT ROWID;
CREATE TABLE kept (account INTEGER NOT NULL, key TEXT NOT NULL, print BLOB NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE INDEX kept_at ON kept (at);
CREATE INDEX api_keys ON docs (id) WHERE kind = 8;`}

func (s *Store) prepare() (err error) {
	if err = s.migrate(); err != nil {
		return err
	}
	if s.one, err = s.write.PrepareContext(context.Background(), putOne); err != nil {
		return err
	}
	s.many, err = s.write.PrepareContext(context.Background(), putMany)
	return err
}

func (s *Store) migrate() error {
	ctx := context.Background()
	var version int
	if err := s.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("the file is of version %d, written by a newer Deskwire; this one knows %d: run the newer one", version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		script := fmt.Sprintf("BEGIN; %s; PRAGMA user_version = %d; COMMIT", migrations[version], version+1)
		if _, err := s.write.ExecContext(ctx, script); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for what is being written and closes the file.
func (s *Store) Close() error {
	close(s.stop)
	<-s.gone
	return errors.Join(s.write.Close(), s.db.Close(), s.read.Close())
}

// Stats gives a copy of the counters.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// unavailable wraps a fault of the disk for whoever is told of it.
func unavailable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &fault{desk.Problem{Kind: desk.Unavailable, RetryAfter: 1000,
		Detail: "the store cannot be written just now; nothing was kept: send it again with the same key"}, err}
}

// fault is a Problem with its cause, for the log.
type fault struct {
	desk.Problem
	cause error
}

func (f *fault) Error() string { return f.Detail + " (" + f.cause.Error() + ")" }

func (f *fault) Unwrap() []error { return []error{&f.Problem, f.cause} }
