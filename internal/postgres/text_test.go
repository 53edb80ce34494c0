package postgres

import (
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestTextsThatPostgresRefuses sends NUL and what is not UTF-8, which come from headers,
// form fields and the answers of other services.
func TestTextsThatPostgresRefuses(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	ctx := t.Context()
	const bad, clean = "a\x00b\xffc", "a\uFFFDb\uFFFDc"
	if _, _, err := s.UserByName(ctx, bad); charcoal.CodeOf(err) != charcoal.NotFound {
		t.Errorf("a user's name: got %v, want not found", err)
	}
	img := newImage(charcoal.ID{1})
	img.Title, img.Tags = bad, []string{bad}
	if err := upload(t, s, img); err != nil {
		t.Fatal(err)
	}
	got, err := s.Image(ctx, img.ID)
	if err != nil || got.Title != clean || got.Tags[0] != clean {
		t.Errorf("title and tags: got %q, %q and %v, want %q", got.Title, got.Tags, err, clean)
	}
	if img.Tags[0] != bad {
		t.Errorf("the caller's tags were changed to %q", img.Tags)
	}
	if err := s.RecordAudit(ctx, charcoal.AuditEntry{ID: charcoal.NewID(), Name: bad, Details: map[string]string{bad: bad}}); err != nil {
		t.Errorf("an entry of the audit log: %v", err)
	}
}

// TestIdentitiesDifferByTheByte: nobody may come in as somebody else because two subjects
// look the same once they are clean.
func TestIdentitiesDifferByTheByte(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	u := charcoal.NewUser{
		User:     charcoal.User{ID: charcoal.NewID(), Name: "ada", Role: charcoal.RoleUser},
		Identity: charcoal.Identity{Issuer: "https://id.example", Subject: "a\x00"},
	}
	if err := s.AddUser(t.Context(), u, charcoal.AuditEntry{ID: charcoal.NewID()}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.UserByIdentity(t.Context(), u.Identity); err != nil || got.ID != u.ID {
		t.Errorf("the same subject: got %v and %v", got, err)
	}
	for _, subject := range []string{"a\uFFFD", "a", "a\x01", "a\xff"} {
		if _, err := s.UserByIdentity(t.Context(), charcoal.Identity{Issuer: u.Identity.Issuer, Subject: subject}); charcoal.CodeOf(err) != charcoal.NotFound {
			t.Errorf("subject %q: got %v, want not found", subject, err)
		}
	}
}
