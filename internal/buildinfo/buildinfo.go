// Package buildinfo says which build of Charcoal this is. The command line, the
// API and the logs all take it from here.
package buildinfo

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// A build outside a checkout, from a source archive or in an image, gives what
// the Go tool cannot find out by itself:
//
//	go build -ldflags "-X github.com/charcoal-art/charcoal/internal/buildinfo.version=v1.2.3"
//
// Nothing else writes to them.
var (
	version string
	commit  string
)

// Version returns the version of this build, "v1.2.3", or "devel" when nobody
// gave it one, as under go run and go test.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return "devel"
	}
	return cmp.Or(info.Main.Version, "devel")
}

// Commit returns the commit this build was made from, with "+dirty" after it
// when there were changes on top, or "" when that is not known.
func Commit() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return commitOf(info.Settings)
}

func commitOf(settings []debug.BuildSetting) string {
	revision, dirty := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + dirty
}

// Go returns the Go release that built it and the platform it was built for:
// "go1.26.8 linux/amd64".
func Go() string {
	return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
