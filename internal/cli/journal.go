package cli

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// journal remembers what was uploaded to one account of one server, so that a run
// that was broken off goes on where it was, and pictures are not sent twice. It is
// a file of lines that only grows: a line that a crash cut off is passed over, and
// several processes may write at once. It is safe for concurrent use.
//
// A file that changes without changing its size or its time is not noticed.
type journal struct {
	mu      sync.Mutex
	file    *os.File
	files   map[string]entry  // by path
	digests map[string]string // to the id of an image
}

// entry is one line: this file, as it was then, is that image.
type entry struct {
	Path   string    `json:"path"`
	Size   int64     `json:"size"`
	Time   time.Time `json:"time"` // of its last change
	SHA256 string    `json:"sha256"`
	Image  string    `json:"image"`
}

// openJournal reads the journal of an account. It is in $XDG_STATE_HOME/charcoal or
// ~/.local/state/charcoal.
func openJournal(env []string, server, account string) (*journal, error) {
	folder, err := xdgFolder(env, "XDG_STATE_HOME", filepath.Join(".local", "state"))
	if err != nil {
		return nil, err
	}
	folder = filepath.Join(folder, "uploads")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(server + "\n" + account))
	path := filepath.Join(folder, hex.EncodeToString(sum[:8])+".jsonl")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file, files: map[string]entry{}, digests: map[string]string{}}
	if err := j.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return j, nil
}

func (j *journal) read() error {
	lines := bufio.NewScanner(j.file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && checkEntry(e) {
			j.keep(e)
		}
	}
	return lines.Err()
}

func checkEntry(e entry) bool {
	return e.Path != "" && len(e.SHA256) == 2*sha256.Size && e.Image != ""
}

func (j *journal) keep(e entry) {
	j.files[e.Path] = e
	j.digests[e.SHA256] = e.Image
}

// digest is that of a file that did not change since it was uploaded, or "".
func (j *journal) digest(path string, info fs.FileInfo) string {
	if j == nil {
		return ""
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	e, ok := j.files[path]
	if !ok || e.Size != info.Size() || !e.Time.Equal(info.ModTime()) {
		return ""
	}
	return e.SHA256
}

// image is the id under which bytes are stored, or "".
func (j *journal) image(digest string) string {
	if j == nil {
		return ""
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.digests[digest]
}

// add remembers an upload. It begins with a line end, so that a line that was cut
// off before it harms nothing but itself.
func (j *journal) add(e entry) error {
	if j == nil || e.Path == "" {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if old := j.files[e.Path]; old.Time.Equal(e.Time) && old.Size == e.Size && old.SHA256 == e.SHA256 && old.Image == e.Image {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(bytes.Join([][]byte{nil, line, nil}, []byte("\n"))); err != nil {
		return fmt.Errorf("remember the upload: %w", err)
	}
	j.keep(e)
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
