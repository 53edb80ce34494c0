package client

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Delivery is what the server tells a webhook or the callback of a rendering.
type Delivery struct {
	ID      string       `json:"id"`   // the same for every try: who acts on it keeps it, and acts once
	Type    string       `json:"type"` // as of an [Event], or "ping"
	Created time.Time    `json:"created"`
	Data    DeliveryData `json:"data"`
}

// DeliveryData is what something happened to.
type DeliveryData struct {
	ImageID     string `json:"image_id"`
	RenderingID string `json:"rendering_id"` // "" when it happened to the image
	State       State  `json:"state"`        // of the rendering
}

const (
	// tolerance is how far a timestamp may be from our clock, against deliveries that
	// somebody recorded and sends again.
	tolerance = 5 * time.Minute

	maxDelivery = 64 << 10 // bytes
)

// ErrUnsigned is an error about a request that is not signed as it should be:
// answer it with 401 and do nothing.
var ErrUnsigned = errors.New("the delivery is not signed with the secret, or not recently")

// ReadDelivery reads a request to a webhook and checks its signature and its time
// (Standard Webhooks 1.0.0). The secrets are those that may sign, "whsec_…": one, or
// two while they change.
func ReadDelivery(r *http.Request, secrets ...string) (*Delivery, error) {
	body, err := io.ReadAll(&bounded{r.Body, maxDelivery})
	if err != nil {
		return nil, fmt.Errorf("read the delivery: %w", err)
	}
	if !recent(r.Header.Get("Webhook-Timestamp"), time.Now()) {
		return nil, ErrUnsigned
	}
	head := r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "."
	ok, err := signed(r.Header.Get("Webhook-Signature"), bytes.Join([][]byte{[]byte(head), body}, nil), secrets)
	if err != nil {
		return nil, err
	}
	d := new(Delivery)
	switch {
	case !ok:
		return nil, ErrUnsigned
	case json.Unmarshal(body, d) != nil || d.ID != r.Header.Get("Webhook-Id"):
		return nil, errors.New("the delivery is signed, but is none of Charcoal")
	}
	return d, nil
}

func recent(timestamp string, now time.Time) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= tolerance
}

// signed reports whether one of the signatures in a header, "v1,BASE64" with spaces
// between, is that of one of the secrets.
func signed(header string, content []byte, secrets []string) (bool, error) {
	for _, text := range secrets {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
		if err != nil || len(secret) < 16 {
			return false, errors.New("a secret of a webhook is whsec_ and at least 16 bytes in base64")
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(content) // a hash takes everything
		want := mac.Sum(nil)
		for signature := range strings.FieldsSeq(header) {
			encoded, v1 := strings.CutPrefix(signature, "v1,")
			got, err := base64.StdEncoding.DecodeString(encoded)
			if v1 && err == nil && hmac.Equal(got, want) {
				return true, nil
			}
		}
	}
	return false, nil
}
