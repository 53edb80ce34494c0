package charcoal_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/charcoal-art/charcoal"

// layers is the table of who may import whom, from the top down: a package may
// import only what its row names, and only packages of rows below its own. The
// root package is ".". What is outside the module is not its business, except
// for the hermetic packages.
var layers = []layer{
	{"cmd/charcoal", "internal/cli internal/app internal/execengine"},
	{"internal/cli", "client internal/load internal/account internal/config internal/doctor internal/move internal/engines internal/nativeengine internal/buildinfo internal/nearest . ascii ascii/format ascii/glyph ascii/score ascii/target raster"},

	{"internal/load", "client"},

	{"client", ""},

	{"scripts/peers", ""},
	{"scripts/simulate", ""},
	{"scripts/sheet", "ascii/glyph"},

	{"internal/app", "internal/api internal/api/room internal/api/v2 internal/worker internal/convert internal/account internal/events internal/fairuse " +
		"internal/hooks internal/outbound internal/clientaddr internal/engines internal/config internal/doctor internal/move internal/buildinfo " +
		"internal/sqlite internal/fileblob internal/memqueue internal/postgres internal/s3blob internal/kafkaqueue internal/postgresqueue ."},

	{"internal/engines", "internal/config internal/nativeengine internal/execengine . ascii raster"},

	{"internal/api", "internal/api/v2 internal/api/problem internal/api/room internal/api/caller internal/convert internal/account internal/fairuse internal/clientaddr . ascii ascii/format"},
	{"internal/api/v2", "internal/api/problem internal/api/room internal/api/caller internal/api/schema internal/convert internal/account internal/fairuse internal/events internal/hooks internal/outbound . ascii ascii/format ascii/target"},
	{"internal/api/problem", "internal/api/caller ."},
	{"internal/api/caller", "internal/clientaddr ."},
	{"internal/api/room", "."},
	{"internal/api/schema", "internal/nearest"},
	{"internal/worker", "internal/convert ."},

	{"internal/convert", ". ascii ascii/format"},
	{"internal/account", "internal/clientaddr ."},
	{"internal/fairuse", "internal/clientaddr ."},
	{"internal/events", "."},
	{"internal/hooks", "."},

	{"internal/sqlite", "internal/move internal/search . ascii"},
	{"internal/postgres", "internal/move internal/search . ascii"},
	{"internal/fileblob", "."},
	{"internal/memqueue", "."},
	{"internal/s3blob", "."},
	{"internal/postgresqueue", "."},
	{"internal/kafkaqueue", "."},
	{"internal/outbound", "."},
	{"internal/nativeengine", ". ascii ascii/score raster"},
	{"internal/execengine", ". ascii ascii/format raster"},
	{"internal/conformance", ". ascii"},
	{"internal/search", "."},
	{"internal/testservers", ""},
	{"internal/doctor", ""},
	{"internal/move", "."},

	{"internal/config", "internal/nearest"},
	{"internal/clientaddr", ""},
	{"internal/buildinfo", ""},
	{"internal/nearest", ""},

	{".", "ascii"},

	{"ascii/format", "ascii ascii/glyph"},
	{"ascii/score", "ascii ascii/glyph"},
	{"ascii/target", "ascii"},
	{"ascii", "ascii/glyph"},
	{"ascii/glyph", ""},
	{"raster", "raster/internal/avif raster/internal/bmp raster/internal/icc raster/internal/ico raster/internal/jpeg raster/internal/png raster/internal/pnm raster/internal/qoi raster/internal/vp8"},
	{"raster/internal/avif", ""},
	{"raster/internal/icc", ""},
	{"raster/internal/jpeg", ""},
	{"raster/internal/vp8", ""},
	{"raster/internal/qoi", "raster/internal/reduce"},
	{"raster/internal/pnm", "raster/internal/reduce"},
	{"raster/internal/ico", "raster/internal/bmp raster/internal/reduce"},
	{"raster/internal/bmp", "raster/internal/reduce"},
	{"raster/internal/png", "raster/internal/inflate raster/internal/reduce"},
	{"raster/internal/inflate", ""},
	{"raster/internal/reduce", ""},
}

type layer struct{ pkg, mayImport string }

