package nativeengine

import (
	"fmt"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/raster"
)

// describe adds to a drawing how many frames its picture has, and what people may
// not expect of it.
func (e *Engine) describe(f *raster.File, drawing *charcoal.Drawing) error {
	frames, err := f.CountFrames(e.config.Raster.Frames)
	if err != nil {
		return err
	}
	drawing.Frames = frames
	for _, warning := range []string{turned(f.Info.Orientation), leftOut(len(drawing.Art.Frames), frames)} {
		if warning != "" {
			drawing.Warnings = append(drawing.Warnings, warning)
		}
	}
	return nil
}

// turned says what an orientation (Exif 2.32, section 4.6.4, tag 0x0112) did to a picture.
func turned(orientation int) string {
	done := map[int]string{
		2: "mirrored sideways",
		3: "turned 180°",
		4: "mirrored top to bottom",
		5: "mirrored at its main diagonal",
		6: "turned 90° clockwise",
		7: "mirrored at its other diagonal",
		8: "turned 90° counter-clockwise",
	}[orientation]
	if done == "" {
		return ""
	}
	return "the picture was " + done + ", as its EXIF data says"
}

func leftOut(drawn, frames int) string {
	switch {
	case drawn >= frames:
		return ""
	case drawn == 1:
		return fmt.Sprintf("this is the first of %d frames", frames)
	}
	return fmt.Sprintf("these are the first %d of %d frames", drawn, frames)
}
