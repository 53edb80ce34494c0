package engines

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/execengine"
)

func TestMain(m *testing.M) {
	execengine.RunLimited(os.Args)
	os.Exit(m.Run())
}

// painters are two programs, in a folder of the test.
func painters(t *testing.T) config.Config {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"painter", "sketcher"} {
		script := "#!/bin/sh\necho " + name + " 2.1 draws $1\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Default()
	c.Engine.Path = folder + ":/usr/bin:/bin"
	c.Engines = map[string]*config.Program{
		"painter":  {Command: "painter {cols}", Version: "painter --version"},
		"sketcher": {Command: "sketcher {cols}", Version: "sketcher --version"},
	}
	return c
}

func names(all []charcoal.Converter) (names []string) {
	for _, e := range all {
		names = append(names, e.Engine())
	}
	return names
}

func TestTheDefaultComesFirst(t *testing.T) {
	for _, tt := range []struct {
		name string
		want string
	}{
		{"native", "native/1 painter/2.1 sketcher/2.1"},
		{"painter", "painter/2.1 native/1 sketcher/2.1"},
		{"sketcher", "sketcher/2.1 painter/2.1 native/1"},
	} {
		c := painters(t)
		c.Engine.Name = tt.name
		all, err := New(t.Context(), c)
		if got := strings.Join(names(all), " "); err != nil || got != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

// The setting of before there were several engines goes on to work.
func TestOneEngine(t *testing.T) {
	c := painters(t)
	c.Engine.Name, c.Engine.Program, c.Engines = "painter", *c.Engines["painter"], nil
	all, err := New(t.Context(), c)
	if got := names(all); err != nil || !slices.Equal(got, []string{"painter/2.1", "native/1"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// A program that is not there shows at the start, not at the first picture.
func TestProgramsAreTried(t *testing.T) {
	for _, command := range []string{"no-such-painter --version", `painter "--version`} {
		c := painters(t)
		c.Engines["painter"].Version = command
		if _, err := New(t.Context(), c); err == nil {
			t.Errorf("%q starts", command)
		}
		if _, err := Named(t.Context(), c, "sketcher"); err != nil {
			t.Errorf("another engine than the one with %q does not start: %v", command, err)
		}
	}
}

func TestNamed(t *testing.T) {
	c := painters(t)
	_, err := Named(t.Context(), c, "etcher")
	want := `there is no engine "etcher" in the configuration; there are: native, painter, sketcher`
	if charcoal.CodeOf(err) != charcoal.Invalid || charcoal.Message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	e, err := Named(t.Context(), c, "sketcher")
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := errors.Join(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8)))); err != nil {
		t.Fatal(err)
	}
	o := ascii.Defaults()
	o.Cols = 16
	drawing, err := e.Convert(t.Context(), bytes.NewReader(picture.Bytes()), o)
	if err != nil {
		t.Fatal(err)
	}
	var line []rune
	for _, cell := range drawing.Art.Row(0, 0) {
		line = append(line, cell.Rune)
	}
	if got := string(line); got != "sketcher 2.1 draws 16" {
		t.Errorf("got %q", got)
	}
}
