package cli

import "github.com/spf13/cobra"

// newHelp replaces the help command of cobra, which takes an unknown command
// for a success.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show help for a command",
		Args:  cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return subcommands(cmd.Root(), args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil {
				return &usageError{err}
			}
			if len(rest) > 0 {
				return unknownCommand(target, rest[0])
			}
			target.InitDefaultHelpFlag() // else it is missing from the flags shown
			return target.Help()
		},
	}
}

func subcommands(root *cobra.Command, path []string) []string {
	target, rest, err := root.Find(path)
	if err != nil || len(rest) > 0 {
		return nil
	}
	var names []string
	for _, c := range target.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name()+"\t"+c.Short)
		}
	}
	return names
}
