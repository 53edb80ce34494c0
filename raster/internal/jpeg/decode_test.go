package jpeg

import (
	"bytes"
	"cmp"
	"fmt"
	"go/build"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// files calls f with every JPEG of Go's own test data and of the corpus.
func files(t *testing.T, f func(t *testing.T, file []byte)) {
	corpus := cmp.Or(os.Getenv("CHARCOAL_CORPUS"), "../../../../shared/corpus")
	var names []string
	for _, pattern := range []string{
		filepath.Join(build.Default.GOROOT, "src/image/testdata/*.jpeg"),
		"testdata/*.jpg",
		filepath.Join(corpus, "*/*.jpg"), filepath.Join(corpus, "*/*.jpeg"),
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		t.Skip("neither Go's test data nor a corpus of pictures is here")
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f(t, file)
		})
	}
}

func TestWholeIsAsImageJPEG(t *testing.T) {
	files(t, func(t *testing.T, file []byte) {
		want, err := stdjpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Skip("nothing to compare with, image/jpeg:", err) // the corpus has damaged files, which the peer refuses as well
		}
		got, err := Decode(t.Context(), bytes.NewReader(file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, got, want)
	})
}

// wantSame checks that pictures have one type and size, and that their samples
// differ by one level at most.
func wantSame(t *testing.T, got, want image.Image) {
	t.Helper()
	if err := compare(got, want); err != nil {
		t.Error(err)
	}
}

func compare(got, want image.Image) error {
	if g, w := reflect.TypeOf(got), reflect.TypeOf(want); g != w {
		return fmt.Errorf("got a %v, want a %v", g, w)
	}
	if got.Bounds() != want.Bounds() {
		return fmt.Errorf("got %v, want %v", got.Bounds(), want.Bounds())
	}
	if g, ok := got.(*image.YCbCr); ok {
		if w := want.(*image.YCbCr); g.SubsampleRatio != w.SubsampleRatio {
			return fmt.Errorf("got %v, want %v", g.SubsampleRatio, w.SubsampleRatio)
		}
	}
	b := got.Bounds()
	worst := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			g, w := samplesAt(got, x, y), samplesAt(want, x, y)
			for i := range g {
				worst = max(worst, g[i]-w[i], w[i]-g[i])
			}
		}
	}
	limit := 1
	if _, ok := got.(*image.CMYK); ok {
		limit = 3 // YCCK is converted, which makes of one level of chroma nearly two
	}
	if worst > limit {
		return fmt.Errorf("samples differ by up to %d", worst)
	}
	return nil
}

// samplesAt returns what is stored of a pixel.
func samplesAt(img image.Image, x, y int) [4]int {
	switch c := img.At(x, y).(type) {
	case color.Gray:
		return [4]int{int(c.Y)}
	case color.YCbCr:
		return [4]int{int(c.Y), int(c.Cb), int(c.Cr)}
	case color.RGBA:
		return [4]int{int(c.R), int(c.G), int(c.B), int(c.A)}
	case color.CMYK:
		return [4]int{int(c.C), int(c.M), int(c.Y), int(c.K)}
	default:
		panic(fmt.Sprintf("a pixel is a %T", c))
	}
}

// TestReducedIsNearlyTheMean compares reduced pictures to the means of squares of
// the whole one.
func TestReducedIsNearlyTheMean(t *testing.T) {
	files(t, func(t *testing.T, file []byte) {
		if _, err := stdjpeg.Decode(bytes.NewReader(file)); err != nil {
			t.Skip("not a whole picture, image/jpeg:", err) // the corpus has damaged files
		}
		whole, err := Decode(t.Context(), bytes.NewReader(file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{2, 4, 8} {
			got, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: k})
			if err != nil {
				t.Fatal(err)
			}
			rms, worst := meanError(t, got, whole, k)
			t.Logf("1/%d: rms %.2f, worst %.0f", k, rms, worst)
			if rms > 4 {
				t.Errorf("1/%d: the root mean square error is %.2f levels", k, rms)
			}
		}
	})
}

// meanError returns the root mean square and the largest difference of the
// samples of got to the means of squares of whole.
func meanError(t *testing.T, got, whole image.Image, k int) (rms, worst float64) {
	t.Helper()
	b, w := got.Bounds(), whole.Bounds()
	if b.Dx() != ceilDiv(w.Dx(), k) || b.Dy() != ceilDiv(w.Dy(), k) {
		t.Fatalf("1/%d of %v is %v", k, w, b)
	}
	sum, n := 0.0, 0
	for y := range b.Dy() {
		for x := range b.Dx() {
			square := image.Rect(x*k, y*k, (x+1)*k, (y+1)*k)
			if !square.In(w) {
				continue // the file stores more of it than the whole picture shows
			}
			mean := meanOf(whole, square)
			for i, v := range samplesAt(got, x, y) {
				diff := math.Abs(float64(v) - mean[i])
				sum, n, worst = sum+diff*diff, n+1, max(worst, diff)
			}
		}
	}
	return math.Sqrt(sum / float64(n)), worst
}

func meanOf(img image.Image, r image.Rectangle) (mean [4]float64) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for i, v := range samplesAt(img, x, y) {
				mean[i] += float64(v) / float64(r.Dx()*r.Dy())
			}
		}
	}
	return mean
}
