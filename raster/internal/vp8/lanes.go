package vp8

import "encoding/binary"

// Four or eight pixels are worked on at a time in the bytes, or the 16-bit lanes, of
// one integer.

const (
	everyByte = 0x0101010101010101
	everyLane = 0x0001000100010001
	evenBytes = 0x00ff00ff00ff00ff
)

func load4(p []uint8) uint32     { return binary.LittleEndian.Uint32(p) }
func load8(p []uint8) uint64     { return binary.LittleEndian.Uint64(p) }
func store4(p []uint8, v uint32) { binary.LittleEndian.PutUint32(p, v) }
func store8(p []uint8, v uint64) { binary.LittleEndian.PutUint64(p, v) }

// spread gives each of four bytes a lane.
func spread(v uint32) uint64 {
	x := (uint64(v) | uint64(v)<<16) & 0x0000ffff0000ffff
	return (x | x<<8) & evenBytes
}

// pack is the inverse of spread.
func pack(v uint64) uint32 {
	v |= v >> 8
	return uint32(v&0xffff | v>>16&0xffff0000)
}

// clamp takes lanes of v + 256, where v is in -256…511, and limits v to 0…255.
func clamp(v uint64) uint64 {
	inRange, over := v>>8&everyLane, v>>9&everyLane
	return v&(inRange*255) | over*255
}

// average2 is (a + b + 1) / 2 of bytes.
func average2(a, b uint64) uint64 { return (a | b) - (a^b)&^everyByte>>1 }

// average3 is (a + 2b + c + 2) / 4 of bytes.
func average3(a, b, c uint64) uint64 {
	floor := a&c + (a^c)&^everyByte>>1
	return average2(floor, b)
}

// zip puts the first four bytes of a and b in turn.
func zip(a, b uint64) uint64 { return spread(uint32(a)) | spread(uint32(b))<<8 }
