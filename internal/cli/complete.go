package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/internal/config"
)

// strictCompletion lets the completion command of cobra refuse a shell it does
// not know; by itself it shows help for any.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	must(err)
	cmd.Args = noMoreArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// completeConfigFlags tells the shell what the flags of a configuration take.
func completeConfigFlags(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if words := config.Words(f); words != nil {
			completeWords(cmd, f.Name, words)
		}
	})
	must(cmd.MarkFlagDirname("data"))
	must(cmd.MarkFlagFilename("config", "yaml", "yml"))
}

func completeWords(cmd *cobra.Command, flag string, words []string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// must reports a flag that does not exist: a mistake in this package that any
// run of the command finds.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
