package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
)

// newLists returns the commands that show what there is to choose from.
func newLists() []*cobra.Command {
	return []*cobra.Command{
		newList("formats", "List the formats that drawings are written in", func(row func(...any)) {
			for _, f := range format.All() {
				row(f.Name, f.Extension, f.Notes)
			}
		}),
		newList("glyphs", "List the sets of characters that drawings are made of", func(row func(...any)) {
			for _, name := range ascii.GlyphSets() {
				row(name)
			}
			row("ramp:XYZ")
		}),
		newList("targets", "List the places that drawings can be made for", func(row func(...any)) {
			for _, t := range target.All() {
				row(t.Name, t.Notes)
			}
		}),
	}
}

func newList(name, short string, list func(row func(columns ...any))) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: noMoreArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return writeList(cmd.OutOrStdout(), list) },
	}
}

func writeList(w io.Writer, list func(row func(columns ...any))) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	list(func(columns ...any) {
		for i, c := range columns {
			if i > 0 {
				_, _ = fmt.Fprint(table, "\t") // the table keeps an error for Flush
			}
			_, _ = fmt.Fprint(table, c)
		}
		_, _ = fmt.Fprintln(table)
	})
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	return nil
}
