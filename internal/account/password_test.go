package account

import (
	"strings"
	"testing"
)

func TestHashPassword(t *testing.T) {
	t.Parallel()
	first, second := hashPassword(currentCost, adaPassword), hashPassword(currentCost, adaPassword)
	if first == second {
		t.Errorf("two hashes of one password are the same: %s", first)
	}
	if !strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash: got %s, want argon2id with 19 MiB and 2 passes", first)
	}
	h, err := parsePHC(first)
	noError(t, "parse", err)
	for password, want := range map[string]bool{adaPassword: true, adaPassword + " ": false, "": false} {
		if got := h.matches(password); got != want {
			t.Errorf("matches(%q): got %v, want %v", password, got, want)
		}
	}
}

// TestReferenceHash is one that the reference implementation of argon2 made:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
// (its test suite, src/test.c in https://github.com/P-H-C/phc-winner-argon2).
func TestReferenceHash(t *testing.T) {
	t.Parallel()
	h, err := parsePHC("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	noError(t, "parse", err)
	if !h.matches("password") {
		t.Error("the password of the reference does not match")
	}
}

// TestParsePHCRefuses what would cost too much to compute, or is not what we write.
func TestParsePHCRefuses(t *testing.T) {
	t.Parallel()
	const salt, key = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for name, hash := range map[string]string{
		"nothing":            "",
		"another algorithm":  "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key,
		"another version":    "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"too much memory":    "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"too many passes":    "$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + key,
		"no passes":          "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key,
		"no lanes":           "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key,
		"less than a block":  "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + key,
		"an empty key":       "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"an empty salt":      "$argon2id$v=19$m=64,t=1,p=1$$" + key,
		"a long key":         "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 4000),
		"something after it": "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "$",
		"numbers otherwise":  "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + key,
		"bcrypt":             "$2b$12$abcdefghijklmnopqrstuv",
	} {
		t.Run(name, func(t *testing.T) {
			if h, err := parsePHC(hash); err == nil {
				t.Errorf("parsed: %+v", h)
			}
		})
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(hashPassword(quick, "x"))
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err == nil && h.String() != s {
			t.Errorf("%q is read as %q", s, h)
		}
		if err == nil && !h.bounded() {
			t.Errorf("%q is over the bounds", s)
		}
	})
}

// BenchmarkHashPassword is what one login costs.
func BenchmarkHashPassword(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hashPassword(currentCost, adaPassword)
	}
}
