package app

import (
	"os"
	"path/filepath"
	"testing"
)

// Which engine draws is a setting, and a program that is not there shows at the
// start, not at the first picture.
func TestEngineIsASetting(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "painter")
	noError(t, "writing", os.WriteFile(program, []byte("#!/bin/sh\necho painter 2.1\n"), 0o700))

	p := &parts{cfg: settings(t)}
	engine, err := p.engine(t.Context())
	noError(t, "native", err)
	equal(t, "native", engine.Engine(), p.nativeEngine().Engine())

	p.cfg.Engine.Name, p.cfg.Engine.Command, p.cfg.Engine.Version = "painter", "painter {cols}", "painter --version"
	p.cfg.Engine.Path = folder + ":/usr/bin:/bin"
	engine, err = p.engine(t.Context())
	noError(t, "painter", err)
	equal(t, "painter", engine.Engine(), "painter/2.1")

	for _, command := range []string{"no-such-painter --version", `painter "--version`} {
		p.cfg.Engine.Version = command
		if _, err := p.engine(t.Context()); err == nil {
			t.Errorf("%q starts", command)
		}
	}
}
