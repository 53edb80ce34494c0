// Package inflate reads zlib streams (RFC 1950) of DEFLATE data (RFC 1951) from
// untrusted sources, faster than the packages for general use: it decodes into large
// buffers of its caller, several literals with one look-up, and copies by word.
package inflate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	// Window is how far back a match may reach (RFC 1951, 2).
	Window = 1 << 15

	maxMatch = 258
	inSize   = 1 << 16
	wordSize = 16  // what is read or written at once
	maxIdle  = 100 // reads without a byte or an error, before it is io.ErrNoProgress
)

// CorruptError says what in a stream cannot be right, and where.
type CorruptError struct {
	Offset int64 // bytes of the stream before it
	Reason string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("zlib: %s at byte %d", e.Reason, e.Offset)
}

// Block is where data is decompressed to: a window of what came before, and room.
type Block [blockSize + wordSize]byte

// blockSize is a power of two, and large beside Window, of which each block holds a
// copy.
const blockSize = 8 * Window

// stage is what comes next in the stream.
type stage uint8

const (
	zlibHeader stage = iota
	blockHeader
	storedBlock
	codedBlock
	trailer
)

// Reader decompresses a stream. Its memory is bounded, whatever the stream claims. It
// serves one goroutine.
type Reader struct {
	src    io.Reader
	srcErr error
	in     [inSize + wordSize]byte
	end    int   // how much of in was read from src, at most inSize
	ip     int   // how much of it has been taken
	offset int64 // bytes of the stream before in

	acc  uint64 // bits that were taken but not used, the next one lowest
	bits uint   // how many

	out   *Block // that the caller gave
	op    int    // where the next byte goes
	start int    // where what matches may refer to begins

	stage  stage
	final  bool // this block is the last
	stored int  // bytes left of a stored block
	err    error
	adler  adler

	literals  litTable
	distances distTable
	fixed     bool // literals and distances are the fixed codes

	own  *Block // for Read, and
	rest []byte // what it holds
}

// NewReader makes a Reader. It reads ahead of the end of the stream.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, adler: newAdler()}
}

// Read implements io.Reader. What is wrong with the stream is told as by Next.
func (z *Reader) Read(p []byte) (int, error) {
	if z.own == nil {
		z.own = new(Block)
	}
	for len(z.rest) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.rest, _ = z.Next(z.own) // the error is kept until its data has been read
	}
	n := copy(p, z.rest)
	z.rest = z.rest[n:]
	return n, nil
}

// Next decompresses into block and returns what is new, a part of block that is
// seldom empty. It must not be changed until Next has been called again, with the same
// block or another one.
//
// The error is io.EOF with the last data, after its checksum was found right; a
// CorruptError; one for which errors.Is(err, io.ErrUnexpectedEOF) holds when the
// stream ends early; or that of the source. Data that comes with an error is good up
// to where the error was found.
func (z *Reader) Next(block *Block) ([]byte, error) {
	if z.err != nil {
		return nil, z.err
	}
	z.turn(block)
	for z.err == nil && z.op <= blockSize-room {
		z.err = z.step()
	}
	data := z.out[Window:z.op]
	if z.err != io.EOF { //nolint:errorlint // ours, never wrapped
		z.adler.add(data)
	}
	return data, z.err
}

// turn goes on in another block, with the history from the one before.
func (z *Reader) turn(block *Block) {
	history := min(z.op-z.start, Window)
	if history > 0 {
		copy(block[Window-history:], z.out[z.op-history:z.op])
	}
	z.out, z.op, z.start = block, Window, Window-history
}

// step decodes some of the stream.
func (z *Reader) step() error {
	switch z.stage {
	case zlibHeader:
		return z.readZlibHeader()
	case blockHeader:
		return z.readBlockHeader()
	case storedBlock:
		return z.copyStored()
	case codedBlock:
		return z.decode()
	default:
		return z.readTrailer()
	}
}

// readZlibHeader reads CMF and FLG (RFC 1950, 2.2).
func (z *Reader) readZlibHeader() error {
	v, err := z.take(16)
	if err != nil {
		return err
	}
	cmf, flg := v&0xff, v>>8
	switch {
	case cmf&15 != 8 || cmf>>4 > 7 || (cmf<<8|flg)%31 != 0:
		return z.corrupt("this is no zlib stream")
	case flg&0x20 != 0:
		return z.corrupt("a preset dictionary is asked for")
	}
	z.stage = blockHeader
	return nil
}

