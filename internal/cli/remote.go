package cli

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/client"
	"github.com/charcoal-art/charcoal/internal/buildinfo"
)

const (
	serverVariable = "CHARCOAL_SERVER"
	tokenVariable  = "CHARCOAL_TOKEN"
	defaultServer  = "http://127.0.0.1:8080"
)

// remote is which server a command talks to.
type remote struct {
	env    []string
	server string // of the flag; "" when it was not given
}

func addRemote(cmd *cobra.Command, p Process) *remote {
	r := &remote{env: p.Env}
	cmd.Flags().StringVar(&r.server, "server", "", "`URL` of the server (or name it in "+serverVariable+`; default that of "charcoal login", otherwise `+defaultServer+")")
	return r
}

// address is the server that was named, that of the environment, or that of the
// last login.
func (r *remote) address(saved logins) (string, error) {
	for _, address := range []string{r.server, variable(r.env, serverVariable), saved.Server, defaultServer} {
		if address != "" {
			return canonicalServer(address)
		}
	}
	return defaultServer, nil
}

// canonicalServer is the form by which servers are compared, so that a token goes
// to the server that it is of.
func canonicalServer(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", usagef("--server: %q is not allowed; give a URL, such as %s", address, defaultServer)
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return strings.TrimRight(u.String(), "/"), nil
}

// dial makes a client that is signed in with the token of the environment, or with
// that of the login to this very server.
func (r *remote) dial(patience int) (*client.Client, error) {
	saved, err := readLogins(r.env)
	if err != nil {
		return nil, err
	}
	address, err := r.address(saved)
	if err != nil {
		return nil, err
	}
	token := variable(r.env, tokenVariable)
	if token == "" {
		token = saved.Servers[address].Token
	}
	return connect(address, client.Options{Token: token, Attempts: patience})
}

// Patience is in attempts. Who sits at a terminal wants to know soon that there is no
// server; but once there was one, what takes long should not fail because it is
// busy for a while, or started anew.
const (
	impatient = 3
	patient   = 12
)

func connect(address string, o client.Options) (*client.Client, error) {
	o.UserAgent = "charcoal/" + buildinfo.Version()
	c, err := client.New(address, o)
	if err != nil {
		return nil, usagef("--server: %w", err)
	}
	return c, nil
}

// explainRemote words what a server refused: with the way to sign in, and with what
// its log knows the request by when it is at fault.
func explainRemote(e *client.Error) string {
	clauses := []string{strings.TrimSuffix(e.Error(), ".")}
	for _, f := range e.Errors {
		if !strings.EqualFold(f.Detail, e.Detail) {
			clauses = append(clauses, f.Pointer+": "+strings.TrimSuffix(f.Detail, "."))
		}
	}
	text := strings.Join(clauses, "; ")
	switch {
	case e.Status == 401:
		text += `; "charcoal login" signs in`
	case e.Status >= 500 && e.RequestID != "":
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// absent reports whether there is nothing, here or on the server.
func absent(err error) bool {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Status == 404 || e.Status == 410
	}
	return errors.Is(err, fs.ErrNotExist)
}
