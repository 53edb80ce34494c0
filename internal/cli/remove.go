package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/client"
)

func newRemove(p Process) *cobra.Command {
	var r *remote
	var restore bool
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Put images on a server into the bin",
		Long: `Put images on a server into the bin. They are removed for good after a while, until
which --restore takes them out of it.`,
		Example: `  charcoal rm 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal rm --restore 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal list --state failed --all --json | jq -r .id | xargs charcoal rm`,
		Args: cobra.ArbitraryArgs, // RunE checks them after the flags
	}
	r = addRemote(cmd, p)
	cmd.Flags().BoolVar(&restore, "restore", false, "take them out of the bin")
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		if len(ids) == 0 {
			return usagef("rm needs the id of an image; see %s", helpFor(cmd))
		}
		c, err := r.dial(impatient)
		if err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		act := c.Delete
		if restore {
			act = func(ctx context.Context, id string) error { return restoreImage(ctx, c, id) }
		}
		return forEach(ctx, p.Stderr, ids, act)
	}
	return cmd
}

func restoreImage(ctx context.Context, c *client.Client, id string) error {
	_, err := c.Restore(ctx, id)
	return err
}

// forEach does what it can and tells of the rest.
func forEach(ctx context.Context, stderr io.Writer, ids []string, act func(context.Context, string) error) error {
	failed := false
	for _, id := range ids {
		err := act(ctx, id)
		if ctx.Err() != nil {
			return errStopped
		}
		if err != nil {
			complain(stderr, id+": "+errorText(err))
			failed = true
		}
	}
	if failed {
		return errReported
	}
	return nil
}
