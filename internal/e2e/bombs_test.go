package e2e

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// Files that are made to hurt end in an error or in art, quickly and in little
// memory. The time is logged and not held, for machines differ; one that hangs is
// killed.
func TestBombs(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range bombs() {
		t.Run(name, func(t *testing.T) { disarm(t, bin, content) })
	}
}

func TestHostileCorpusIsCheap(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Concat(corpus(t, "hostile"), corpus(t, "apng")) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			disarm(t, bin, content)
		})
	}
}

// disarm draws a file, still and moving, in a process of its own.
func disarm(t *testing.T, bin string, content []byte) {
	const mostMemory = 256 << 10 // KiB, as the kernel counts
	path := filepath.Join(t.TempDir(), "bomb")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, frames := range []string{"1", "20"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, bin, "draw", "--cols", "80", "--frames", frames, "--format", "json", path)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		start := time.Now()
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
			t.Fatalf("got %v, want art or exit status 1: %s", err, stderr.String())
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		t.Logf("%s frames: %v, %d MiB: %s", frames, time.Since(start).Round(time.Millisecond), usage.Maxrss>>10, bytes.TrimSpace(stderr.Bytes()))
		if usage.Maxrss > mostMemory {
			t.Errorf("it took %d KiB, want at most %d", usage.Maxrss, mostMemory)
		}
	}
}

// bombs are small files that ask for much.
func bombs() map[string][]byte {
	small := pngChunk("IDAT", deflated(make([]byte, 9), 1))
	return map[string][]byte{
		"JPEG of 65500 × 65500": append([]byte("\xff\xd8\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"),
			"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00\xff\xd9"...),
		"progressive JPEG of 30000 × 30000": append([]byte("\xff\xd8\xff\xc2\x00\x11\x08\x75\x30\x75\x30\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01"),
			"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x00\x00\xff\xd9"...),
		"PNG of 60000 × 60000":       pngBomb(60000, 60000, 1, small),
		"PNG of 30000 × 30000":       pngBomb(30000, 30000, 1, pngChunk("IDAT", deflated(make([]byte, 3751), 30000))),
		"PNG that is all one row":    pngBomb(900_000_000, 1, 8, small),
		"PNG that is all one column": pngBomb(1, 900_000_000, 1, small),
		"PNG larger than it says":    pngBomb(2, 2, 8, pngChunk("IDAT", deflated(make([]byte, 1<<20), 100))),
		"PNG smaller than it says":   pngBomb(20000, 20000, 8, small),
		"PNG without pixels":         pngBomb(0, 100, 8, small),
		"PNG with a text bomb":       pngBomb(2, 2, 8, pngChunk("zTXt", append([]byte("a\x00\x00"), deflated(make([]byte, 1<<20), 100)...)), small),
		"PNG with a profile bomb":    pngBomb(2, 2, 8, pngChunk("iCCP", append([]byte("a\x00\x00"), deflated(make([]byte, 1<<20), 100)...)), small),
		"GIF of 107000 frames":       gifBomb(1, 1, 107_000, 0, 0),
		"GIF of 65535 × 65535":       gifBomb(65535, 65535, 100, 0, 0),
		"GIF with frames outside":    gifBomb(4, 4, 10, 60000, 60000),
		"TIFF that points at itself": []byte("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"),
		"WebP of 16383 × 16383": append([]byte("RIFF\x1a\x00\x00\x00WEBPVP8 \x0e\x00\x00\x00"),
			"\x10\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f\x00\x00\x00\x00"...),
		"BMP of 2000000 × 400": append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"),
			"\x80\x84\x1e\x00\x90\x01\x00\x00\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...),
		"QOI of 30000 × 30000":              []byte("qoif\x00\x00\x75\x30\x00\x00\x75\x30\x04\x00\xfd"),
		"PPM with a header that never ends": append([]byte("P6\n#"), bytes.Repeat([]byte("x"), 8<<20)...),
		"PPM of 30000 × 30000":              []byte("P6 30000 30000 255\n"),
	}
}

func pngBomb(width, height uint32, depth byte, chunks ...[]byte) []byte {
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, depth, 0, 0, 0, 0))...)
	return append(append(b, bytes.Join(chunks, nil)...), pngChunk("IEND", nil)...)
}

func pngChunk(kind string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// deflated compresses so many copies of data.
func deflated(data []byte, times int) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed) // a level that exists
	for range times {
		_, _ = z.Write(data) // a buffer takes everything
	}
	_ = z.Close()
	return b.Bytes()
}

// gifBomb has frames of one pixel at a place.
func gifBomb(width, height uint16, frames int, x, y uint16) []byte {
	number := func(b []byte, n uint16) []byte { return binary.LittleEndian.AppendUint16(b, n) }
	b := number(number([]byte("GIF89a"), width), height)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255) // a palette of two
	frame := number(number([]byte{0x2c}, x), y)
	frame = append(frame, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0)
	return append(append(b, bytes.Repeat(frame, frames)...), 0x3b)
}
