package png

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/png"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
)

// FuzzDecode compares with image/png: what that takes, we take, with the same pixels. A
// reduced picture has its size, and comes with the same error as the whole one.
func FuzzDecode(f *testing.F) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range kinds() {
		s.width, s.height, s.interlaced = 1+rnd.IntN(12), 1+rnd.IntN(12), rnd.IntN(2) == 0
		f.Add(s.generate(rnd), byte(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, k byte) {
		mend(data)
		c, err := ReadConfig(bytes.NewReader(data))
		if err != nil || int64(c.Width)*int64(c.Height) > 1<<18 {
			return
		}
		got, err := decode(data, 1)
		want, wantErr := png.Decode(bytes.NewReader(data))
		switch {
		case wantErr == nil && err != nil:
			t.Fatalf("got error %v", err)
		case wantErr == nil && !reflect.DeepEqual(got, want):
			t.Fatalf("got a different picture, a %T of %v, want a %T of %v", got, got.Bounds(), want, want.Bounds())
		}
		lookAt(got)
		small, smallErr := decode(data, int(k)+1)
		if !reflect.DeepEqual(smallErr, err) && !errors.Is(smallErr, io.ErrUnexpectedEOF) || (small == nil) != (got == nil) {
			t.Fatalf("reduced by %d: got picture %v and error %v, whole %v and %v", int(k)+1, small != nil, smallErr, got != nil, err)
		}
	})
}

// mend makes checksums right, which fuzzing cannot.
func mend(data []byte) {
	for at := len(signature); at+12 <= len(data); {
		n := int(binary.BigEndian.Uint32(data[at:]))
		if n < 0 || n > len(data)-at-12 {
			return
		}
		binary.BigEndian.PutUint32(data[at+8+n:], crc32.ChecksumIEEE(data[at+4:at+8+n]))
		at += 12 + n
	}
}
