package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/doctor"
)

func newDoctor(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that a server stands on, and say what is wrong",
		Long: `Check everything that the configuration names with a real round trip: folders and
the room in them, the database, its schema and its clock, the storage of pictures,
the queue, programs that draw, and limits of this machine. One line is written for
each, with what to do where something is wrong. It takes no longer than half a
minute, whoever does not answer, and may be done beside a running server.

The exit status is 1 when anything is wrong.`,
		Example: `  charcoal doctor
  charcoal doctor --config /etc/charcoal.yaml
  charcoal doctor --json | jq 'select(.ok | not)'`,
		Args: noMoreArgs,
	}
	load := addConfigFlags(cmd, p)
	asJSON := cmd.Flags().Bool("json", false, "write an object for each check, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := load()
		if err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		write := writeFindings
		if *asJSON {
			write = writeFindingsJSON
		}
		found := p.Doctor(ctx, loaded.Config)
		if err := write(cmd.OutOrStdout(), found); err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(f doctor.Finding) bool { return !f.OK }) {
			return errReported
		}
		return nil
	}
	return cmd
}

func writeFindings(w io.Writer, found []doctor.Finding) error {
	return writeList(w, func(row func(...any)) {
		for _, f := range found {
			state, said := "ok", f.Found
			if !f.OK {
				state = "problem"
				if f.Advice != "" {
					said += " — " + f.Advice
				}
			}
			row(state, f.Name, oneLine(said))
		}
	})
}

func writeFindingsJSON(w io.Writer, found []doctor.Finding) error {
	encoder := json.NewEncoder(w)
	for _, f := range found {
		if err := encoder.Encode(f); err != nil {
			return fmt.Errorf("write what was found: %w", err)
		}
	}
	return nil
}
