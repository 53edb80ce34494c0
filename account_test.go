package charcoal

import (
	"strings"
	"testing"
	"time"
)

func TestCheckUserName(t *testing.T) {
	for name, want := range map[string]Code{
		"ada": "", "A.d-a_1": "", "12": "", strings.Repeat("x", MaxUserName): "",
		"": Invalid, "a": Invalid, strings.Repeat("x", MaxUserName+1): Invalid,
		".ada": Invalid, "-rf": Invalid, "a b": Invalid, "a/b": Invalid, "a\x00b": Invalid,
		"<b>": Invalid, "ädä": Invalid, "аdа": Invalid, // the last one is in Cyrillic letters
	} {
		got := Code("")
		if err := CheckUserName(name); err != nil {
			got = CodeOf(err)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestTokenExpired(t *testing.T) {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		expires time.Time
		want    bool
	}{
		"never":     {time.Time{}, false},
		"later":     {now.Add(1), false},
		"this very": {now, true},
	} {
		if got := (Token{Expires: tt.expires}).Expired(now); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
