package config_test

import (
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/internal/config"
)

// TestPlaces has what works together, and a sentence for what does not.
func TestPlaces(t *testing.T) {
	const (
		store = "postgres://charcoal:secret@db/charcoal"
		blobs = "s3://pictures?region=eu-west-1"
		kafka = "kafka://kafka:9092/charcoal"
		key   = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	)
	tests := []struct {
		name, role, store, blobs, queue, key string
		want                                 string // in the error; "" for none
	}{
		{"one machine", "all", "sqlite", "file", "memory", "", ""},
		{"one process on servers", "all", store, blobs, "memory", "", ""},
		{"requests apart", "api", store, blobs, kafka, key, ""},
		{"drawing apart", "worker", store, blobs, "postgres", key, ""},
		{"requests apart on SQLite", "api", "sqlite", "file", "memory", key, "--store postgres://"},
		{"requests apart on files", "api", store, "file", kafka, key, "--blobs s3://"},
		{"drawing apart with a queue in memory", "worker", store, blobs, "memory", key, "--queue postgres"},
		{"apart without a common key", "worker", store, blobs, kafka, "", "openssl rand -base64 32"},
		{"a queue in a store that is not there", "all", "sqlite", "file", "postgres", "", "--store postgres://"},
		{"an unknown store", "all", "mysql://root:secret@db", "file", "memory", "", "store is neither"},
		{"unknown blobs", "all", "sqlite", "ftp://x", "memory", "", `blobs "ftp://x"`},
		{"an unknown queue", "all", "sqlite", "file", "rabbit", "", `queue "rabbit"`},
		{"a short key", "all", "sqlite", "file", "memory", "c2hvcnQ=", "hooks.key is not 32 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config.Default()
			c.Role, c.Store, c.Blobs, c.Queue, c.Hooks.Key = tt.role, tt.store, tt.blobs, tt.queue, tt.key
			err := c.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