// readBlockHeader reads what comes before the data of a block (RFC 1951, 3.2.3).
func (z *Reader) readBlockHeader() error {
	if z.final {
		z.stage = trailer
		return nil
	}
	v, err := z.take(3)
	if err != nil {
		return err
	}
	z.final = v&1 != 0
	switch v >> 1 {
	case 0:
		z.stage = storedBlock
		return z.readStoredHeader()
	case 1:
		z.stage = codedBlock
		return z.useFixedCodes()
	case 2:
		z.stage = codedBlock
		return z.readCodes()
	}
	return z.corrupt("a block of no known type")
}

func (z *Reader) readStoredHeader() error {
	z.dropBits(z.bits & 7)
	v, err := z.take(32)
	if err != nil {
		return err
	}
	if v&0xffff != v>>16^0xffff {
		return z.corrupt("the length of a stored block is damaged")
	}
	z.stored = int(v & 0xffff)
	z.unread()
	return nil
}

func (z *Reader) copyStored() error {
	if z.stored == 0 {
		z.stage = blockHeader
		return nil
	}
	if z.ip == z.end {
		if err := z.more(); err != nil {
			return err
		}
	}
	n := copy(z.out[z.op:blockSize], z.in[z.ip:min(z.end, z.ip+z.stored)])
	z.ip += n
	z.op += n
	z.stored -= n
	return nil
}

// readTrailer checks the sum of all data. What this buffer holds of it comes first.
func (z *Reader) readTrailer() error {
	z.dropBits(z.bits & 7)
	v, err := z.take(32)
	if err != nil {
		return err
	}
	z.adler.add(z.out[Window:z.op])
	if want := binary.BigEndian.Uint32(binary.LittleEndian.AppendUint32(nil, uint32(v))); z.adler.sum() != want {
		return z.corrupt("the checksum is wrong")
	}
	return io.EOF
}

// take gives the next n bits, at most 32.
func (z *Reader) take(n uint) (uint64, error) {
	if err := z.need(n); err != nil {
		return 0, err
	}
	v := z.acc & (1<<n - 1)
	z.dropBits(n)
	return v, nil
}

// need sees to it that there are at least n bits, at most 56.
func (z *Reader) need(n uint) error {
	if z.bits < n && z.end-z.ip >= 8 {
		z.acc, z.ip, z.bits = z.refilled()
		return nil
	}
	for z.bits < n {
		if z.ip == z.end {
			if err := z.more(); err != nil {
				return err
			}
		}
		z.acc |= uint64(z.in[z.ip]) << z.bits
		z.ip++
		z.bits += 8
	}
	return nil
}

// refilled is what acc, ip and bits are after reading a word: there are 56 bits or
// more. Those above bits are of the byte at ip, and are the same when that is read.
func (z *Reader) refilled() (acc uint64, ip int, bits uint) {
	word := binary.LittleEndian.Uint64(z.in[z.ip:])
	return z.acc | word<<z.bits, z.ip + int(63-z.bits)>>3, z.bits | 56
}

func (z *Reader) dropBits(n uint) {
	z.acc >>= n
	z.bits -= n
}

// unread gives back whole bytes, so that less than eight bits are held.
func (z *Reader) unread() {
	z.ip -= int(z.bits >> 3)
	z.bits &= 7
	z.acc &= 1<<z.bits - 1
}

// more reads from the source at least one byte. What has been taken goes, except for
// eight bytes: so many can be unread.
func (z *Reader) more() error {
	gone := max(0, z.ip-8)
	z.offset += int64(gone)
	z.end = copy(z.in[:], z.in[gone:z.end])
	z.ip -= gone
	for range maxIdle {
		if z.srcErr != nil {
			return z.ended()
		}
		n, err := z.src.Read(z.in[z.end:inSize])
		z.end += n
		z.srcErr = err
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// ended says that the source gave no more.
func (z *Reader) ended() error {
	if errors.Is(z.srcErr, io.EOF) {
		return fmt.Errorf("zlib: the stream ends after %d bytes: %w", z.position(), io.ErrUnexpectedEOF)
	}
	return z.srcErr
}

func (z *Reader) position() int64 { return z.offset + int64(z.ip) - int64(z.bits>>3) }

func (z *Reader) corrupt(reason string) error {
	return &CorruptError{z.position(), reason}
}
