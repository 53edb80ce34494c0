package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/client"
)

// loginFlags is the command line of login.
type loginFlags struct {
	*remote
	p          Process
	name       string
	tokenName  string
	tokenStdin bool

	passwordFile string
	expires      string
	scopes       []string
}

func newLogin(p Process) *cobra.Command {
	f := &loginFlags{p: p}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in to a server, for the commands that talk to it",
		Long: `Sign in to a server: ask for name and password, have a token made, and keep it
in client.yaml, in $XDG_CONFIG_HOME/charcoal or ~/.config/charcoal, where only
you can read it. The password is not kept. The server becomes the one that is
meant when none is named.

With --token-stdin a token that you have is kept instead. Programs can do without
a login and have the token in ` + tokenVariable + `.`,
		Example: `  charcoal login --server https://charcoal.example
  charcoal login --server https://charcoal.example --name ann --expires 90d
  charcoal login --token-stdin < token.txt`,
		Args: noMoreArgs,
	}
	f.remote = addRemote(cmd, p)
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.name, "name", "", "`name` of the account; asked for when absent")
	flags.StringVar(&f.passwordFile, "password-file", "", `read the password from the first line of this `+"`file`"+`, "-" for standard input, in place of asking`)
	must(cmd.MarkFlagFilename("password-file"))
	flags.BoolVar(&f.tokenStdin, "token-stdin", false, "read a token from standard input, in place of name and password")
	flags.StringVar(&f.tokenName, "token-name", "", "`name` that the token has in the list of them (default that of this machine)")
	flags.StringVar(&f.expires, "expires", "", "when the token ends: a `time` such as 90d or 2027-01-31 (default never)")
	flags.StringSliceVar(&f.scopes, "scope", []string{client.ScopeRead, client.ScopeWrite}, "what the token allows: "+strings.Join([]string{client.ScopeRead, client.ScopeWrite, client.ScopeAccount, client.ScopeAdmin}, ", "))
	completeWords(cmd, "scope", []string{client.ScopeRead, client.ScopeWrite, client.ScopeAccount, client.ScopeAdmin})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return f.run(ctx)
	}
	return cmd
}

func (f *loginFlags) run(ctx context.Context) error {
	saved, err := readLogins(f.env)
	if err != nil {
		return err
	}
	address, err := f.address(saved)
	if err != nil {
		return err
	}
	if inClear(address) {
		complain(f.p.Stderr, "whoever is between here and "+address+" can read what you send; https hides it")
	}
	get := f.byPassword
	if f.tokenStdin {
		get = f.byToken
	}
	in, err := get(ctx, address)
	if err != nil {
		return err
	}
	if saved.Servers == nil {
		saved.Servers = map[string]signIn{}
	}
	saved.Server, saved.Servers[address] = address, in
	if err := saved.write(f.env); err != nil {
		return fmt.Errorf("keep the token: %w", err)
	}
	_, err = fmt.Fprintln(f.p.Stdout, oneLine(fmt.Sprintf("signed in to %s as %s", address, in.Name)))
	return err
}

// inClear reports whether secrets travel to a server for others to see.
func inClear(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// byToken keeps a token, if the server knows it.
func (f *loginFlags) byToken(ctx context.Context, address string) (signIn, error) {
	token, err := firstLine(f.p.Stdin)
	if err != nil {
		return signIn{}, err
	}
	token = strings.TrimSpace(token)
	if token == "" {
		return signIn{}, usagef("--token-stdin: there is no token on standard input")
	}
	c, err := connect(address, client.Options{Token: token, Attempts: impatient})
	if err != nil {
		return signIn{}, err
	}
	me, err := c.Me(ctx)
	if err != nil {
		return signIn{}, notSignedIn(err)
	}
	return signIn{Name: me.Name, Token: token}, nil
}

// byPassword has a token made.
func (f *loginFlags) byPassword(ctx context.Context, address string) (signIn, error) {
	request := client.TokenRequest{Name: f.tokenName, Scopes: f.scopes}
	if request.Name == "" {
		request.Name = "charcoal on " + hostname()
	}
	var err error
	if f.expires != "" {
		if request.Expires, err = parseFuture(f.expires, time.Now()); err != nil {
			return signIn{}, usagef("--expires: %w", err)
		}
	}
	name, password, err := f.who()
	if err != nil {
		return signIn{}, err
	}
	c, err := connect(address, client.Options{Name: name, Password: password, Attempts: impatient})
	if err != nil {
		return signIn{}, err
	}
	token, err := c.CreateToken(ctx, request)
	if err != nil {
		return signIn{}, notSignedIn(err)
	}
	return signIn{Name: name, TokenID: token.ID, Token: token.Secret}, nil
}

// notSignedIn words a refusal to sign in without the advice to sign in.
func notSignedIn(err error) error {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Status == http.StatusUnauthorized {
		return errors.New(strings.TrimSuffix(e.Error(), "."))
	}
	return err
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "an unknown machine"
	}
	return name
}

// who reads or asks for name and password.
func (f *loginFlags) who() (name, password string, err error) {
	if f.passwordFile == "" {
		return f.ask()
	}
	if f.name == "" {
		return "", "", usagef("--password-file goes with --name")
	}
	if f.passwordFile == "-" {
		password, err = firstLine(f.p.Stdin)
	} else {
		password, err = passwordIn(f.passwordFile)
	}
	return f.name, password, err
}

// ask asks for what was not given, without showing the password.
func (f *loginFlags) ask() (name, password string, err error) {
	terminal, restore, err := askAt(f.p)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, restore()) }()
	if name = f.name; name == "" {
		terminal.SetPrompt("Name: ")
		if name, err = terminal.ReadLine(); err != nil {
			return "", "", unanswered(err)
		}
	}
	if password, err = terminal.ReadPassword("Password: "); err != nil {
		return "", "", unanswered(err)
	}
	return strings.TrimSpace(name), password, nil
}

func newLogout(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Forget how to sign in to a server",
		Long: `Forget the token of a server, and have the server forget it, too. Where the
server does not let a token end itself, that is said, and the token can be ended
on the page of the account.`,
		Example: `  charcoal logout
  charcoal logout --server https://charcoal.example`,
		Args: noMoreArgs,
	}
	r := addRemote(cmd, p)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return logout(ctx, p, r)
	}
	return cmd
}

func logout(ctx context.Context, p Process, r *remote) error {
	saved, err := readLogins(r.env)
	if err != nil {
		return err
	}
	address, err := r.address(saved)
	if err != nil {
		return err
	}
	in, ok := saved.Servers[address]
	if !ok {
		return fmt.Errorf("you are not signed in to %s", address)
	}
	delete(saved.Servers, address)
	if saved.Server == address {
		saved.Server = ""
	}
	if err := saved.write(r.env); err != nil {
		return fmt.Errorf("forget the token: %w", err)
	}
	if err := endToken(ctx, address, in); err != nil {
		complain(p.Stderr, "the token is forgotten here, but not ended: "+explain(err))
	}
	_, err = fmt.Fprintln(p.Stdout, oneLine("signed out of "+address))
	return err
}

func endToken(ctx context.Context, address string, in signIn) error {
	if in.TokenID == "" {
		return nil // it was made elsewhere, and may be used there
	}
	c, err := connect(address, client.Options{Token: in.Token, Attempts: impatient})
	if err != nil {
		return err
	}
	if err := c.DeleteToken(ctx, in.TokenID); err != nil && !absent(err) {
		return err
	}
	return nil
}
