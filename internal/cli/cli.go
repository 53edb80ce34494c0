// Package cli is the command line of Charcoal: one file for each command.
//
// The exit status is 0 when all went well, 1 when something failed, and 2 when
// the command line or the configuration is wrong. An error is one line on
// standard error that says what to do.
package cli

import (
	"context"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/buildinfo"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/doctor"
	"github.com/charcoal-art/charcoal/internal/move"
)

// Process is all that a command touches of the process it runs in.
type Process struct {
	Args   []string // without the name of the program
	Env    []string // "NAME=value"
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	// Serve runs a server until ctx ends.
	Serve func(ctx context.Context, cfg config.Config, log *slog.Logger) error

	// Accounts opens the accounts in a data folder; with create it makes what is
	// missing. The function that it returns closes them.
	Accounts func(ctx context.Context, cfg config.Config, log *slog.Logger, create bool) (*account.Service, func() error, error)

	// Migrate brings the schema of the store up to date, and returns its version before
	// and after.
	Migrate func(ctx context.Context, cfg config.Config) (from, to int64, err error)

	// Doctor checks everything that a server stands on.
	Doctor func(ctx context.Context, cfg config.Config) []doctor.Finding

	// Move copies everything from the data folder to the configured store and blobs.
	Move func(ctx context.Context, cfg config.Config, o move.Options) (move.Report, error)
}

// Main runs one command and returns the exit status of the process.
func Main(ctx context.Context, p Process) int {
	if err := newRoot(p).ExecuteContext(ctx); err != nil {
		return report(p.Stderr, err)
	}
	return exitOK
}

func newRoot(p Process) *cobra.Command {
	root := &cobra.Command{
		Use:   "charcoal",
		Short: "Turn pictures into text art",
		Long: `Charcoal turns pictures into text art: as a service with "charcoal serve",
or right here with "charcoal draw".`,
		Version:       buildinfo.Version(),
		Args:          noMoreArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true, // Main prints them
		SilenceUsage:  true,
	}
	root.SetArgs(append([]string{}, p.Args...)) // never nil: cobra would take os.Args
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetHelpCommand(newHelp())
	root.AddCommand(newServe(p), newMigrate(p), newDoctor(p), newMove(p), newDraw(p), newScore(p), newBench(p), newConfig(p), newLimits(p), newUser(p), newInvite(p), newVersion())
	root.AddCommand(newRemotes(p)...)
	root.AddCommand(newLists()...)
	strictCompletion(root)
	return root
}
