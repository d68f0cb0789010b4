package sqlite

import (
	"context"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// waiting is a batch at the writer's door.
type waiting struct {
	account desk.AccountID
	batch   desk.Batch
	drop    bool      // the whole account instead
	before  desk.Time // or the outcomes kept before this
	dropped int       // how many those were; set before done
	done    chan error
}

// maxGroup is how many batches share a transaction at most.
const maxGroup = 256

// Commit returns when the batch is on stable storage, or with an error when it
// is not there. It does not give up waiting when ctx ends: a batch that may be
// written is waited for, so that the answer is true.
func (s *Store) Commit(ctx context.Context, account desk.AccountID, b desk.Batch) error {
	return s.wait(ctx, &waiting{account: account, batch: b, done: make(chan error, 1)})
}

// DropAccount removes an account with all it has.
func (s *Store) DropAccount(ctx context.Context, account desk.AccountID) error {
	return s.wait(ctx, &waiting{account: account, drop: true, done: make(chan error, 1)})
}

func (s *Store) wait(ctx context.Context, w *waiting) error {
	select {
	case s.posts <- w:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.stop:
		return unavailable(context.DeadlineExceeded)
	}
	select {
	case err := <-w.done:
		return err
	case <-s.gone:
		select {
		case err := <-w.done:
			return err
		default:
			return unavailable(context.DeadlineExceeded)
		}
	}
}

func (s *Store) writer() {
	defer close(s.gone)
	for {
		select {
		case w := <-s.posts:
			s.commit(s.gather(w))
		case <-s.stop:
			for len(s.posts) > 0 {
				s.commit(s.gather(<-s.posts))
			}
			return
		}
	}
}

// gather takes what else waits: all of it shares one fsync.
func (s *Store) gather(first *waiting) []*waiting {
	group := []*waiting{first}
	for len(group) < maxGroup {
		select {
		case w := <-s.posts:
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// commit writes a group in one transaction, each batch in a savepoint of its
// own so that one that fails takes no other with it.
func (s *Store) commit(group []*waiting) {
	began := time.Now()
	errs := make([]error, len(group))
	err := s.exec("BEGIN IMMEDIATE")
	if err == nil {
		for i, w := range group {
			errs[i] = s.save(w)
		}
		if err = s.exec("COMMIT"); err != nil {
			_ = s.exec("ROLLBACK")
		}
	}
	s.count(group, time.Since(began))
	for i, w := range group {
		if err != nil {
			errs[i] = err
		}
		w.done <- unavailable(errs[i])
	}
}

func (s *Store) count(group []*waiting, busy time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Commits++
	s.stats.Batches += uint64(len(group))
	s.stats.Busy += busy
	for _, w := range group {
		s.stats.Docs += uint64(len(w.batch.Docs))
	}
}

func (s *Store) exec(query string, args ...any) error {
	_, err := s.write.ExecContext(context.Background(), query, args...)
	return err
}

func (s *Store) save(w *waiting) error {
	if err := s.exec("SAVEPOINT batch"); err != nil {
		return err
	}
	err := s.apply(w)
	if err != nil {
		_ = s.exec("ROLLBACK TO batch")
		s.forget(w.account)
	}
	_ = s.exec("RELEASE batch")
	return err
}

func (s *Store) apply(w *waiting) error {
	if w.before != 0 {
		r, err := s.write.ExecContext(context.Background(), "DELETE FROM kept WHERE (account, key) IN (SELECT account, key FROM kept WHERE at < ? LIMIT 1000)", int64(w.before))
		if err == nil {
			n, _ := r.RowsAffected()
			w.dropped = int(n)
		}
		return err
	}
	n, err := s.number(w.account)
	if err != nil {
		return err
	}
	if w.drop {
		s.forget(w.account)
		for _, q := range []string{"DELETE FROM docs WHERE account = ?", "DELETE FROM kept WHERE account = ?", "DELETE FROM accounts WHERE n = ?"} {
			if err := s.exec(q, n); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.putDocs(n, w.batch.Docs); err != nil {
		return err
	}
	for _, k := range w.batch.Kept {
		if err := s.exec("INSERT OR REPLACE INTO kept VALUES (?,?,?,?,?)", n, k.Key, k.Print[:], int64(k.At), k.Body); err != nil {
			return err
		}
	}
	return nil
}

// putDocs writes docs in their order, runs of puts many at a time.
func (s *Store) putDocs(account int64, docs []desk.Doc) error {
	for len(docs) > 0 {
		if docs[0].Body == nil {
			if err := s.removeDoc(account, docs[0]); err != nil {
				return err
			}
			docs = docs[1:]
			continue
		}
		run := 1
		for run < len(docs) && run < manyRows && docs[run].Body != nil {
			run++
		}
		if run < manyRows {
			run = 1
		}
		if err := s.putRun(account, docs[:run]); err != nil {
			return err
		}
		docs = docs[run:]
	}
	return nil
}

// manyRows is how many docs one statement writes: it saves most of the cost of
// a statement, and stays far below SQLite's limit on parameters.
const manyRows = 50

var (
	putOne  = "INSERT OR REPLACE INTO docs VALUES (?,?,?,?,?,?)"
	putMany = putOne + strings.Repeat(",(?,?,?,?,?,?)", manyRows-1)
)

func (s *Store) putRun(account int64, docs []desk.Doc) error {
	args := make([]any, 0, 6*len(docs))
	for _, d := range docs {
		args = append(args, account, int64(d.Kind), d.ID, int64(d.Sub), int64(d.Version), d.Body)
	}
	put := s.one
	if len(docs) > 1 {
		put = s.many
	}
	_, err := put.Exec(args...)
	return err
}

func (s *Store) removeDoc(account int64, d desk.Doc) error {
	if err := s.exec("DELETE FROM docs WHERE account = ? AND kind = ? AND id = ? AND sub = ?", account, int64(d.Kind), d.ID, int64(d.Sub)); err != nil {
		return err
	}
	if d.Kind != desk.TicketDoc {
		return nil
	}
	return s.exec("DELETE FROM docs WHERE account = ? AND kind = ? AND id = ?", account, int64(desk.MessageDoc), d.ID)
}

// number gives the account's number, and takes one at its first batch.
func (s *Store) number(account desk.AccountID) (int64, error) {
	s.mu.Lock()
	n, ok := s.names[account]
	s.mu.Unlock()
	if ok {
		return n, nil
	}
	if err := s.exec("INSERT OR IGNORE INTO accounts (id) VALUES (?)", string(account)); err != nil {
		return 0, err
	}
	err := s.write.QueryRowContext(context.Background(), "SELECT n FROM accounts WHERE id = ?", string(account)).Scan(&n)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.names[account] = n
	s.mu.Unlock()
	return n, nil
}

func (s *Store) forget(account desk.AccountID) {
	s.mu.Lock()
	delete(s.names, account)
	s.mu.Unlock()
}

// Forget drops kept outcomes from before the instant, a slice at a time, and
// says how many.
func (s *Store) Forget(ctx context.Context, before desk.Time) (int, error) {
	total := 0
	for {
		w := &waiting{done: make(chan error, 1), before: before}
		if err := s.wait(ctx, w); err != nil || w.dropped == 0 {
			return total, err
		}
		total += w.dropped
	}
}
