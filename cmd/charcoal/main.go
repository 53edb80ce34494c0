// Command charcoal turns pictures into text art.
package main

import (
	"context"
	"os"

	"github.com/charcoal-art/charcoal/internal/app"
	"github.com/charcoal-art/charcoal/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Serve: app.Run,
	}))
}
