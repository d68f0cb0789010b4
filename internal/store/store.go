// Package store says what every store must do, as a conformance suite.
//
// What a store promises, and [Conform] checks:
//
//  1. Commit returns when the batch is on stable storage, whole. A batch whose
//     Commit failed is not there, and none is there in part.
//  2. A batch's docs take effect in their order: a doc written twice is the last
//     one, a ticket removed takes the messages before it along.
//  3. Reads see every batch whose Commit has returned, in one order: by id,
//     messages by their place. What was written comes back byte for byte.
//  4. Accounts do not see each other, whatever their ids and keys.
//  5. What is not there is said to be not there; it is no error.
//  6. All of it holds after closing and opening again.
//
// A store knows nothing of what the docs mean. Its methods may be called from
// any goroutine.
package store

import (
	"context"

	"github.com/deskwire/deskwire/internal/desk"
)

// A Store is everything that Deskwire asks of one. Its callers each have an
// interface of their own with the part they use.
type Store interface {
	Commit(ctx context.Context, account desk.AccountID, b desk.Batch) error
	Load(ctx context.Context, account desk.AccountID, kind desk.DocKind, yield func(desk.Doc) error) error
	Get(ctx context.Context, account desk.AccountID, kind desk.DocKind, id string) (desk.Doc, bool, error)
	Page(ctx context.Context, account desk.AccountID, kind desk.DocKind, after string, limit int) ([]desk.Doc, error)
	Messages(ctx context.Context, account desk.AccountID, ticket string) ([]desk.Doc, error)
	Outcome(ctx context.Context, account desk.AccountID, key string) (desk.Kept, bool, error)
	Accounts(ctx context.Context) ([]desk.AccountID, error)
	WhoseKey(ctx context.Context, id string) (desk.AccountID, desk.Doc, bool, error)
	Forget(ctx context.Context, before desk.Time) (int, error)
	DropAccount(ctx context.Context, account desk.AccountID) error
	Close() error
}
