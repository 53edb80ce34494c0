package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// TestRun has the whole life of a server: it starts, draws, stops, and starts
// again on what it kept. That nothing is left running is checked at the end of
// all tests.
func TestRun(t *testing.T) {
	cfg := settings(t)
	first := run(t, cfg)
	status, _ := first.get("/readyz")
	equal(t, "ready", status, http.StatusOK)
	id := first.upload()
	status, art := first.get("/image/" + id + "/ascii?wait=1m")
	equal(t, "art", status, http.StatusOK)
	noError(t, "run", first.drain())

	second := run(t, cfg)
	status, again := second.get("/image/" + id + "/ascii")
	equal(t, "art after a restart", status, http.StatusOK)
	equal(t, "art after a restart", again, art)
	noError(t, "run", second.drain())
}

// TestRunRecovers what a process left that died: at once, without waiting for a
// lease to run out.
func TestRunRecovers(t *testing.T) {
	cfg := settings(t)
	cfg.Jobs.Lease = time.Hour
	image, upload := crash(t, cfg.Data)
	i := run(t, cfg)
	status, answer := i.get("/image/" + image.String() + "/meta?wait=1m")
	if status != http.StatusOK || !strings.Contains(answer, `"state":"error"`) { // its bytes are no picture
		t.Errorf("image whose job was running: got %d %s", status, answer)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "blobs", charcoal.OriginalKey(upload))); !os.IsNotExist(err) {
		t.Errorf("bytes of the begun upload: got %v, want them gone", err)
	}
	noError(t, "run", i.drain())
}

// crash leaves an image whose job is running, and an upload that is begun.
func crash(t *testing.T, data string) (image, upload charcoal.ID) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "charcoal.db"))
	noError(t, "opening the store", err)
	blobs, err := fileblob.Open(filepath.Join(data, "blobs"))
	noError(t, "opening the blobs", err)
	image, upload = charcoal.NewID(), charcoal.NewID()
	now := time.Now()
	for _, id := range []charcoal.ID{image, upload} {
		noError(t, "begin", store.BeginUpload(t.Context(), charcoal.Image{ID: id, Created: now}, 10))
		_, err := blobs.Put(t.Context(), charcoal.OriginalKey(id), bytes.NewReader([]byte("bytes")))
		noError(t, "put", err)
	}
	job := charcoal.Rendering{ID: charcoal.NewID(), ImageID: image, Options: ascii.Defaults(), Created: now}
	_, _, err = store.CommitUpload(t.Context(), charcoal.Image{ID: image, Created: now}, job, false)
	noError(t, "commit", err)
	_, err = store.Claim(t.Context(), "dead", now, now.Add(time.Hour), 0)
	noError(t, "claim", err)
	noError(t, "closing", store.Close())
	noError(t, "closing", blobs.Close())
	return image, upload
}

// TestRunRefuses to start, and leaves nothing locked or listening behind.
func TestRunRefuses(t *testing.T) {
	taken := listen(t)
	t.Cleanup(func() { noError(t, "closing", taken.Close()) })
	file := filepath.Join(t.TempDir(), "file")
	noError(t, "writing", os.WriteFile(file, nil, 0o600))
	broken := t.TempDir()
	noError(t, "writing", os.WriteFile(filepath.Join(broken, "charcoal.db"), []byte(strings.Repeat("no database ", 1000)), 0o600))
	blocked := t.TempDir()
	noError(t, "writing", os.WriteFile(filepath.Join(blocked, "blobs"), nil, 0o600))

	tests := []struct {
		name, addr, data, want string
	}{
		{"a port that is taken", taken.Addr().String(), t.TempDir(), "listening: "},
		{"a data directory that is a file", "127.0.0.1:0", file, "making the data directory: "},
		{"a database that is none", "127.0.0.1:0", broken, "opening the database: "},
		{"a folder of pictures that is none", "127.0.0.1:0", blocked, "opening the pictures: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := settings(t)
			cfg.Addr, cfg.Data = tt.addr, tt.data
			for range 2 { // the second time finds the same, so nothing is left
				err := Run(t.Context(), cfg, slog.New(logHandler(t)))
				if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("run: got %v, want %q", err, tt.want)
				}
			}
		})
	}
}

func TestOneRunADataDirectory(t *testing.T) {
	cfg := settings(t)
	i := run(t, cfg)
	err := Run(t.Context(), cfg, slog.New(logHandler(t)))
	if charcoal.CodeOf(err) != charcoal.Conflict || !strings.Contains(err.Error(), cfg.Data) {
		t.Errorf("second run: got %v, want a conflict that names the directory", err)
	}
	status, _ := i.get("/readyz")
	equal(t, "the first one", status, http.StatusOK)
	noError(t, "run", i.drain())
	noError(t, "run after it", run(t, cfg).drain())
}

// TestStopWhileStarting is a stop like any other.
func TestStopWhileStarting(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	noError(t, "run", Run(ctx, settings(t), slog.New(logHandler(t))))
}

// TestDrainIsCutOff when requests take longer than they are given. Run waits for
// the end of their handlers all the same, so what they use is still open.
func TestDrainIsCutOff(t *testing.T) {
	cfg := settings(t)
	cfg.DrainTimeout = 0
	i := run(t, cfg)
	sent, body := make(chan struct{}), make(chan []byte)
	answered := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+"/ascii", &trickle{sent: sent, more: body})
		if err != nil {
			answered <- err
			return
		}
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		res, err := i.client.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		answered <- err
	}()
	<-sent
	noError(t, "run", i.drain())
	close(body)
	t.Logf("the upload: %v", <-answered) // most likely a broken connection; an answer that refuses it is right as well
}

// trickle is a body that begins and then waits.
type trickle struct {
	sent chan struct{}
	more chan []byte
	n    int
}

func (b *trickle) Read(p []byte) (int, error) {
	if b.n++; b.n == 1 {
		return copy(p, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"), nil
	}
	if b.n == 2 {
		close(b.sent)
	}
	return copy(p, <-b.more), context.Canceled
}
