package inflate

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// inflateAll reads a stream to its end or to what is wrong with it.
func inflateAll(src io.Reader) ([]byte, error) {
	z, blocks := NewReader(src), [2]Block{}
	var all []byte
	for i := 0; ; i++ {
		data, err := z.Next(&blocks[i%2])
		all = append(all, data...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

// inflatePlainly is the twin that decodes symbol by symbol.
func inflatePlainly(src io.Reader) ([]byte, error) {
	z, block := NewReader(src), new(Block)
	z.turn(block)
	var all []byte
	for {
		if z.op > blockSize-room {
			all = append(all, block[Window:z.op]...)
			z.adler.add(block[Window:z.op])
			z.turn(block)
		}
		step := z.step
		if z.stage == codedBlock {
			step = z.decodeOne
		}
		if err := step(); err != nil {
			all = append(all, block[Window:z.op]...)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
	}
}

func compress(data []byte, level int) []byte {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

// samples are data of many kinds.
func samples() map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	all := map[string][]byte{"nothing": nil, "a byte": {7}}
	noise := make([]byte, 250_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	all["noise"] = noise
	// The rarest bytes get codes of 15 bits.
	var fibonacci []byte
	for i, n, m := 0, 1, 1; len(fibonacci) < 100_000; i, n, m = i+1, m, n+m {
		fibonacci = append(fibonacci, bytes.Repeat([]byte{byte(i)}, n)...)
	}
	rnd.Shuffle(len(fibonacci), func(i, j int) { fibonacci[i], fibonacci[j] = fibonacci[j], fibonacci[i] })
	all["long codes"] = fibonacci
	for _, period := range []int{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, Window, Window + 1} {
		all[fmt.Sprintf("period %d", period)] = bytes.Repeat(noise[:period], 250_000/period)
	}
	// What a filtered photograph looks like: small differences and matches.
	photo := make([]byte, 250_000)
	for i := range photo {
		photo[i] = byte(rnd.NormFloat64() * 9)
		if n := rnd.IntN(40); n > 3 && i > 5000 && i+n < len(photo) && rnd.IntN(60) == 0 {
			copy(photo[i:], photo[i-n*100:][:n])
		}
	}
	all["photograph"] = photo
	return all
}

func TestInflatesWhatWasCompressed(t *testing.T) {
	for name, want := range samples() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 6} {
			t.Run(fmt.Sprintf("%s at level %d", name, level), func(t *testing.T) {
				stream := compress(want, level)
				sources := map[string]io.Reader{
					"whole":     bytes.NewReader(stream),
					"by halves": iotest.HalfReader(bytes.NewReader(stream)),
					"with EOF":  iotest.DataErrReader(bytes.NewReader(stream)),
					"and more":  io.MultiReader(bytes.NewReader(stream), bytes.NewReader(stream)),
				}
				for how, src := range sources {
					if got, err := inflateAll(src); err != nil || !bytes.Equal(got, want) {
						t.Errorf("%s: got %d bytes and %v, want %d", how, len(got), err, len(want))
					}
				}
				if got, err := inflatePlainly(bytes.NewReader(stream)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("plainly: got %d bytes and %v, want %d", len(got), err, len(want))
				}
				if got, err := io.ReadAll(NewReader(bytes.NewReader(stream))); err != nil || !bytes.Equal(got, want) {
					t.Errorf("as a Reader: got %d bytes and %v, want %d", len(got), err, len(want))
				}
			})
		}
	}
}

func TestAByteAtATime(t *testing.T) {
	want := samples()["photograph"][:20_000]
	got, err := inflateAll(iotest.OneByteReader(bytes.NewReader(compress(want, 6))))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes and %v, want %d", len(got), err, len(want))
	}
}

// TestEndsEarly cuts a stream of all kinds of blocks at every byte.
func TestEndsEarly(t *testing.T) {
	all := samples()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	var want []byte
	for _, part := range [][]byte{all["photograph"][:3000], all["noise"][:500], all["period 3"][:1000], []byte("fixed")} {
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		want = append(want, part...)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	stream, before := b.Bytes(), 0
	for n := range stream {
		got, err := inflateAll(bytes.NewReader(stream[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("after %d bytes: got error %v", n, err)
		}
		if !bytes.HasPrefix(want, got) || len(got) < before {
			t.Fatalf("after %d bytes: got %d bytes, which are wrong or fewer than before", n, len(got))
		}
		before = len(got)
	}
	if before != len(want) {
		t.Errorf("without the last byte: got %d bytes, want %d", before, len(want))
	}
}

// bitWriter writes bits as RFC 1951, 3.1.1, packs them.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) bits(v uint64, n int) *bitWriter {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
	return w
}

// deflate begins a zlib stream.
func deflate() *bitWriter { return &bitWriter{b: []byte{0x78, 0x9c}, n: 16} }

// described begins a block with codes of its own, whose code of code lengths has the
// given lengths in the order of the file.
func described(literals, distances uint64, lengths ...uint64) *bitWriter {
	w := deflate().bits(1, 1).bits(2, 2).bits(literals-257, 5).bits(distances-1, 5).bits(uint64(len(lengths)-4), 4)
	for _, n := range lengths {
		w.bits(n, 3)
	}
	return w
}

func TestCorrupt(t *testing.T) {
	wrongSum := compress([]byte("text"), 6)
	wrongSum[len(wrongSum)-1]++
	tests := []struct {
		name   string
		stream []byte
		want   string
	}{
		{"no zlib", []byte("PK"), "this is no zlib stream"},
		{"another method", []byte{0x79, 0x9c - 6}, "this is no zlib stream"},
		{"a window too large", []byte{0x88, 0x1c}, "this is no zlib stream"},
		{"a dictionary", []byte{0x78, 0xbb}, "a preset dictionary is asked for"},
		{"block type 3", deflate().bits(1, 1).bits(3, 2).b, "a block of no known type"},
		{"stored length", append(deflate().bits(0, 3).b, 5, 0, 5, 0), "the length of a stored block is damaged"},
		{"287 literals", described(287, 1, 0, 0, 0, 0).bits(0, 40).b, "a block has codes for too many symbols"},
		{"31 distances", described(257, 31, 0, 0, 0, 0).bits(0, 40).b, "a block has codes for too many symbols"},
		{"too many short codes", described(257, 1, 1, 1, 1, 1).bits(0, 40).b, "the code of code lengths is impossible"},
		{"codes left over", described(257, 1, 2, 2, 2, 0).bits(0, 40).b, "the code of code lengths is impossible"},
		{"nothing to repeat", described(257, 1, 1, 1, 0, 0).bits(0, 40).b, "code lengths run out of their place"},
		{"zeros beyond the end", described(257, 1, 0, 0, 1, 1).bits(0xffff_ffff, 32).bits(0xffff_ffff, 32).b, "code lengths run out of their place"},
		{"a code length of no code", described(257, 1, 0, 0, 1, 0).bits(0xffff_ffff, 32).b, "a code means nothing"},
		{"literal 286", deflate().bits(1, 1).bits(1, 2).bits(0b01100011, 8).bits(0, 40).b, "a code means nothing"},
		{"distance 30", deflate().bits(1, 1).bits(1, 2).bits(0b0001100, 8).bits(0b1000000, 7).bits(0b01111, 5).bits(0, 40).b, "a code means nothing"},
		{"before the data", deflate().bits(1, 1).bits(1, 2).bits(0b0001100, 8).bits(0b1000000, 7).bits(0b10000, 5).bits(0, 200).b, "a match begins before the data"},
		{"a wrong checksum", wrongSum, "the checksum is wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := zlibAll(tt.stream); err == nil {
				t.Fatal("the standard library takes it")
			}
			for _, inflate := range []func(io.Reader) ([]byte, error){inflateAll, inflatePlainly} {
				// What follows lets the fast loop run, too.
				for _, more := range []int{0, 1000} {
					_, err := inflate(bytes.NewReader(append(bytes.Clone(tt.stream), make([]byte, more)...)))
					if c, ok := errors.AsType[*CorruptError](err); !ok || c.Reason != tt.want || c.Offset > int64(len(tt.stream)) {
						t.Errorf("with %d bytes more: got %v, want %q within %d bytes", more, err, tt.want, len(tt.stream))
					}
				}
			}
		})
	}
}

// A block of ten bits that holds nothing must not cost the making of its tables: a
// megabyte of such blocks would take half a minute.
func TestFixedCodesAreMadeOnce(t *testing.T) {
	z := NewReader(nil)
	for range 2 {
		if err := z.useFixedCodes(); err != nil {
			t.Fatal(err)
		}
		z.literals.table[0] = 0 // which no code makes
	}
	if z.literals.table[0] != 0 {
		t.Error("the tables of fixed codes are made again for the next block")
	}
}

// Blocks of fixed codes hold the same before and after one with codes of its own.
func TestFixedCodesComeBack(t *testing.T) {
	w := deflate()
	fixed := func() { w.bits(0b010, 3).bits(0b10001110, 8).bits(0, 7) } // "A", first bit lowest
	for range 3 {
		fixed()
		fixed()
		// Codes of one bit for the end of the block and for no distance.
		w.bits(0b100, 3).bits(0, 5).bits(0, 5).bits(14, 4)
		for _, n := range []uint64{0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2} {
			w.bits(n, 3)
		}
		w.bits(0, 1).bits(127, 7).bits(0, 1).bits(107, 7).bits(0b11, 2).bits(0b01, 2).bits(0, 1)
	}
	w.bits(0b011, 3).bits(0, 7)
	stream := append(w.b, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(stream[len(stream)-4:], adler32.Checksum([]byte("AAAAAA")))
	if want, err := zlibAll(stream); err != nil || string(want) != "AAAAAA" {
		t.Fatalf("the standard library gives %q and %v", want, err)
	}
	for _, inflate := range []func(io.Reader) ([]byte, error){inflateAll, inflatePlainly} {
		if got, err := inflate(bytes.NewReader(stream)); err != nil || string(got) != "AAAAAA" {
			t.Errorf("got %q and %v", got, err)
		}
	}
}

func zlibAll(stream []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestErrorOfTheSource(t *testing.T) {
	data := samples()["photograph"]
	stream := compress(data, 6)
	failed := errors.New("the disk is gone")
	got, err := inflateAll(io.MultiReader(bytes.NewReader(stream[:1000]), iotest.ErrReader(failed)))
	if !errors.Is(err, failed) || len(got) < 500 || !bytes.HasPrefix(data, got) {
		t.Errorf("got %d bytes and %v, want what there is and %v", len(got), err, failed)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestIdleSourceIsGivenUp(t *testing.T) {
	for n := range 40 {
		stream := compress(samples()["photograph"][:100], 6)
		if _, err := inflateAll(io.MultiReader(bytes.NewReader(stream[:n]), idle{})); !errors.Is(err, io.ErrNoProgress) {
			t.Fatalf("after %d bytes: got %v, want %v", n, err, io.ErrNoProgress)
		}
	}
}

func TestAdler(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, most := range []uint32{1, 256} {
		data := make([]byte, adlerBlock+1000)
		for i := range data {
			data[i] = 0xff - byte(rnd.Uint32N(most))
		}
		for n := 0; n <= len(data); n += 1 + n/50 {
			got := newAdler()
			got.add(data[:n/3])
			got.add(data[n/3 : n])
			if want := adler32.Checksum(data[:n]); got.sum() != want {
				t.Fatalf("%d bytes: got %08x, want %08x", n, got.sum(), want)
			}
			if n > adlerBlock {
				continue
			}
			block := data[:n&^(adlerUnit-1)]
			sum, weighted := adlerSums(block)
			if plainSum, plainWeighted := adlerSumsPlain(block); sum != plainSum || weighted != plainWeighted {
				t.Fatalf("%d bytes: got sums %d and %d, plainly %d and %d", n, sum, weighted, plainSum, plainWeighted)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, data := range samples() {
		f.Add(compress(data[:min(len(data), 2000)], 6))
	}
	f.Add(described(257, 1, 0, 0, 1, 1).bits(0xffff_ffff, 32).b)
	f.Add(append(deflate().bits(0, 3).b, 5, 0, 5, 0))
	f.Fuzz(func(t *testing.T, stream []byte) {
		want, wantErr := zlibAll(stream)
		got, err := inflateAll(bytes.NewReader(stream))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got error %v, want %v", err, wantErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("got %d bytes, which differ from %d", len(got), len(want))
		}
		plain, plainErr := inflatePlainly(bytes.NewReader(stream))
		if !bytes.Equal(got, plain) || reason(err) != reason(plainErr) {
			t.Errorf("got %d bytes and %v, plainly %d and %v", len(got), err, len(plain), plainErr)
		}
	})
}

// reason is what is wrong, without the place: the twins notice it at different bits.
func reason(err error) string {
	if c, ok := errors.AsType[*CorruptError](err); ok {
		return c.Reason
	}
	return fmt.Sprint(err)
}

func BenchmarkInflate(b *testing.B) {
	all := samples()
	large := map[string][]byte{
		"photograph":  bytes.Repeat(all["photograph"], 8),
		"one colour":  make([]byte, 4_000_000),
		"three bytes": bytes.Repeat([]byte{1, 2, 3}, 1_300_000),
	}
	for name, data := range large {
		stream := compress(data, 6)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			block := new(Block)
			for b.Loop() {
				z := NewReader(bytes.NewReader(stream))
				for {
					if _, err := z.Next(block); err != nil {
						break
					}
				}
			}
		})
		b.Run(name+" by compress/zlib", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := zlibAll(stream); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAdler(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		s := newAdler()
		s.add(data)
	}
}
