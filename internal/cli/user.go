package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/config"
)

const besideServer = `This works on the data folder itself, and may be done while a server of the same
release runs there: it sees the change at its next request.`

func newUser(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Add, list, change and remove the users of a server",
		Long: `Add, list, change and remove the users of a server on this machine. The first
admin is made with "charcoal user add NAME --admin".

` + besideServer,
		Args: noMoreArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a := addAccountFlags(cmd, p)
	cmd.AddCommand(a.add(), a.list(), a.passwd(), a.role(), a.remove(),
		a.setDisabled("disable", "Keep a user from signing in, and end their sessions", true),
		a.setDisabled("enable", "Let a user sign in again", false))
	return cmd
}

func newInvite(p Process) *cobra.Command {
	role, lasts := charcoal.RoleUser, account.DefaultInviteTime
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Make an invitation, with which one person can make an account",
		Long: `Make an invitation, with which one person can make an account on a server on this
machine. It is shown only now.

` + besideServer,
		Example: `  charcoal invite
  charcoal invite --admin --lasts 24h`,
		Args: noMoreArgs,
	}
	a := addAccountFlags(cmd, p)
	admin := cmd.Flags().Bool("admin", false, "make who accepts an admin")
	cmd.Flags().DurationVar(&lasts, "lasts", lasts, "how long it can be accepted, such as 24h")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *admin {
			role = charcoal.RoleAdmin
		}
		return a.with(cmd, false, func(ctx context.Context, s *account.Service) error {
			secret, _, err := s.MakeInvite(ctx, account.CommandLine(), role, lasts)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
			return err
		})
	}
	return cmd
}

// accounts are those in the data folder that flags, environment and file name.
type accounts struct {
	process      Process
	file, folder string
}

func addAccountFlags(cmd *cobra.Command, p Process) *accounts {
	a := &accounts{process: p}
	flags := cmd.PersistentFlags()
	flags.StringVar(&a.folder, "data", "", "the data `folder` of the server (default as for charcoal serve)")
	flags.StringVar(&a.file, "config", config.LookupFile(p.Env), "the configuration `file` of the server (or name it in "+config.FileVariable+")")
	must(cmd.MarkPersistentFlagDirname("data"))
	must(cmd.MarkPersistentFlagFilename("config", "yaml", "yml"))
	return a
}

// with opens the accounts, and closes them after do.
func (a *accounts) with(cmd *cobra.Command, create bool, do func(context.Context, *account.Service) error) (err error) {
	loaded, err := config.Load(config.Sources{File: a.file, Env: a.process.Env, Flags: cmd.Flags()})
	if err != nil {
		return &usageError{err}
	}
	s, done, err := a.process.Accounts(cmd.Context(), loaded.Config, loaded.Log.Logger(a.process.Stderr), create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return do(cmd.Context(), s)
}

// withUser is with for the user of a name.
func (a *accounts) withUser(cmd *cobra.Command, name string, do func(context.Context, *account.Service, charcoal.User) error) error {
	return a.with(cmd, false, func(ctx context.Context, s *account.Service) error {
		u, err := s.UserByName(ctx, account.CommandLine(), name)
		if err != nil {
			return err
		}
		return do(ctx, s, u)
	})
}

func (a *accounts) add() *cobra.Command {
	var admin bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user",
		Long: `Add a user, and ask for a password. The data folder is made when it is missing,
so that a server can start with its first admin.`,
		Example: `  charcoal user add ada --admin
  charcoal user add bob --password-file bob.txt
  pwgen 20 1 | charcoal user add bob --password-file -`,
		Args: oneName,
	}
	cmd.Flags().BoolVar(&admin, "admin", false, "make them an admin")
	password := addPasswordFlag(cmd, a.process)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		role := charcoal.RoleUser
		if admin {
			role = charcoal.RoleAdmin
		}
		if err := charcoal.CheckUserName(args[0]); err != nil { // before they type a password
			return err
		}
		secret, err := password(args[0])
		if err != nil {
			return err
		}
		return a.with(cmd, true, func(ctx context.Context, s *account.Service) error {
			_, err := s.AddUser(ctx, account.CommandLine(), args[0], secret, role)
			return err
		})
	}
	return cmd
}

