package hooks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/charcoal-art/charcoal"
)

const (
	maxReply = 4 << 10 // bytes of an answer that are read
	maxShown = 200     // bytes of them that the log of deliveries keeps

	// An endpoint that failed so often in a row, over so long, is disabled.
	maxFailures = 50
	maxFailing  = 24 * time.Hour
)

// reply is what came of one try.
type reply struct {
	status     int // 0: no answer
	problem    string
	retryAfter time.Duration // as asked for; 0 for nothing
}

// deliver makes one try and records what came of it. When it was cut off, nothing
// is recorded: the claim runs out, and the delivery is made again.
func (s *Service) deliver(ctx context.Context, d charcoal.Delivery) {
	begun := s.Now()
	got := s.try(ctx, d, begun)
	if ctx.Err() != nil && got.problem != "" {
		return
	}
	ctx = context.WithoutCancel(ctx)
	e, err := s.Store.FinishDelivery(ctx, d.ID, d.Attempt, s.outcome(d, got, begun))
	if charcoal.CodeOf(err) == charcoal.Conflict {
		return // removed meanwhile, or somebody else's by now
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "recording a webhook failed; it will be sent again", "delivery", d.ID, "err", err)
		return
	}
	if reason := s.disableFor(e, got); reason != "" {
		s.disable(ctx, e.ID, reason)
	}
}

// try makes the call. The secrets are read for each, since they may have changed.
func (s *Service) try(ctx context.Context, d charcoal.Delivery, now time.Time) reply {
	secrets, err := s.secrets(ctx, d, now)
	if err != nil {
		return reply{problem: charcoal.Message(err)}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Time)
	defer cancel()
	body := encode(d, s.cfg.Base)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return reply{problem: "it is not a URL"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Webhook-Id", d.ID.String())
	req.Header.Set("Webhook-Timestamp", timestamp(now))
	req.Header.Set("Webhook-Signature", sign(secrets, d.ID.String(), now, body))
	resp, err := s.Client.Do(req)
	if err != nil {
		return reply{problem: charcoal.Message(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	return read(resp)
}

func (s *Service) secrets(ctx context.Context, d charcoal.Delivery, now time.Time) ([]Secret, error) {
	if d.Endpoint == (charcoal.ID{}) {
		return []Secret{s.Key.callback(d.Owner)}, nil
	}
	e, err := s.Store.Endpoint(ctx, d.Endpoint)
	if err != nil {
		return nil, err
	}
	return s.Key.live(e, now), nil
}

// read takes little of an answer, whatever there is. All that counts is the status.
func read(resp *http.Response) reply {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxReply)) // what was read is shown; a break tells nothing more
	r := reply{status: resp.StatusCode}
	switch {
	case r.status >= 200 && r.status < 300:
		return r
	case r.status >= 300 && r.status < 400:
		r.problem = fmt.Sprintf("it answered with status %d; redirects are not followed", r.status)
		return r
	}
	r.problem = fmt.Sprintf("it answered with status %d", r.status)
	if text := shown(raw); text != "" {
		r.problem += ": " + text
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 && seconds < 1e6 {
		r.retryAfter = time.Duration(seconds) * time.Second
	}
	return r
}

// shown makes one short line of what a stranger answered.
func shown(raw []byte) string {
	if len(raw) > maxShown {
		raw = raw[:maxShown]
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(raw), ""))
	return strings.Join(strings.Fields(text), " ")
}

func (s *Service) outcome(d charcoal.Delivery, got reply, begun time.Time) charcoal.Outcome {
	now := s.Now()
	o := charcoal.Outcome{
		State:   charcoal.DeliveryDone,
		Attempt: charcoal.Attempt{At: now, Took: now.Sub(begun), Status: got.status, Error: got.problem},
	}
	switch {
	case got.problem == "":
	case got.status == http.StatusGone || d.Tries >= s.cfg.Attempts:
		o.State = charcoal.DeliveryFailed
	default:
		o.State, o.Due = charcoal.DeliveryPending, now.Add(max(s.pause(d.Tries), min(got.retryAfter, s.cfg.RetryMax)))
	}
	return o
}

// pause doubles with each failed try. It varies by a fifth, so that those who failed
// together do not come back together.
func (s *Service) pause(tries int) time.Duration {
	pause := s.cfg.RetryMin
	for range tries - 1 {
		if pause >= s.cfg.RetryMax {
			break
		}
		pause *= 2
	}
	pause += time.Duration((rand.Float64() - 0.5) * 0.4 * float64(pause)) //nolint:gosec // G404: nobody gains by guessing it
	return min(pause, s.cfg.RetryMax)
}

// disableFor is why an endpoint is to be told nothing more; "" when it is not.
func (s *Service) disableFor(e charcoal.Endpoint, got reply) string {
	switch {
	case e.ID == charcoal.ID{} || !e.Enabled() || got.problem == "":
		return ""
	case got.status == http.StatusGone:
		return "it answered that it is gone (status 410)"
	case e.Failures >= maxFailures && s.Now().Sub(e.FailingSince) >= maxFailing:
		return fmt.Sprintf("it failed %d times in a row: %s", e.Failures, got.problem)
	}
	return ""
}

func (s *Service) disable(ctx context.Context, id charcoal.ID, reason string) {
	_, err := s.Store.ChangeEndpoint(ctx, id, func(e *charcoal.Endpoint) error {
		if e.Enabled() {
			e.Disabled, e.Reason = s.Now(), reason
		}
		return nil
	})
	if err != nil {
		s.Log.WarnContext(ctx, "disabling a webhook failed", "endpoint", id, "err", err)
		return
	}
	s.Log.InfoContext(ctx, "a webhook was disabled", "endpoint", id, "reason", reason)
}
