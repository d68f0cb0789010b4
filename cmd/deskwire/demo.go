package main

import (
	"context"
	"fmt"
	"os"

	"github.com/deskwire/deskwire/internal/app"
)

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" env:"DESKWIRE_LISTEN" help:"Address to listen on; a free port is taken when this one is in use."`
	Quiet  bool   `help:"Nobody but you does anything: no simulated customers and agents."`
	Seed   uint64 `default:"1" help:"Seed of what happens."`
}

// Run starts a server on a temporary store, with a helpdesk that is alive, and
// says where to look.
func (c *demoCmd) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "deskwire-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("deskwire demo: furnishing an online shop's helpdesk …")
	d, err := app.StartDemo(ctx, app.DemoConfig{Listen: c.Listen, Data: dir, Seed: c.Seed, Quiet: c.Quiet, Logger: warnings()})
	if err != nil {
		return err
	}
	fmt.Printf(`
  Workspace   %s          sign in as Ana Souza (or anybody else)
  API docs    %s/docs
  API key     %s

  Customers write and agents answer; the numbers in the sidebar move by
  themselves. Open it twice, as two agents, and work a ticket in one of them.
  Stop with Ctrl-C.
`, d.App.URL, d.App.URL, d.APIKey)
	err = d.App.Wait(ctx)
	if stopped := d.Stop(); err == nil {
		err = stopped
	}
	return err
}
