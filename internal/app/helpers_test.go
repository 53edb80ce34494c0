package app

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

// database is a PostgreSQL server for the tests that need one.
var database testservers.Postgres

func TestMain(m *testing.M) { os.Exit(testservers.Run(m, &database)) }

// settings are the defaults on a free port, in a folder of the test.
func settings(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Addr, cfg.Data, cfg.Workers = "127.0.0.1:0", t.TempDir(), 1
	return cfg
}

// instance is a Run that goes on beside the test.
type instance struct {
	t      *testing.T
	client *http.Client
	url    string
	stop   context.CancelFunc
	ended  chan error // gets what Run returned
}

// run starts the program in this process and waits until it is ready. The end
// of the test stops it, if it still runs.
func run(t *testing.T, cfg config.Config) *instance {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	i := &instance{t: t, client: &http.Client{Transport: &http.Transport{}}, stop: stop, ended: make(chan error, 1)}
	log := &announcements{Handler: logHandler(t), said: make(chan slog.Record, 100)}
	go func() {
		defer close(i.ended)
		i.ended <- Run(ctx, cfg, slog.New(log))
	}()
	t.Cleanup(func() {
		i.client.CloseIdleConnections()
		stop()
		for range i.ended { // until it is closed
		}
	})
	i.url = i.await(log, "listening", "url")
	i.await(log, "ready", "workers")
	return i
}

// await returns an attribute of the line with a message.
func (i *instance) await(log *announcements, msg, attr string) (value string) {
	i.t.Helper()
	for {
		select {
		case line := <-log.said:
			if line.Message != msg {
				continue
			}
			line.Attrs(func(a slog.Attr) bool {
				if a.Key == attr {
					value = a.Value.String()
				}
				return true
			})
			return value
		case err := <-i.ended:
			i.t.Fatalf("Run ended before it said %q: %v", msg, err)
		}
	}
}

// drain tells it to stop, and returns what Run said.
func (i *instance) drain() error {
	i.stop()
	return <-i.ended
}

// announcements is a log that a test can listen to.
type announcements struct {
	slog.Handler
	said chan slog.Record
}

func (a *announcements) Handle(ctx context.Context, line slog.Record) error {
	select {
	case a.said <- line:
	default: // nobody listens any more
	}
	return a.Handler.Handle(ctx, line)
}

func logHandler(t *testing.T) slog.Handler {
	return slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})
}

// do makes a request and returns the answer, read whole.
func (i *instance) do(method, path, contentType string, body io.Reader) (status int, answer string) {
	i.t.Helper()
	req, err := http.NewRequestWithContext(i.t.Context(), method, i.url+path, body)
	noError(i.t, "request", err)
	req.Header.Set("Content-Type", contentType)
	res, err := i.client.Do(req)
	noError(i.t, method+" "+path, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	noError(i.t, "reading the answer", err)
	return res.StatusCode, string(content)
}

func (i *instance) get(path string) (status int, answer string) {
	i.t.Helper()
	return i.do(http.MethodGet, path, "", nil)
}

// upload sends a picture that must be accepted, and returns its id.
func (i *instance) upload() string {
	i.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "cat.png")
	noError(i.t, "form", err)
	noError(i.t, "encoding", png.Encode(part, image.NewGray(image.Rect(0, 0, 8, 8))))
	noError(i.t, "form", form.Close())
	status, answer := i.do(http.MethodPost, "/ascii?size=8", form.FormDataContentType(), &body)
	var v struct {
		ID string `json:"image_id"`
	}
	if err := json.Unmarshal([]byte(answer), &v); status != http.StatusOK || err != nil {
		i.t.Fatalf("upload: got %d %s", status, answer)
	}
	return v.ID
}

// listen takes a free port.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	noError(t, "listening", err)
	return l
}

func noError(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
