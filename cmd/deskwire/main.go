// Command deskwire is the live layer of a helpdesk in one binary: the server,
// a demo with a simulated helpdesk, the log replayer, the token maker and the
// benches. Each command is one small file.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Serve  serveCmd  `cmd:"" help:"Run the server."`
	Bench  benchCmd  `cmd:"" help:"Measure what Deskwire promises, side by side with what it is held against."`
	Demo   demoCmd   `cmd:"" help:"Run the server with a simulated helpdesk, and say where to look."`
	Replay replayCmd `cmd:"" help:"Play a helpdesk's event log into a server, and verify what it shows."`
	Token  tokenCmd  `cmd:"" help:"Make a token that lets an agent's browser in."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("deskwire"), kong.Description("The live layer of a helpdesk."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "deskwire:", err)
		os.Exit(1)
	}
}
