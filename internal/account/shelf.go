package account

import (
	"context"

	"github.com/deskwire/deskwire/internal/desk"
)

// shelf reads an account's docs from the store. Only the account's goroutine
// uses it.
type shelf struct {
	id    desk.AccountID
	store Store
}

func (s *shelf) Doc(kind desk.DocKind, id string) (desk.Doc, bool, error) {
	return s.store.Get(context.Background(), s.id, kind, id)
}

func (s *shelf) Messages(id desk.TicketID) ([]desk.Doc, error) {
	return s.store.Messages(context.Background(), s.id, string(id))
}

func (s *shelf) Outcome(key string) (desk.Kept, bool, error) {
	return s.store.Outcome(context.Background(), s.id, key)
}

func (s *shelf) Docs(kind desk.DocKind, after string, limit int) ([]desk.Doc, error) {
	return s.store.Page(context.Background(), s.id, kind, after, limit)
}
