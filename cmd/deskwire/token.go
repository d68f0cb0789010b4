package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/pass"
)

type tokenCmd struct {
	Account string        `required:"" help:"The account."`
	Agent   string        `required:"" help:"The agent whose browser it lets in."`
	TTL     time.Duration `default:"1h" help:"How long it is good, at most 24h."`
	KeyID   string        `help:"The key's id in the account's settings (kid)."`
	Secret  string        `env:"DESKWIRE_SECRET" help:"The shared secret (HS256), at least 32 bytes." xor:"key"`
	KeyFile string        `type:"existingfile" help:"A private key in PEM (EdDSA or RS256), instead of a secret." xor:"key"`
	Issuer  string        `help:"The issuer that the account's key demands."`
	Aud     string        `help:"The audience that the account's key demands."`
}

// Run prints the token.
func (c *tokenCmd) Run() error {
	if c.TTL <= 0 || c.TTL > pass.MaxLifetime {
		return fmt.Errorf("a token is good for at most %s; give a shorter --ttl", pass.MaxLifetime)
	}
	k := desk.Key{ID: c.KeyID, Secret: strings.TrimSpace(c.Secret), Issuer: c.Issuer, Audience: c.Aud}
	if c.KeyFile != "" {
		b, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return err
		}
		k.PEM = string(b)
	}
	if k.Secret == "" && k.PEM == "" {
		return fmt.Errorf("give the key to sign with: --secret, or DESKWIRE_SECRET, or --key-file")
	}
	now := time.Now()
	token, err := pass.Sign(k, pass.Pass{Account: desk.AccountID(c.Account), Agent: desk.AgentID(c.Agent), Expires: now.Add(c.TTL)}, now)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}