// forbidden are the packages of the world that hermetic ones must not import:
// no files, network, processes or logs. Package time is allowed for its Duration;
// the clock is not used.
var forbidden = []string{"os", "net", "log", "syscall", "unsafe", "plugin", "os/exec", "log/slog", "net/http", "math/rand", "math/rand/v2"}

var hermetic = []string{"ascii", "ascii/format", "ascii/score", "ascii/target", "ascii/glyph", "raster", "raster/internal/avif", "raster/internal/icc", "raster/internal/jpeg", "raster/internal/vp8", "raster/internal/qoi", "raster/internal/pnm", "raster/internal/bmp", "raster/internal/ico"}

func TestImportsPointDown(t *testing.T) {
	for _, v := range violations(t, os.DirFS("."), layers) {
		t.Error(v)
	}
}

// TestLayersTestFails shows that the test above can fail.
func TestLayersTestFails(t *testing.T) {
	table := []layer{{"top", "bottom"}, {"bottom", "bottom/up"}, {"ascii", ""}}
	file := func(imports ...string) *fstest.MapFile {
		src := "package p\n"
		for _, i := range imports {
			src += fmt.Sprintf("import _ %q\n", i)
		}
		return &fstest.MapFile{Data: []byte(src)}
	}
	tests := []struct {
		name string
		tree fstest.MapFS
		want string
	}{
		{"down", fstest.MapFS{"top/a.go": file(module + "/bottom")}, ""},
		{"up", fstest.MapFS{"bottom/a.go": file(module + "/top")}, "bottom imports top, which its row does not name"},
		{"itself in a test", fstest.MapFS{"bottom/a_test.go": file(module + "/top")}, ""},
		{"no row", fstest.MapFS{"new/a.go": file()}, "new has no row in the table of layers"},
		{"a file system in the engine", fstest.MapFS{"ascii/a.go": file("os")}, "ascii is hermetic and imports os"},
		{"test data", fstest.MapFS{"top/testdata/a.go": file(module + "/top")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(violations(t, tt.tree, table), "; "); got != tt.want {
				t.Errorf("violations: got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a row that points up", func(t *testing.T) {
		upside := []layer{{"bottom", ""}, {"top", "bottom"}}
		got := violations(t, fstest.MapFS{"top/a.go": file(module + "/bottom")}, upside)
		if want := "the row of top names bottom, which does not stand below it"; len(got) != 1 || got[0] != want {
			t.Errorf("violations: got %q, want %q", got, want)
		}
	})
}

// violations returns what in the tree breaks the table, one sentence each.
func violations(t *testing.T, tree fs.FS, table []layer) []string {
	t.Helper()
	var found []string
	imports := importsOf(t, tree)
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		row := slices.IndexFunc(table, func(l layer) bool { return l.pkg == pkg })
		if row < 0 {
			found = append(found, pkg+" has no row in the table of layers")
			continue
		}
		allowed := strings.Fields(table[row].mayImport)
		for _, imported := range imports[pkg] {
			if own, ok := ownPackage(imported); ok && !slices.Contains(allowed, own) {
				found = append(found, fmt.Sprintf("%s imports %s, which its row does not name", pkg, own))
			}
			if slices.Contains(hermetic, pkg) && slices.Contains(forbidden, imported) {
				found = append(found, fmt.Sprintf("%s is hermetic and imports %s", pkg, imported))
			}
		}
		for _, own := range allowed {
			if slices.ContainsFunc(table[:row], func(l layer) bool { return l.pkg == own }) {
				found = append(found, fmt.Sprintf("the row of %s names %s, which does not stand below it", pkg, own))
			}
		}
	}
	return found
}

// importsOf reads what each package of the tree imports, leaving out tests: they
// may reach up, to be set up as the program is.
func importsOf(t *testing.T, tree fs.FS) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (name == "tools" || path.Base(name) == "testdata" || strings.HasPrefix(name, ".") && name != ".") {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		imports[pkg] = append(imports[pkg], []string{}...)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[pkg] = append(imports[pkg], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range imports {
		slices.Sort(imports[pkg])
		imports[pkg] = slices.Compact(imports[pkg])
	}
	return imports
}

// ownPackage returns the path of an import inside the module.
func ownPackage(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}
