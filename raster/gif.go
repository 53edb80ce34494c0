package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/draw"
	"image/gif"
	"io"
)

// GIF is decoded by the standard library: the first frame, on its screen.
var gifFormat = format{
	name: "GIF", mediaType: "image/gif",
	matches: magic("GIF87a", "GIF89a"),
	header:  gifHeader,
	decode:  gifDecode,
	loops:   gifLoops,
	frames:  gifFrames,
	ends:    func(tail []byte) bool { return bytes.HasSuffix(bytes.TrimRight(tail, "\x00"), []byte{0x3b}) },
}

// gifHeader reads the logical screen descriptor (GIF89a, section 18).
func gifHeader(r reader) (header, error) {
	var b [13]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return header{}, err
	}
	return header{
		width:    int(binary.LittleEndian.Uint16(b[6:])),
		height:   int(binary.LittleEndian.Uint16(b[8:])),
		perPixel: 6, // a byte for the frame, and the screen when the frame does not fill it
	}, nil
}

func gifDecode(_ context.Context, r reader, h header, _ int) (image.Image, error) {
	img, err := gif.Decode(r)
	if err != nil {
		return nil, err
	}
	return onCanvas(img, img.Bounds().Min, h), nil
}

// onCanvas places a frame on a transparent picture of the header's size, unless
// it fills that anyway.
func onCanvas(frame image.Image, at image.Point, h header) image.Image {
	canvas := image.Rect(0, 0, h.width, h.height)
	place := frame.Bounds().Sub(frame.Bounds().Min).Add(at)
	if place == canvas {
		return frame
	}
	dst := image.NewNRGBA(canvas)
	draw.Draw(dst, place, frame, frame.Bounds().Min, draw.Src)
	return dst
}
