// Command charcoal turns pictures into text art.
package main

import (
	"context"
	"os"

	"github.com/charcoal-art/charcoal/internal/app"
	"github.com/charcoal-art/charcoal/internal/cli"
	"github.com/charcoal-art/charcoal/internal/execengine"
)

func main() {
	execengine.RunLimited(os.Args) // when this process is to become an engine, it does
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Serve: app.Run, Accounts: app.OpenAccounts,
		Migrate: app.Migrate, Doctor: app.Doctor, Move: app.Move,
	}))
}
