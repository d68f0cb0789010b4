package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/deskwire/deskwire/internal/desk"
)

// Load gives all docs of a kind, by id and sub. It reads one snapshot.
func (s *Store) Load(ctx context.Context, account desk.AccountID, kind desk.DocKind, yield func(desk.Doc) error) error {
	return s.query(ctx, kind, yield, "SELECT d.id, d.sub, d.version, d.body FROM accounts a JOIN docs d ON d.account = a.n WHERE a.id = ? AND d.kind = ? ORDER BY d.id, d.sub",
		string(account), int64(kind))
}

// Page gives up to limit docs of a kind with ids after the one given, by id.
func (s *Store) Page(ctx context.Context, account desk.AccountID, kind desk.DocKind, after string, limit int) (docs []desk.Doc, err error) {
	err = s.query(ctx, kind, collect(&docs), "SELECT d.id, d.sub, d.version, d.body FROM accounts a JOIN docs d ON d.account = a.n WHERE a.id = ? AND d.kind = ? AND d.id > ? ORDER BY d.id, d.sub LIMIT ?",
		string(account), int64(kind), after, limit)
	return docs, err
}

// Messages gives a ticket's messages in their order.
func (s *Store) Messages(ctx context.Context, account desk.AccountID, ticket string) (docs []desk.Doc, err error) {
	err = s.query(ctx, desk.MessageDoc, collect(&docs), "SELECT d.id, d.sub, d.version, d.body FROM accounts a JOIN docs d ON d.account = a.n WHERE a.id = ? AND d.kind = ? AND d.id = ? ORDER BY d.sub",
		string(account), int64(desk.MessageDoc), ticket)
	return docs, err
}

func collect(docs *[]desk.Doc) func(desk.Doc) error {
	return func(d desk.Doc) error {
		*docs = append(*docs, d)
		return nil
	}
}

func (s *Store) query(ctx context.Context, kind desk.DocKind, yield func(desk.Doc) error, query string, args ...any) error {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		d := desk.Doc{Kind: kind}
		if err := rows.Scan(&d.ID, (*number)(&d.Sub), (*number)(&d.Version), &d.Body); err != nil {
			return unavailable(err)
		}
		if err := yield(d); err != nil {
			return err
		}
	}
	return unavailable(rows.Err())
}

// A number is a uint64 as SQLite keeps it: its integers have a sign, so the
// upper half comes back negative.
type number uint64

// Scan takes what SQLite gives.
func (n *number) Scan(v any) error {
	i, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a number is stored as %T", v)
	}
	*n = number(i)
	return nil
}

// Get gives one doc, and whether it is there.
func (s *Store) Get(ctx context.Context, account desk.AccountID, kind desk.DocKind, id string) (desk.Doc, bool, error) {
	d := desk.Doc{Kind: kind, ID: id}
	err := s.read.QueryRowContext(ctx, "SELECT d.version, d.body FROM accounts a JOIN docs d ON d.account = a.n WHERE a.id = ? AND d.kind = ? AND d.id = ? AND d.sub = 0",
		string(account), int64(kind), id).Scan((*number)(&d.Version), &d.Body)
	ok, err := found(err)
	return d, ok, err
}

func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, unavailable(err)
}

// Outcome gives what was kept under a post's key, and whether something was.
func (s *Store) Outcome(ctx context.Context, account desk.AccountID, key string) (desk.Kept, bool, error) {
	k := desk.Kept{Key: key}
	var print []byte
	err := s.read.QueryRowContext(ctx, "SELECT k.print, k.at, k.body FROM accounts a JOIN kept k ON k.account = a.n WHERE a.id = ? AND k.key = ?",
		string(account), key).Scan(&print, &k.At, &k.Body)
	copy(k.Print[:], print)
	ok, err := found(err)
	return k, ok, err
}

// Accounts lists the accounts there are, by id.
func (s *Store) Accounts(ctx context.Context) (ids []desk.AccountID, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT a.id FROM accounts a JOIN docs d ON d.account = a.n AND d.kind = ? AND d.id = a.id ORDER BY a.id", int64(desk.AccountDoc))
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id desk.AccountID
		if err := rows.Scan(&id); err != nil {
			return nil, unavailable(err)
		}
		ids = append(ids, id)
	}
	return ids, unavailable(rows.Err())
}

// WhoseKey finds the account that an API key lets in.
func (s *Store) WhoseKey(ctx context.Context, id string) (account desk.AccountID, d desk.Doc, ok bool, err error) {
	d = desk.Doc{Kind: desk.APIKeyDoc, ID: id}
	err = s.read.QueryRowContext(ctx, "SELECT a.id, d.version, d.body FROM docs d JOIN accounts a ON a.n = d.account WHERE d.kind = 8 AND d.id = ?", id).
		Scan(&account, (*number)(&d.Version), &d.Body)
	ok, err = found(err)
	return account, d, ok, err
}
