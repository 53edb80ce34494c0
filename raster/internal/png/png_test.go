package png

import (
	"bytes"
	"go/build"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func corpus() string {
	if dir := os.Getenv("CHARCOAL_CORPUS"); dir != "" {
		return dir
	}
	return "../../../../shared/corpus"
}

func TestFiles(t *testing.T) {
	for _, root := range []string{filepath.Join(build.Default.GOROOT, "src/image/png/testdata"), corpus()} {
		if _, err := os.Stat(root); err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && (strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".apng")) {
				t.Run(path, func(t *testing.T) {
					data, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					checkSame(t, data)
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkSame(t *testing.T, data []byte) {
	t.Helper()
	want, wantErr := png.Decode(bytes.NewReader(data))
	got, err := Decode(t.Context(), bytes.NewReader(data), Options{})
	if wantErr != nil {
		t.Logf("std: %v; ours: %v", wantErr, err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got another picture, of type %T, want %T", got, want)
	}
}

func BenchmarkMosaic(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(os.Getenv("PNGBENCH"), "mosaic.png"))
	if err != nil {
		b.Skip(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(b.Context(), bytes.NewReader(data), Options{Reduction: 8}); err != nil {
			b.Fatal(err)
		}
	}
}
