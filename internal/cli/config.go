package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/config"
)

func newConfig(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration",
		Args:  noMoreArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigPrint(p))
	return cmd
}

func newConfigPrint(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the effective configuration and where each value comes from",
		Long: `Print what "charcoal serve" would run with if it were given the same flags,
environment and file, with the source of each value beside it and without
secrets. The output is a configuration file.`,
		Example: `  charcoal config print
  charcoal config print > charcoal.yaml
  CHARCOAL_WORKERS=4 charcoal config print --config charcoal.yaml`,
		Args: noMoreArgs,
	}
	load := addConfigFlags(cmd, p)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := load()
		if err != nil {
			return err
		}
		return loaded.WriteYAML(cmd.OutOrStdout())
	}
	return cmd
}

// addConfigFlags gives cmd one flag for each setting and --config. The function
// it returns reads the configuration once the flags are parsed.
//
// Where the arguments do not have the name of cmd among them, it can neither run nor
// be asked about, and gets no flags: making them takes longer than the rest of the
// command line, and drawing a picture should not wait for it.
func addConfigFlags(cmd *cobra.Command, p Process) (load func() (*config.Loaded, error)) {
	if !slices.Contains(p.Args, cmd.Name()) {
		return nil
	}
	flags := cmd.Flags()
	flags.SortFlags = false // the order of the settings tells more
	config.AddFlags(flags)
	path := flags.String("config", config.LookupFile(p.Env), "read settings from this YAML `file` (or name it in "+config.FileVariable+")")
	completeConfigFlags(cmd)
	return func() (*config.Loaded, error) {
		loaded, err := config.Load(config.Sources{File: *path, Env: p.Env, Flags: flags})
		if err != nil {
			return nil, &usageError{err}
		}
		return loaded, nil
	}
}
