package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

const adaPassword = "correct horse"

func openAccounts(t *testing.T, data string, create bool) (*account.Service, error) {
	t.Helper()
	cfg := config.Default()
	cfg.Data = data
	s, done, err := OpenAccounts(t.Context(), cfg, slog.New(slog.DiscardHandler), create)
	if err == nil {
		t.Cleanup(func() { noError(t, "closing the accounts", done()) })
	}
	return s, err
}

// TestAccountsBesideAServer: what is changed from a shell counts at the server's next
// request, and the server goes on.
func TestAccountsBesideAServer(t *testing.T) {
	data := t.TempDir()
	p := &parts{cfg: config.Config{Data: data}}
	noError(t, "locking, as a server does", p.lock())
	defer func() { noError(t, "unlocking", p.close()) }()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "charcoal.db"))
	noError(t, "opening, as a server does", err)
	defer func() { noError(t, "closing", store.Close()) }()
	server, err := account.New(account.Options{Accounts: store, SessionIdle: time.Hour, SessionTime: time.Hour})
	noError(t, "making the server's accounts", err)

	shell, err := openAccounts(t, data, false)
	noError(t, "opening beside the server", err)
	ctx, root := t.Context(), account.CommandLine()
	_, err = shell.AddUser(ctx, root, "root", adaPassword, charcoal.RoleAdmin)
	noError(t, "adding an admin", err)
	ada, err := shell.AddUser(ctx, root, "ada", adaPassword, charcoal.RoleUser)
	noError(t, "adding a user", err)
	basic := account.Credentials{HasBasic: true, BasicName: "ada", BasicPassword: adaPassword}
	_, err = server.Authenticate(ctx, basic)
	noError(t, "signing in at the server", err)
	_, err = shell.SetDisabled(ctx, root, ada.ID, true)
	noError(t, "disabling the user", err)
	if actor, err := server.Authenticate(ctx, basic); charcoal.CodeOf(err) != charcoal.Unauthenticated {
		t.Errorf("signing in when disabled: got %+v and %v, want %s", actor, err, charcoal.Unauthenticated)
	}
}

// TestNoServerStartsMeanwhile, so that no schema changes under it.
func TestNoServerStartsMeanwhile(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	if _, err := openAccounts(t, data, false); charcoal.CodeOf(err) != charcoal.NotFound {
		t.Errorf("opening what is not there: got %v, want %s", err, charcoal.NotFound)
	}
	_, err := openAccounts(t, data, true)
	noError(t, "making the accounts", err)
	p := &parts{cfg: config.Config{Data: data}}
	if err := p.lock(); charcoal.CodeOf(err) != charcoal.Conflict {
		t.Errorf("locking: got %v, want %s", err, charcoal.Conflict)
	}
}

// TestImagesOfADeletedUser go to the bin, all of them, and nobody else's.
func TestImagesOfADeletedUser(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "charcoal.db"))
	noError(t, "opening", err)
	defer func() { noError(t, "closing", store.Close()) }()
	ada, bob := charcoal.NewID(), charcoal.NewID()
	const many = 600
	for range many {
		addImage(t, store, ada)
	}
	kept := addImage(t, store, bob)
	noError(t, "binning", ownedImages{store}.BinOwned(t.Context(), ada))
	noError(t, "binning again", ownedImages{store}.BinOwned(t.Context(), ada))
	left, err := store.ListImages(t.Context(), charcoal.ID{}, true, charcoal.ID{}, 10)
	noError(t, "listing", err)
	if len(left) != 1 || left[0] != kept {
		t.Errorf("images left: got %v, want only that of the other user, %s", left, kept)
	}
}

// TestWhatGoesWithAUser who is removed from a shell.
func TestWhatGoesWithAUser(t *testing.T) {
	data := t.TempDir()
	shell, err := openAccounts(t, data, true)
	noError(t, "making the accounts", err)
	store, err := sqlite.OpenBeside(t.Context(), filepath.Join(data, "charcoal.db"))
	noError(t, "opening", err)
	defer func() { noError(t, "closing", store.Close()) }()
	ada, err := shell.AddUser(t.Context(), account.CommandLine(), "ada", adaPassword, charcoal.RoleUser)
	noError(t, "adding a user", err)
	addImage(t, store, ada.ID)
	hook := charcoal.Endpoint{
		ID: charcoal.NewID(), Owner: ada.ID, URL: "https://hooks.example", Created: time.Now(), Salt: []byte("salt"),
		Events: []charcoal.EventType{"rendering"},
	}
	noError(t, "adding a webhook", store.AddEndpoint(t.Context(), hook, 10))
	noError(t, "removing the user", shell.DeleteUser(t.Context(), account.CommandLine(), ada.ID, ""))
	images, err := store.ListImages(t.Context(), ada.ID, false, charcoal.ID{}, 10)
	noError(t, "listing images", err)
	hooks, err := store.Endpoints(t.Context(), ada.ID)
	noError(t, "listing webhooks", err)
	if len(images) != 0 || len(hooks) != 0 {
		t.Errorf("left of the user: images %v and webhooks %v, want nothing", images, hooks)
	}
}

func addImage(t *testing.T, store *sqlite.Store, owner charcoal.ID) charcoal.ID {
	t.Helper()
	img := charcoal.Image{ID: charcoal.NewID(), Owner: owner, Filename: "a.png", Created: time.Now()}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: owner, State: charcoal.Queued, Created: img.Created}
	noError(t, "beginning an upload", store.BeginUpload(context.Background(), img, 1<<40))
	_, _, err := store.CommitUpload(context.Background(), img, r, false)
	noError(t, "committing an upload", err)
	return img.ID
}
