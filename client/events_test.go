package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// streams answers requests for events, each with the next of some bodies.
type streams struct {
	t      *testing.T
	bodies []io.Reader
	asked  []string // Last-Event-ID of each request
}

func (s *streams) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.Header.Get("Last-Event-ID"))
	if len(s.bodies) == 0 {
		return nil, errors.New("no more")
	}
	body := s.bodies[0]
	s.bodies = s.bodies[1:]
	if body == nil { // silence, as long as the request lasts
		body = readerFunc(func([]byte) (int, error) { <-r.Context().Done(); return 0, context.Cause(r.Context()) })
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body), Header: http.Header{}, Request: r}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func said(seq int, kind string) string {
	return fmt.Sprintf("id: %d\nevent: rendering\ndata: {\"seq\":%d,\"type\":%q}\n\n", seq, seq, kind)
}

// collect ranges over events until it has enough, or they end.
func collect(ctx context.Context, c *Client, o EventsOptions, enough int) (got []string, err error) {
	for e, err := range c.Events(ctx, o) {
		if err != nil {
			return got, err
		}
		if got = append(got, fmt.Sprint(e.Seq, " ", e.Type)); len(got) == enough {
			break
		}
	}
	return got, nil
}

// No event is missed and none told twice, however often the stream is lost.
func TestEventsGoOnWhereTheyStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &streams{t: t, bodies: []io.Reader{
			strings.NewReader(": hello\nretry: 2000\n\n" + said(1, "rendering.queued") + said(2, "rendering.running") + "id: 3\nda"),
			nil, // silence
			iotest.ErrReader(errors.New("reset")),
			strings.NewReader(said(2, "rendering.running") + said(3, "rendering.ready")),
			strings.NewReader("data: {\"type\":\"reset\"}\n\n" + said(1, "image.created")),
		}}
		c, err := New("http://h", Options{HTTPClient: &http.Client{Transport: s}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := collect(t.Context(), c, EventsOptions{}, 6)
		want := []string{"0 reset", "1 rendering.queued", "2 rendering.running", "3 rendering.ready", "0 reset", "1 image.created"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("events (-want +got), %v:\n%s", err, diff)
		}
		if diff := cmp.Diff([]string{"", "2", "2", "2", "3"}, s.asked); diff != "" {
			t.Errorf("Last-Event-ID (-want +got):\n%s", diff)
		}
	})
}

func TestEventsGoOnAfterANumber(t *testing.T) {
	s := &streams{t: t, bodies: []io.Reader{strings.NewReader(said(8, "image.edited"))}}
	c, err := New("http://h", Options{HTTPClient: &http.Client{Transport: s}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := collect(t.Context(), c, EventsOptions{ImageID: "1", After: 7}, 1)
	if err != nil || !slices.Equal(got, []string{"8 image.edited"}) || s.asked[0] != "7" {
		t.Errorf("got %q, %v, asked after %q", got, err, s.asked)
	}
}

func TestEventsEnd(t *testing.T) {
	tests := []struct {
		name  string
		serve http.HandlerFunc
		want  string
	}{
		{"when the server refuses", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 401, "unauthenticated") }, "No."},
		{"when it never speaks", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 503, "unavailable") }, "No."},
		{"when it is another server", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data: hello\n\n") }, "is no event"},
		{"when a line has no end", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", maxMessage+1))
		}, "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := collect(t.Context(), talkTo(t, tt.serve, Options{}), EventsOptions{}, 1000)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		})
	}
	t.Run("with the context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			c, err := New("http://h", Options{HTTPClient: &http.Client{Transport: &streams{t: t, bodies: make([]io.Reader, 1000)}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range c.Events(ctx, EventsOptions{After: 1}) {
				if ctx.Err() == nil && !errors.Is(err, errSilent) {
					t.Errorf("got %v", err)
				}
			}
		})
	})
}

func TestServerSentEvents(t *testing.T) {
	tests := []struct {
		name, stream string
		want         []message
	}{
		{"fields", "id: 7\nevent: x\ndata: a\n\n", []message{{id: "7", event: "x", data: "a"}}},
		{"lines of data", "data: a\ndata\ndata:b\n\n", []message{{data: "a\n\nb"}}},
		{"one space is taken off", "data:  a\n\n", []message{{data: " a"}}},
		{"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", []message{{data: "a"}, {data: "b"}}},
		{"CR", "data: a\r\rdata: b\r\r", []message{{data: "a"}, {data: "b"}}},
		{"comments and what is unknown", ": ping\n\nwhat: ever\n\ndata: a\n\n", []message{{data: "a"}}},
		{"the time between connections", "retry: 2000\n\nretry: soon\n\n", []message{{retry: 2 * time.Second}}},
		{"an id with a NUL", "id: a\x00\ndata: b\n\n", []message{{data: "b"}}},
		{"what is cut off is dropped", "data: a\n\ndata: b\n", []message{{data: "a"}}},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once": strings.NewReader(tt.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.stream)),
			} {
				got, err := all(newSSE(r))
				if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(message{})); diff != "" || !errors.Is(err, io.EOF) {
					t.Errorf("%s: messages (-want +got), %v:\n%s", how, err, diff)
				}
			}
		})
	}
}

func all(s *sse) (messages []message, err error) {
	for {
		m, err := s.next()
		if err != nil {
			return messages, err
		}
		messages = append(messages, m)
	}
}

// FuzzServerSentEvents holds that how a stream is cut into reads changes nothing,
// and that no message is over its bound.
func FuzzServerSentEvents(f *testing.F) {
	for _, s := range []string{said(1, "x"), "data: a\r\n\r\n", ": \n\nretry: 5\r\rid\n\n", "data\n\ndata: a\ndata\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stream string) {
		whole, err := all(newSSE(strings.NewReader(stream)))
		single, errSingle := all(newSSE(iotest.OneByteReader(strings.NewReader(stream))))
		if diff := cmp.Diff(whole, single, cmp.AllowUnexported(message{})); diff != "" || err.Error() != errSingle.Error() {
			t.Errorf("%v, %v: (-whole +bytes):\n%s", err, errSingle, diff)
		}
		for _, m := range whole {
			if len(m.data) > maxMessage {
				t.Errorf("a message of %d bytes", len(m.data))
			}
		}
	})
}
