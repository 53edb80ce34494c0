package charcoal_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal"
)

func TestCleanFilename(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	tests := []struct{ name, in, want string }{
		{"plain", "cat.jpg", "cat.jpg"},
		{"spaces inside", "my cat.jpg", "my cat.jpg"},
		{"unix path", "/etc/passwd", "passwd"},
		{"parent path", "../../../root/.ssh/id", "id"},
		{"windows path", `C:\Users\me\cat.png`, "cat.png"},
		{"mixed path", `a/b\c.png`, "c.png"},
		{"only dots", "..", ""},
		{"path of dots", "a/..", ""},
		{"empty", "", ""},
		{"a folder", "cat/", ""},
		{"quotes stay", `a"b'c.png`, `a"b'c.png`},
		{"line breaks", "a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"},
		{"unicode line break", "a\u2028b.png", "ab.png"},
		{"nul", "a\x00.png", "a.png"},
		{"escape sequence", "\x1b[31mred.png", "[31mred.png"},
		{"right-to-left override", "gpj.\u202eexe", "gpj.exe"},
		{"not UTF-8", "caf\xe9.png", "caf\uFFFD.png"},
		{"10 kB", long + ".png", strings.Repeat("ä", 125) + ".png"},
		{"10 kB without a name", "." + long, "." + strings.Repeat("ä", 127)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := charcoal.CleanFilename(tt.in); got != tt.want {
				t.Errorf("CleanFilename(%.40q): got %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzCleanFilename(f *testing.F) {
	f.Add("cat.jpg")
	f.Add("../../x\x00\r\n\"" + strings.Repeat("ü", 300) + ".png")
	f.Fuzz(func(t *testing.T, name string) {
		got := charcoal.CleanFilename(name)
		if len(got) > 255 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n") || got == "." || got == ".." {
			t.Errorf("CleanFilename(%q): got the unsafe name %q", name, got)
		}
		if again := charcoal.CleanFilename(got); again != got {
			t.Errorf("CleanFilename is not stable: %q becomes %q", got, again)
		}
	})
}

func TestParseID(t *testing.T) {
	id := charcoal.NewID()
	if got, err := charcoal.ParseID(id.String()); err != nil || got != id {
		t.Errorf("ParseID(%q): got %v, %v", id, got, err)
	}
	for _, s := range []string{
		"", "x", strings.ToUpper("0190163d-8694-739b-aea5-966c26f8ad91"), "{" + id.String() + "}",
		"urn:uuid:" + id.String(), strings.ReplaceAll(id.String(), "-", ""), strings.Repeat("a", 10000),
	} {
		if _, err := charcoal.ParseID(s); charcoal.CodeOf(err) != charcoal.NotFound {
			t.Errorf("ParseID(%.50q): got %v, want not_found", s, err)
		}
	}
}

func TestIDsSortByTime(t *testing.T) {
	last := charcoal.NewID()
	for range 10000 {
		next := charcoal.NewID()
		if next.String() <= last.String() || next.Version() != 7 {
			t.Fatalf("ids out of order, or not version 7: %s then %s", last, next)
		}
		last = next
	}
}
