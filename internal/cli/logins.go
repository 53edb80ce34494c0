package cli

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// logins is what "charcoal login" keeps, in client.yaml.
type logins struct {
	Server  string            `yaml:"server,omitempty"` // the one that is meant when none is named
	Servers map[string]signIn `yaml:"servers,omitempty"`
}

// signIn is how to sign in to one server.
type signIn struct {
	Name    string `yaml:"name,omitempty"`     // of the user, for people
	TokenID string `yaml:"token_id,omitempty"` // "" for a token that somebody else made
	Token   string `yaml:"token"`
}

const maxLogins = 1 << 20 // bytes

// xdgFolder is a folder of ours as the XDG Base Directory Specification places it: in
// the one that a variable names, else at home. A path that is not absolute counts
// as none.
func xdgFolder(env []string, name, home string) (string, error) {
	if folder := variable(env, name); filepath.IsAbs(folder) {
		return filepath.Join(folder, "charcoal"), nil
	}
	if folder := variable(env, "HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, home, "charcoal"), nil
	}
	return "", fmt.Errorf("there is no home folder; name a folder in %s", name)
}

func loginsFile(env []string) (string, error) {
	folder, err := xdgFolder(env, "XDG_CONFIG_HOME", ".config")
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "client.yaml"), nil
}

// readLogins reads them; none when there is no file, or no place for one.
func readLogins(env []string) (logins, error) {
	var l logins
	path, err := loginsFile(env)
	if err != nil {
		return l, nil // who has no home has not signed in
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, fmt.Errorf("read how to sign in: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxLogins))
	if err != nil {
		return l, fmt.Errorf("read how to sign in: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&l); err != nil && !errors.Is(err, io.EOF) {
		return l, &usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return l, nil
}

// write keeps them where only their owner can read them, all or nothing.
func (l logins) write(env []string) error {
	path, err := loginsFile(env)
	if err != nil {
		return err
	}
	raw, err := yaml.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode how to sign in: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeWhole(path, 0o600, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

// writeWhole writes a file that is there with all of its content, or stays as it was.
// The mode is what the umask leaves of it.
func writeWhole(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	file, err := os.OpenFile(filepath.Join(filepath.Dir(path), ".charcoal-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // what is left over is told by the error
		}
	}()
	err = errors.Join(write(file), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
