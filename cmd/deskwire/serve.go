package main

import (
	"context"
	"fmt"
	"os"

	"github.com/deskwire/deskwire/internal/app"
)

type serveCmd struct {
	Listen      string `default:"127.0.0.1:8080" env:"DESKWIRE_LISTEN" help:"Address to listen on."`
	Data        string `default:"data" env:"DESKWIRE_DATA" help:"Folder of the database; made if it is not there."`
	OperatorKey string `required:"" env:"DESKWIRE_OPERATOR_KEY" help:"Secret that lets an operator manage accounts; at least 16 bytes."`
	MemoryMB    int64  `default:"4096" env:"DESKWIRE_MEMORY_MB" help:"Memory that awake accounts' views may take, in MiB."`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	a, err := app.Start(app.Config{Listen: c.Listen, Data: c.Data, OperatorKey: c.OperatorKey, Budget: c.MemoryMB << 20})
	if err != nil {
		return err
	}
	fmt.Printf("deskwire %s listens on %s (API described at %s/docs)\n", app.Version, a.URL, a.URL)
	err = a.Wait(ctx)
	if stopped := a.Stop(); err == nil {
		err = stopped
	}
	return err
}
