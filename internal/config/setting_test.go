package config

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// withSecret has secrets of every kind.
type withSecret struct {
	Name  string `key:"name" default:"charcoal"`
	Token string `key:"token" default:"" secret:"true"`
	PIN   int    `key:"pin" default:"1111" allow:"1000..9999" secret:"true"`
}

func TestSecretsAreNotWritten(t *testing.T) {
	c := new(withSecret)
	l := Loaded{settings: settingsOf(c)}
	c.Token = "hunter2"
	l.settings.find("token").origin = "--token"
	var out bytes.Buffer
	if err := l.WriteYAML(&out); err != nil {
		t.Fatal(err)
	}
	want := "name: charcoal # default\ntoken: REDACTED # --token\npin: 1_111 # default\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAnEmptySecretIsShownAsEmpty(t *testing.T) {
	s := table(settingsOf(new(withSecret))).find("token")
	if got := s.redacted(); got != "" {
		t.Errorf("redacted = %q, want nothing: whoever looks wonders whether it is set", got)
	}
}

func TestARefusedSecretIsNotQuoted(t *testing.T) {
	err := table(settingsOf(new(withSecret))).find("pin").Set("31337")
	want := "the value is not allowed; give a whole number from 1000 to 9999"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	for _, s := range settingsOf(new(Config)) {
		if s.usage == "" {
			t.Errorf("%s has no usage", s.key)
		}
		if s.key != strings.ToLower(s.key) || strings.ContainsAny(s.key, "- ") {
			t.Errorf("%q is not lower case with underscores", s.key)
		}
		if err := s.Set(s.String()); err != nil {
			t.Errorf("%s does not take its own value: %v", s.key, err)
		}
	}
}

func TestSpellings(t *testing.T) {
	s := table(settingsOf(new(Config))).find("limits.upload_bytes")
	got := [3]string{s.name(), s.flag(), s.env()}
	want := [3]string{"limits.upload_bytes", "limits-upload-bytes", "CHARCOAL_LIMITS_UPLOAD_BYTES"}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFormatDuration(t *testing.T) {
	tests := map[time.Duration]string{
		0:                         "0s",
		100 * time.Millisecond:    "100ms",
		30 * time.Second:          "30s",
		time.Minute:               "1m",
		90 * time.Second:          "1m30s",
		10 * time.Minute:          "10m",
		time.Hour:                 "1h",
		time.Hour + 5*time.Second: "1h0m5s",
		100 * time.Hour:           "100h",
	}
	for give, want := range tests {
		if got := formatDuration(give); got != want {
			t.Errorf("formatDuration(%d) = %q, want %q", give, got, want)
		}
	}
}

func TestParseCount(t *testing.T) {
	tests := []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"1234567", 1234567, true},
		{"1_234_567", 1234567, true},
		{"-5", -5, true},
		{"12_34", 0, false}, // rather a typing error than a number
		{"1__000", 0, false},
		{"_1", 0, false},
		{"007", 0, false},
		{"+5", 0, false},
		{"1e3", 0, false},
		{" 1", 0, false},
		{"99999999999999999999", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := parseCount(tt.text)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("got %d, %v; want %d, ok %t", got, err, tt.want, tt.ok)
			}
		})
	}
}
