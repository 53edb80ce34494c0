package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func TestDockerfile(t *testing.T) {
	image := finalStage(t)
	if !strings.Contains(image.BaseName, "distroless/static") {
		t.Errorf("base: got %s, want one without a shell", image.BaseName)
	}
	user := ""
	for _, command := range image.Commands {
		if c, ok := command.(*instructions.UserCommand); ok {
			user = c.User
		}
	}
	if user != "65532:65532" {
		t.Errorf("user: got %q, want 65532:65532", user)
	}
}

// finalStage parses the Dockerfile with BuildKit's parser and linter.
func finalStage(t *testing.T) instructions.Stage {
	t.Helper()
	file, err := os.Open("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("Dockerfile: %s", w.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("Dockerfile: %s: %s at %v", rule, message, at)
	}})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		t.Fatal(err)
	}
	return stages[len(stages)-1]
}

// TestContext checks that Docker is sent all that the program is built of, and little
// else.
func TestContext(t *testing.T) {
	ignored := ignoreFile(t)
	sent := func(name string) bool {
		skip, err := ignored.MatchesOrParentMatches(name)
		if err != nil {
			t.Fatal(err)
		}
		return !skip
	}
	for _, name := range append(sources(t), "go.mod", "go.sum", "Makefile") {
		if !sent(name) {
			t.Errorf("%s is needed and left out", name)
		}
	}
	for _, name := range []string{".git/config", "deploy/.env", "charcoal-data/charcoal.db", "bin/charcoal", "internal/app/app_test.go"} {
		if sent(name) {
			t.Errorf("%s is sent", name)
		}
	}
}

func ignoreFile(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	file, err := os.Open("Dockerfile.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(lines)
	if err != nil {
		t.Fatal(err)
	}
	return ignored
}

// sources are the files of our module that the program is built of.
func sources(t *testing.T) (names []string) {
	t.Helper()
	const format = `{{if .Module}}{{if .Module.Main}}{{$p := .}}{{range .GoFiles}}{{$p.Dir}}/{{.}}{{"\n"}}{{end}}` +
		`{{range .EmbedFiles}}{{$p.Dir}}/{{.}}{{"\n"}}{{end}}{{range .SFiles}}{{$p.Dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, root, "go", "list", "-deps", "-tags", "nodynamic", "-f", format, "./cmd/charcoal")
	for path := range strings.FieldsSeq(out) {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
	}
	if len(names) < 100 {
		t.Fatalf("the program is of %d files", len(names))
	}
	return names
}
