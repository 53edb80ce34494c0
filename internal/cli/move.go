package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/move"
)

func newMove(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "move",
		Short: "Move from a data folder to PostgreSQL and S3",
		Long: `Copy everything that is in a data folder to an empty PostgreSQL database and an S3
bucket, and compare: every row, and every picture with its SHA-256. The server on
the folder has to be stopped; the folder stays as it is. A move that was cut off
goes on where it was when it is run again, and until it is complete no server
starts on the database.`,
		Example: `  charcoal move --data /var/lib/charcoal --store postgres://… --blobs s3://pictures?region=eu-west-1`,
		Args:    noMoreArgs,
	}
	load := addConfigFlags(cmd, p)
	var restart, skip, quiet bool
	cmd.Flags().BoolVar(&restart, "restart", false, "copy all rows anew, when the folder was changed since a move was cut off")
	cmd.Flags().BoolVar(&skip, "skip-damaged", false, "name pictures that are missing or damaged and leave them out, rather than stop")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "show no progress")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := load()
		if err != nil {
			return err
		}
		if !loaded.InPostgres() || !loaded.InS3() {
			return usagef("charcoal move needs to know where to: give --store postgres://… and --blobs s3://…")
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		o := move.Options{Restart: restart, Meter: func(files int, bytes int64) move.Meter { return moveMeter{newMeter(p, quiet, files, bytes)} }}
		if skip {
			o.Skip = func(key string, err error) { complain(p.Stderr, fmt.Sprintf("left out %s: %v", key, err)) }
		}
		report, err := p.Move(ctx, loaded.Config, o)
		if err != nil {
			return err
		}
		return writeMoved(cmd, report, loaded.Config)
	}
	return cmd
}

func writeMoved(cmd *cobra.Command, r move.Report, cfg config.Config) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), `moved and compared: %d rows (SHA-256 %x), %d files
left out, since they were missing or damaged: %d
%s is as it was. To switch, start servers with the same --store and --blobs, and
with hooks.key, so that webhooks are signed as before, from the folder if it is there:
  CHARCOAL_HOOKS_KEY=$(base64 -w0 %s/webhooks.key)
`, r.Rows, r.SHA256, r.Blobs, r.Skipped, cfg.Data, cfg.Data)
	if err != nil {
		return fmt.Errorf("write what was moved: %w", err)
	}
	return nil
}

// moveMeter is a meter for package move.
type moveMeter struct{ m *meter }

func (m moveMeter) Sent(bytes int64) { m.m.sent(bytes) }
func (m moveMeter) Finish()          { m.m.finish() }
func (m moveMeter) Stop()            { m.m.stop() }
