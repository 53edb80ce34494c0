package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// State is where a rendering stands.
type State string

// The states. The last three are final.
const (
	Queued   State = "queued"
	Running  State = "running"
	Ready    State = "ready"
	Failed   State = "failed"
	Canceled State = "canceled"
)

// Final reports whether nothing will change any more.
func (s State) Final() bool { return s == Ready || s == Failed || s == Canceled }

// Visibility is who may see an image besides its owner.
type Visibility string

// The visibilities.
const (
	Private  Visibility = "private"  // nobody
	Unlisted Visibility = "unlisted" // who knows its id
	Public   Visibility = "public"   // everybody, and it is found by searches
)

// Image is an uploaded picture and what is said about it.
type Image struct {
	ID         string     `json:"id"`
	Owner      *Owner     `json:"owner"` // nil where nobody signs in
	Filename   string     `json:"filename"`
	Title      string     `json:"title"`
	Tags       []string   `json:"tags"`
	Visibility Visibility `json:"visibility"`
	Created    time.Time  `json:"created"`
	Size       int64      `json:"size"`   // bytes
	SHA256     string     `json:"sha256"` // of the bytes, in hexadecimal
	Type       string     `json:"type"`   // "image/png": by content, never by name
	Format     string     `json:"format"` // "PNG"
	State      State      `json:"state"`  // of the newest rendering

	// In pixels as shown, after EXIF orientation. 0 while unknown, as are Frames.
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Frames int    `json:"frames,omitempty"`
	Hash   string `json:"hash,omitempty"` // how it looks; "" while unknown

	Expires time.Time `json:"expires,omitzero"` // when it is deleted by itself; zero: never
	Deleted time.Time `json:"deleted,omitzero"` // since when it is in the bin; zero: it is not

	Rendering *Rendering `json:"rendering,omitempty"` // the newest; nil in searches
	Duplicate bool       `json:"duplicate,omitempty"` // of an upload: the same bytes were there before, and this is that image
}

// Owner is whose an image is.
type Owner struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Rendering is one image drawn with one set of options: a job while it runs, a
// result when it is ready.
type Rendering struct {
	ID       string      `json:"id"`
	ImageID  string      `json:"image_id"`
	State    State       `json:"state"`
	Options  DrawOptions `json:"options"` // all that differ from zero
	Created  time.Time   `json:"created"`
	Started  time.Time   `json:"started,omitzero"` // of the newest attempt
	Finished time.Time   `json:"finished,omitzero"`
	Attempts int         `json:"attempts"`
	Failures int         `json:"failures"`          // attempts that failed
	Losses   int         `json:"losses"`            // attempts whose worker vanished
	Reason   string      `json:"reason,omitempty"`  // why it failed, or waits for another attempt
	Warnings []string    `json:"warnings"`          // what is not as one may expect
	Engine   string      `json:"engine,omitempty"`  // what drew it, with its version
	Cols     int         `json:"cols,omitempty"`    // once it is ready
	Rows     int         `json:"rows,omitempty"`    // once it is ready
	Timings  *Timings    `json:"timings,omitempty"` // once it is ready
	Score    *float64    `json:"score,omitempty"`   // how like the picture the art is, where that was measured
}

// Err is nil unless the rendering failed or was canceled.
func (r *Rendering) Err() error {
	switch r.State {
	case Failed:
		return fmt.Errorf("the picture could not be drawn: %s", r.Reason)
	case Canceled:
		return fmt.Errorf("the rendering %s was canceled", r.ID)
	}
	return nil
}

// Timings is where the time of a rendering went, in milliseconds.
type Timings struct {
	Wait   float64 `json:"wait_ms"` // until the newest attempt began
	Fetch  float64 `json:"fetch_ms"`
	Decode float64 `json:"decode_ms"`
	Draw   float64 `json:"draw_ms"`
	Store  float64 `json:"store_ms"`
}

// DrawOptions say how to draw. Zero fields are not sent; the server's defaults hold
// then. What the words mean and which there are, [Client.Capabilities] and the page
// /docs of the server tell.
type DrawOptions struct {
	Cols       int     `json:"cols,omitempty"`        // columns of characters; 0: 100, or from Rows
	Rows       int     `json:"rows,omitempty"`        // 0: from Cols and the shape of the picture
	CellAspect float64 `json:"cell_aspect,omitempty"` // width of a character over its height, where it will be seen; 0.5
	Glyphs     string  `json:"glyphs,omitempty"`      // which characters: "ascii", "braille", "ramp: .:#", …
	Color      string  `json:"color,omitempty"`       // "none", "16", "256" or "true"
	Invert     bool    `json:"invert,omitempty"`      // dark ink on a light page

	Fit       string     `json:"fit,omitempty"` // with Cols and Rows both given: "contain", "cover" or "stretch"
	NoUpscale bool       `json:"no_upscale,omitempty"`
	Crop      *Rectangle `json:"crop,omitempty"`   // the part to draw
	Trim      bool       `json:"trim,omitempty"`   // cut off borders of one colour
	Rotate    int        `json:"rotate,omitempty"` // clockwise: 0, 90, 180 or 270 degrees
	Flip      string     `json:"flip,omitempty"`   // "horizontal", "vertical" or "both"

	Paint      string   `json:"paint,omitempty"`      // "both", or "ink" to leave the ground to the page
	Palette    []string `json:"palette,omitempty"`    // 2 to 256 times "#rrggbb"
	Background string   `json:"background,omitempty"` // of the page: "#rrggbb"
	Alpha      string   `json:"alpha,omitempty"`      // "auto", "over" or "spaces"

	Tone          string  `json:"tone,omitempty"`       // "faithful" or "vivid"
	Brightness    float64 `json:"brightness,omitempty"` // -1 to 1, as are Contrast and Saturation
	Contrast      float64 `json:"contrast,omitempty"`
	Gamma         float64 `json:"gamma,omitempty"` // 0.1 to 10
	Saturation    float64 `json:"saturation,omitempty"`
	LocalContrast float64 `json:"local_contrast,omitempty"` // 0 to 1, as are those below
	Sharpen       float64 `json:"sharpen,omitempty"`
	Edges         float64 `json:"edges,omitempty"`
	Threshold     float64 `json:"threshold,omitempty"`

	Dither  string `json:"dither,omitempty"`
	Effort  int    `json:"effort,omitempty"`   // 1, fastest, to 9, best
	Frames  int    `json:"frames,omitempty"`   // of an animation at most
	AnyFont bool   `json:"any_font,omitempty"` // for readers whose font is not known

	Engine      string `json:"engine,omitempty"`       // by name
	Preset      string `json:"preset,omitempty"`       // one of yours to start from
	Target      string `json:"target,omitempty"`       // a place to draw for
	CallbackURL string `json:"callback_url,omitempty"` // to tell when the rendering is final

	// Set are options by their names in JSON that are sent as they are, in place
	// of the fields above: for zeros that overrule a preset, and for options that
	// this package does not know.
	Set map[string]any `json:"-"`
}

// Rectangle is a part of a picture in shares of its width and height, 0 to 1.
type Rectangle struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// object is what is sent.
func (o DrawOptions) object() (map[string]any, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode the options: %w", err)
	}
	object := map[string]any{}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, fmt.Errorf("encode the options: %w", err)
	}
	maps.Copy(object, o.Set)
	return object, nil
}
