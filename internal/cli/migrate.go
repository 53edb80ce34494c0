package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newMigrate(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of the database up to date",
		Long: `Bring the schema of the database that the configuration names up to date, as every
server does when it starts. It may be done by many at once, and again.

PostgreSQL is migrated while servers run; the URL must lead to PostgreSQL itself
and not to PgBouncer. A server on a data folder has to be stopped first.`,
		Example: `  charcoal migrate --data /var/lib/charcoal
  charcoal migrate --config /etc/charcoal.yaml
  CHARCOAL_STORE=postgres://… charcoal migrate`,
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
		from, to, err := p.Migrate(ctx, loaded.Config)
		if err != nil {
			return err
		}
		said := fmt.Sprintf("the schema was brought from version %d to %d", from, to)
		if from == to {
			said = fmt.Sprintf("the schema is up to date (version %d)", to)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
		return err
	}
	return cmd
}