func (a *accounts) passwd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Give a user another password, and end their sessions",
		Example: `  charcoal user passwd ada
  charcoal user passwd ada --password-file ada.txt`,
		Args: oneName,
	}
	password := addPasswordFlag(cmd, a.process)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		secret, err := password(args[0])
		if err != nil {
			return err
		}
		return a.withUser(cmd, args[0], func(ctx context.Context, s *account.Service, u charcoal.User) error {
			return s.SetPassword(ctx, account.CommandLine(), u.ID, secret)
		})
	}
	return cmd
}

func (a *accounts) role() *cobra.Command {
	return &cobra.Command{
		Use:     "role NAME user|admin",
		Short:   "Make a user an admin, or an admin a user",
		Example: "  charcoal user role ada admin",
		Args:    exactArgs(2, "a name and a role: user or admin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(ctx context.Context, s *account.Service, u charcoal.User) error {
				_, err := s.SetRole(ctx, account.CommandLine(), u.ID, charcoal.Role(args[1]))
				return err
			})
		},
	}
}

func (a *accounts) setDisabled(name, short string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use:     name + " NAME",
		Short:   short,
		Example: "  charcoal user " + name + " ada",
		Args:    oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(ctx context.Context, s *account.Service, u charcoal.User) error {
				_, err := s.SetDisabled(ctx, account.CommandLine(), u.ID, disabled)
				return err
			})
		},
	}
}

func (a *accounts) remove() *cobra.Command {
	return &cobra.Command{
		Use:     "rm NAME",
		Short:   "Remove a user for good, and put their images in the bin",
		Example: "  charcoal user rm ada",
		Args:    oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(ctx context.Context, s *account.Service, u charcoal.User) error {
				return s.DeleteUser(ctx, account.CommandLine(), u.ID, "")
			})
		},
	}
}

func (a *accounts) list() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Example: `  charcoal user list
  charcoal user list --json | jq -r .name`,
		Args: noMoreArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write an object for each user, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		write := writeUsers
		if asJSON {
			write = writeUsersJSON
		}
		return a.with(cmd, false, func(ctx context.Context, s *account.Service) error {
			users, err := allUsers(ctx, s)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), users)
		})
	}
	return cmd
}

func allUsers(ctx context.Context, s *account.Service) ([]charcoal.User, error) {
	var all []charcoal.User
	for after := ""; ; after = all[len(all)-1].Name {
		users, err := s.Users(ctx, account.CommandLine(), after, account.MaxPage)
		all = append(all, users...)
		if err != nil || len(users) < account.MaxPage {
			return all, err
		}
	}
}

func writeUsers(w io.Writer, users []charcoal.User) error {
	return writeList(w, func(row func(...any)) {
		for _, u := range users {
			state := ""
			if !u.Disabled.IsZero() {
				state = "disabled since " + u.Disabled.Format(time.DateOnly)
			}
			row(u.Name, u.Role, u.Created.Format(time.DateOnly), state)
		}
	})
}

func writeUsersJSON(w io.Writer, users []charcoal.User) error {
	encoder := json.NewEncoder(w)
	for _, u := range users {
		err := encoder.Encode(struct {
			ID       charcoal.ID   `json:"id"`
			Name     string        `json:"name"`
			Role     charcoal.Role `json:"role"`
			Created  time.Time     `json:"created"`
			Disabled time.Time     `json:"disabled,omitzero"`
		}{u.ID, u.Name, u.Role, u.Created, u.Disabled})
		if err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	return nil
}

// oneName lets one argument through.
func oneName(cmd *cobra.Command, args []string) error {
	return exactArgs(1, "the name of a user")(cmd, args)
}

func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s takes %s; see %s", cmd.CommandPath(), what, helpFor(cmd))
		}
		return nil
	}
}
