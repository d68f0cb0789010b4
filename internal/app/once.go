package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// Check refuses settings that an account could not work with.
func (r *Registry) Check(a desk.Account) error { return checkAccount(a) }

// CreateOnce is Create, safe to send again: again says that an earlier request
// did it.
func (r *Registry) CreateOnce(ctx context.Context, o ingest.Once, a desk.Account) (again bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if again, err := r.done(ctx, a.ID, o, nil); err != nil || again {
		return again, err
	}
	return false, r.create(ctx, a, kept(o, nil))
}

// aKey is what is remembered of the making of an API key. The secret follows
// from the salt and the operator's key, so that it can be told again and yet
// stands on no disk.
type aKey struct {
	ID   string `json:"id"`
	Salt string `json:"salt"`
}

// AddKeyOnce is AddKey, safe to send again.
func (r *Registry) AddKeyOnce(ctx context.Context, o ingest.Once, id desk.AccountID, name string) (made ingest.MadeKey, again bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var k aKey
	if again, err := r.done(ctx, id, o, &k); err != nil || again {
		made, err = r.tellAgain(id, k, err)
		return made, again, err
	}
	k.Salt = rand.Text()
	secret := r.secret(id, k.Salt)
	k.ID = keyID(secret)
	return ingest.MadeKey{ID: k.ID, Secret: secret}, false, r.addKey(ctx, id, name, secret, kept(o, k))
}

func (r *Registry) tellAgain(id desk.AccountID, k aKey, err error) (ingest.MadeKey, error) {
	if err != nil {
		return ingest.MadeKey{}, err
	}
	secret := r.secret(id, k.Salt)
	if keyID(secret) != k.ID {
		return ingest.MadeKey{}, desk.Problemf(desk.Conflict, "the key was made under another operator key and cannot be told again; withdraw it and make another")
	}
	return ingest.MadeKey{ID: k.ID, Secret: secret}, nil
}

// secret is an API key of 256 bits.
func (r *Registry) secret(id desk.AccountID, salt string) string {
	h := hmac.New(sha256.New, []byte(r.operator))
	h.Write([]byte("api key\x00" + string(id) + "\x00" + salt))
	return keyPrefix + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil))
}

// DropKeyOnce withdraws an API key at once, safe to send again. A key that is
// not there is NotFound: a slip of the pen must not look like a withdrawal.
func (r *Registry) DropKeyOnce(ctx context.Context, o ingest.Once, id desk.AccountID, key string) (again bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if again, err := r.done(ctx, id, o, nil); err != nil || again {
		return again, err
	}
	if _, there, err := r.store.Get(ctx, id, desk.APIKeyDoc, key); err != nil || !there {
		if err == nil {
			err = desk.Problemf(desk.NotFound, "the account has no such API key")
		}
		return false, err
	}
	return false, r.store.Commit(ctx, id, desk.Batch{Docs: []desk.Doc{{Kind: desk.APIKeyDoc, ID: key}}, Kept: kept(o, nil)})
}

// done says whether an earlier request with the key did it, and reads what is
// remembered of it.
func (r *Registry) done(ctx context.Context, id desk.AccountID, o ingest.Once, into any) (bool, error) {
	if o.Key == "" {
		return false, nil
	}
	k, there, err := r.store.Outcome(ctx, id, o.Key)
	if err != nil || !there {
		return false, err
	}
	if err := k.Answers(o.Print); err != nil {
		return false, err
	}
	if into == nil {
		return true, nil
	}
	return true, json.Unmarshal(k.Body, into)
}

func kept(o ingest.Once, v any) []desk.Kept {
	if o.Key == "" {
		return nil
	}
	body, _ := json.Marshal(v) // plain data
	return []desk.Kept{{Key: o.Key, Print: o.Print, At: desk.TimeOf(time.Now()), Body: body}}
}
