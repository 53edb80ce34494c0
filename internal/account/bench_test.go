package account

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// BenchmarkAuthenticate is what each request of a client costs to recognise.
func BenchmarkAuthenticate(b *testing.B) {
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "charcoal.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	s, err := New(Options{Accounts: store, SessionIdle: time.Hour, SessionTime: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	for name, c := range credentialsOf(b, s) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Authenticate(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func credentialsOf(b *testing.B, s *Service) map[string]Credentials {
	u, err := s.AddUser(b.Context(), CommandLine(), "ada", adaPassword, charcoal.RoleUser)
	if err != nil {
		b.Fatal(err)
	}
	c := at("192.0.2.1")
	in, err := s.Login(b.Context(), c, "ada", adaPassword)
	if err != nil {
		b.Fatal(err)
	}
	c.Actor = charcoal.Actor{User: u.ID, Scopes: scopesOf(u.Role)}
	token, _, err := s.MakeToken(b.Context(), c, TokenRequest{Name: "bench", Scopes: []charcoal.Scope{charcoal.ScopeRead}})
	if err != nil {
		b.Fatal(err)
	}
	return map[string]Credentials{
		"session": {Session: in.Secret}, "token": {Bearer: token}, "basic": basic("ada", adaPassword, "192.0.2.1"),
	}
}
