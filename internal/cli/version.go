package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/buildinfo"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version, the commit it was built from, and the Go release",
		Args:  noMoreArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionLine())
			return err
		},
	}
}

func versionLine() string {
	details := buildinfo.Go()
	if commit := buildinfo.Commit(); commit != "" {
		details = "commit " + commit + ", " + details
	}
	return fmt.Sprintf("charcoal %s (%s)", buildinfo.Version(), details)
}
