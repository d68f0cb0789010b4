package ingest

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/deskwire/deskwire/internal/desk"
)

// MaxKey is the longest Idempotency-Key, in bytes.
const MaxKey = 200

// Keys of requests and of bulks do not meet.
const (
	httpKey = "h:"
	bulkKey = "b:"
)

// checkKey refuses a key that is not 1 to MaxKey visible ASCII characters.
func checkKey(key string) error {
	ok := len(key) <= MaxKey
	for i := range len(key) {
		ok = ok && '!' <= key[i] && key[i] <= '~'
	}
	if !ok {
		return desk.Invalidf("", "the header Idempotency-Key is 1 to %d visible ASCII characters", MaxKey)
	}
	return nil
}

// printOf tells requests of one key apart: the start of a digest of its parts,
// each with its length, so that no two requests have the same.
func printOf(parts ...string) (p [16]byte) {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	copy(p[:], h.Sum(nil))
	return p
}
