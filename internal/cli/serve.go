package cli

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func newServe(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service: upload pictures, fetch them as text",
		Long: `Run the service until it is told to stop by SIGINT or SIGTERM. It then takes
nothing new, finishes or hands back what runs, and exits; a second signal ends
it at once. Nothing that was accepted is lost either way.

Everything is kept in the data folder; one process at a time can use it.

Each flag is also a setting in the file, where --limits-pixels is

  limits:
    pixels: 500_000_000

and an environment variable, CHARCOAL_LIMITS_PIXELS. A flag overrules the
variable, which overrules the file. "charcoal config print" shows the result.`,
		Example: `  charcoal serve
  charcoal serve --addr 127.0.0.1:9000 --data /var/lib/charcoal
  charcoal serve --addr :8080 --public
  charcoal serve --config /etc/charcoal.yaml --log-format json`,
		Args: noMoreArgs,
	}
	load := addConfigFlags(cmd, p)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := load()
		if err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return p.Serve(ctx, loaded.Config, loaded.Log.Logger(p.Stderr))
	}
	return cmd
}

// untilSignal returns a context that ends with the first SIGINT or SIGTERM.
// From then on a signal kills the process, as if nobody had caught it.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
