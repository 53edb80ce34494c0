package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	oldSecret = "whsec_b2xkb2xkb2xkb2xkb2xkb2xk"
	newSecret = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3"
)

// delivery is a request as the server sends it.
func delivery(t *testing.T, at time.Time, body string, secrets ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook", strings.NewReader(body))
	seconds := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("d1." + seconds + "." + body))
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	r.Header.Set("Webhook-Id", "d1")
	r.Header.Set("Webhook-Timestamp", seconds)
	r.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	return r
}

func TestReadDelivery(t *testing.T) {
	const body = `{"id":"d1","type":"rendering.ready","created":"2026-11-24T12:00:00Z","data":{"image_id":"i","rendering_id":"r","state":"ready"}}`
	now := time.Now()
	changed := delivery(t, now, body, newSecret)
	changed.Body = http.NoBody
	replayed := delivery(t, now.Add(-time.Hour), body, newSecret)
	replayed.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	tests := []struct {
		name     string
		request  *http.Request
		secrets  []string
		ok       bool
		unsigned bool
	}{
		{"signed", delivery(t, now, body, newSecret), []string{newSecret}, true, false},
		{"signed by two, of which we know one", delivery(t, now, body, newSecret, oldSecret), []string{oldSecret}, true, false},
		{"we know two", delivery(t, now, body, oldSecret), []string{newSecret, oldSecret}, true, false},
		{"another secret", delivery(t, now, body, oldSecret), []string{newSecret}, false, true},
		{"no secrets", delivery(t, now, body, newSecret), nil, false, true},
		{"no signature", delivery(t, now, body), []string{newSecret}, false, true},
		{"another body", changed, []string{newSecret}, false, true},
		{"long ago", delivery(t, now.Add(-time.Hour), body, newSecret), []string{newSecret}, false, true},
		{"from the future", delivery(t, now.Add(time.Hour), body, newSecret), []string{newSecret}, false, true},
		{"long ago, with a new time", replayed, []string{newSecret}, false, true},
		{"a secret that is none", delivery(t, now, body, newSecret), []string{"whsec_"}, false, false},
		{"not Charcoal", delivery(t, now, "hello", newSecret), []string{newSecret}, false, false},
		{"too long", delivery(t, now, strings.Repeat("x", maxDelivery+1), newSecret), []string{newSecret}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ReadDelivery(tt.request, tt.secrets...)
			if (err == nil) != tt.ok || errors.Is(err, ErrUnsigned) != tt.unsigned {
				t.Fatalf("got %+v, %v", d, err)
			}
			if tt.ok && (d.ID != "d1" || d.Data.RenderingID != "r" || d.Data.State != Ready) {
				t.Errorf("got %+v", d)
			}
		})
	}
}
