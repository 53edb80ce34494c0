package inflate

import "encoding/binary"

const (
	// room is how much of the output must be free for one symbol: the longest match,
	// and what copying by words writes behind it.
	room = maxMatch + 32

	// ahead is how much input the fast loop needs: two refills.
	ahead = 16
)

// decode decodes symbols of a block until the block or the room ends.
func (z *Reader) decode() error {
	for z.stage == codedBlock && z.op <= blockSize-room {
		if z.end-z.ip < ahead && z.srcErr == nil {
			if err := z.more(); err != nil && z.srcErr == nil {
				return err
			}
			continue
		}
		decode := z.decodeOne
		if z.end-z.ip >= ahead {
			decode = z.decodeFast
		}
		if err := decode(); err != nil {
			return err
		}
	}
	return nil
}

// decodeOne decodes a symbol without reading beyond it: plain, for the end of the
// stream and for what is rare, and the twin of decodeFast in tests.
func (z *Reader) decodeOne() error {
	symbol, err := z.symbol(&z.literals.code)
	if err != nil {
		return err
	}
	switch {
	case symbol < endOfBlock:
		z.out[z.op] = byte(symbol)
		z.op++
		return nil
	case symbol == endOfBlock:
		z.stage = blockHeader
		return nil
	}
	length, err := z.span(lengthSpans[:], int(symbol)-endOfBlock-1)
	if err != nil {
		return err
	}
	distance, err := z.distance()
	if err != nil {
		return err
	}
	if distance > z.op-z.start {
		return z.corrupt("a match begins before the data")
	}
	for range length {
		z.out[z.op] = z.out[z.op-distance]
		z.op++
	}
	return nil
}

// distance decodes a distance.
func (z *Reader) distance() (int, error) {
	symbol, err := z.symbol(&z.distances.code)
	if err != nil {
		return 0, err
	}
	return z.span(distanceSpans[:], int(symbol))
}

// span reads the extra bits of a length or distance.
func (z *Reader) span(spans []span, i int) (int, error) {
	if i >= len(spans) {
		return 0, z.corrupt("a code means nothing")
	}
	v, err := z.take(uint(spans[i].extra))
	return int(spans[i].least) + int(v), err
}

// decodeFast decodes symbols while there is input and room enough for not to look at
// either within a symbol. It stops at what is rare, which it leaves to decodeOne.
//
// Indexes are masked where that cannot change them, which spares the bounds checks.
//
//nolint:funlen,cyclop,nestif // one loop, so that its variables stay in registers
func (z *Reader) decodeFast() error {
	var (
		in, ip    = &z.in, uint(z.ip)
		out, op   = z.out, uint(z.op)
		acc, bits = z.acc, z.bits
		literals  = &z.literals.table
		distances = &z.distances.table
		lastIn    = uint(z.end - ahead)
	)
	for ip <= lastIn && op <= blockSize-room {
		// At least 56 bits: three look-ups of literals, and 20 bits for any symbol with
		// its extra bits. What is above them in acc is of the byte at ip, and is the same
		// when that is read again.
		acc |= binary.LittleEndian.Uint64(in[ip&(inSize-1):]) << (bits & 63)
		ip += (63 - bits) >> 3
		bits |= 56

		e := literals[acc&(1<<litBits-1)]
		if e&litCount != 0 {
			binary.LittleEndian.PutUint32(out[op&(blockSize-1):], e>>8)
			op += uint(e >> 6 & 3)
			acc >>= e & 63
			bits -= uint(e & 63)
			if e = literals[acc&(1<<litBits-1)]; e&litCount != 0 {
				binary.LittleEndian.PutUint32(out[op&(blockSize-1):], e>>8)
				op += uint(e >> 6 & 3)
				acc >>= e & 63
				bits -= uint(e & 63)
				if e = literals[acc&(1<<litBits-1)]; e&litCount != 0 {
					binary.LittleEndian.PutUint32(out[op&(blockSize-1):], e>>8)
					op += uint(e >> 6 & 3)
					acc >>= e & 63
					bits -= uint(e & 63)
					if e = literals[acc&(1<<litBits-1)]; e&litCount != 0 {
						binary.LittleEndian.PutUint32(out[op&(blockSize-1):], e>>8)
						op += uint(e >> 6 & 3)
						acc >>= e & 63
						bits -= uint(e & 63)
						continue
					}
				}
			}
		}
		if e&rare != 0 {
			if e = z.literals.long(acc); e&rare != 0 {
				z.leave(ip, op, acc, bits)
				return z.decodeOne()
			}
			if e&litCount != 0 {
				out[op&(blockSize-1)] = byte(e >> 8)
				op++
				acc >>= e & 63
				bits -= uint(e & 63)
				continue
			}
		}
		length := uint(e>>8&0x1ff) + uint(acc>>(e>>17&15))&(1<<(e>>21&7)-1)
		acc >>= e & 63
		bits -= uint(e & 63)

		acc |= binary.LittleEndian.Uint64(in[ip&(inSize-1):]) << (bits & 63)
		ip += (63 - bits) >> 3
		bits |= 56
		e = distances[acc&(1<<distBits-1)]
		if e&rare != 0 {
			if e = z.distances.long(acc); e&rare != 0 {
				z.leave(ip, op, acc, bits)
				return z.corrupt("a code means nothing")
			}
		}
		distance := uint(e>>8&0x7fff) + uint(acc>>(e>>23&15))&(1<<(e>>27&15)-1)
		acc >>= e & 63
		bits -= uint(e & 63)
		if op-distance < uint(z.start) || op-distance > op {
			z.leave(ip, op, acc, bits)
			return z.corrupt("a match begins before the data")
		}
		from, end := op-distance, op+length
		if distance < 16 {
			out.repeat(op, distance, end)
			op = end
			continue
		}
		for {
			*(*[16]byte)(out[op&(blockSize-1):]) = *(*[16]byte)(out[from&(blockSize-1):])
			op += 16
			from += 16
			if op >= end {
				break
			}
		}
		op = end
	}
	z.leave(ip, op, acc, bits)
	return nil
}

// leave puts back what decodeFast has in variables.
func (z *Reader) leave(ip, op uint, acc uint64, bits uint) {
	z.ip, z.op, z.acc, z.bits = int(ip), int(op), acc, bits
	z.unread()
}

// repeat writes at op, up to end and at most 15 bytes more, what stands a distance of
// less than 16 before. Reading what has just been written is slow, so for the shortest
// distances a word is made that holds as much as fits of the bytes over and over.
func (out *Block) repeat(op, distance, end uint) {
	if distance >= 8 {
		for ; op < end; op += 8 {
			word := binary.LittleEndian.Uint64(out[(op-distance)&(blockSize-1):])
			binary.LittleEndian.PutUint64(out[op&(blockSize-1):], word)
		}
		return
	}
	n := 8 * distance
	word := binary.LittleEndian.Uint64(out[(op-distance)&(blockSize-1):]) & (1<<n - 1)
	word |= word << n
	word |= word << (2 * n)
	word |= word << (4 * n)
	for step := 8 - 8%distance; op < end; op += step {
		binary.LittleEndian.PutUint64(out[op&(blockSize-1):], word)
	}
}
