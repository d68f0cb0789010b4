package main

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"os"

	"github.com/deskwire/deskwire/internal/app"
)

// temporary is a server on a store of its own, which goes with it.
type temporary struct {
	app *app.App
	key string // the operator's
	dir string
}

// startTemporary starts a server on a free port, with a store in a new folder.
func startTemporary(what string) (*temporary, error) {
	dir, err := os.MkdirTemp("", "deskwire-"+what+"-")
	if err != nil {
		return nil, err
	}
	t := &temporary{key: rand.Text(), dir: dir}
	t.app, err = app.Start(app.Config{Listen: "127.0.0.1:0", Data: dir, OperatorKey: t.key, Logger: warnings()})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return t, nil
}

func (t *temporary) stop() error { return errors.Join(t.app.Stop(), os.RemoveAll(t.dir)) }

// warnings logs what somebody at a terminal must know, and no more.
func warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
