package sqlite_test

import (
	"testing"

	"github.com/deskwire/deskwire/internal/store"
	"github.com/deskwire/deskwire/internal/store/sqlite"
)

func TestItDoesWhatEveryStoreMust(t *testing.T) {
	store.Conform(t, func(path string) (store.Store, error) { return sqlite.Open(path) })
}
