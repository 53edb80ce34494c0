package ascii

// Options says how to draw. The zero value is not valid; start from [Defaults].
// Zero in a field beyond the first group means its default, so that options
// stored before a field existed stay what they were.
type Options struct {
	Cols       int     `json:"cols"`             // columns of cells; 0: from Rows
	Rows       int     `json:"rows,omitempty"`   // rows of cells; 0: from Cols, the picture's ratio and CellAspect
	CellAspect float64 `json:"cell_aspect"`      // width of a cell over its height, as the viewer's font has it
	Glyphs     string  `json:"glyphs"`           // which characters: see GlyphSets
	Color      string  `json:"color"`            // colour depth: see ColorDepths
	Invert     bool    `json:"invert,omitempty"` // false: light ink on a dark page; true: dark ink on a light page

	// Layout.
	Fit       string    `json:"fit,omitempty"`        // with Cols and Rows both given, see Fits: contain
	NoUpscale bool      `json:"no_upscale,omitempty"` // never more cells across or down than the picture has pixels
	Crop      Rectangle `json:"crop,omitzero"`        // the part to draw; all of it
	Trim      bool      `json:"trim,omitempty"`       // then cut off borders of one colour
	Rotate    int       `json:"rotate,omitempty"`     // then turn by so many degrees clockwise: 0, 90, 180 or 270
	Flip      string    `json:"flip,omitempty"`       // then mirror, see Flips: none

	// Colour.
	Paint      string `json:"paint,omitempty"`      // where colour may go, see Paints: both
	Palette    []RGB  `json:"palette,omitempty"`    // 2 to 256 colours in place of those of the depth
	Background string `json:"background,omitempty"` // of the page, "#rrggbb"; black, or white with Invert
	Alpha      string `json:"alpha,omitempty"`      // what transparent parts become, see Alphas: auto

	// Tone. Numbers are from -1 to 1 or as said, 0 changes nothing.
	Tone          string  `json:"tone,omitempty"` // see Tones: faithful
	Brightness    float64 `json:"brightness,omitempty"`
	Contrast      float64 `json:"contrast,omitempty"`
	Gamma         float64 `json:"gamma,omitempty"` // 0.1 to 10; 0 is 1
	Saturation    float64 `json:"saturation,omitempty"`
	LocalContrast float64 `json:"local_contrast,omitempty"` // 0 to 1
	Sharpen       float64 `json:"sharpen,omitempty"`        // 0 to 1
	Edges         float64 `json:"edges,omitempty"`          // 0 to 1: drawn over the picture
	Threshold     float64 `json:"threshold,omitempty"`      // 0 to 1: what is darker becomes black, the rest white; 0: off

	// Drawing.
	Dither string `json:"dither,omitempty"` // see Dithers: search
	Effort int    `json:"effort,omitempty"` // 1, fastest, to 9, best; 0 is 5. Without colours, more than 200,000 cells are drawn with 3 at most
	Frames int    `json:"frames,omitempty"` // of an animation at most; 0: only the first
	// AnyFont is for readers whose font is not known: the drawing is a little less faithful in
	// the font that characters are measured in, and much more so in others. It holds for
	// drawings without colours by the search, at efforts from 2.
	AnyFont bool `json:"any_font,omitempty"`

	// Limits is what the operator allows. It is no part of what was asked for,
	// so it is not stored. Zero fields mean those of [DefaultLimits].
	Limits Limits `json:"-"`
	// Font is a TrueType or OpenType font to measure characters with, in place of
	// the embedded one. It is not stored.
	Font []byte `json:"-"`
}

// Rectangle is a part of a picture in shares of its width and height, 0 to 1. The
// zero value is all of it.
type Rectangle struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// The names that options take. The first is the default.

// Fits say how a picture gets into Cols × Rows: contain keeps its shape and makes
// it as large as fits, cover fills the room and cuts off what is too much on both
// sides, stretch fills it with all of the picture.
func Fits() []string { return []string{"contain", "cover", "stretch"} }

// Flips are the ways to mirror a picture.
func Flips() []string { return []string{"none", "horizontal", "vertical", "both"} }

// Paints are where colour may go: ink leaves the ground to the page.
func Paints() []string { return []string{"both", "ink"} }

// Alphas are what becomes of transparency: with over, the background of the page
// shows through; with spaces it does, too, and cells that are mostly
// transparent are spaces without colours; auto is over, but where the opaque part
// would hardly stand out from the background, black or white shows through
// instead, so that a black drawing on a dark page is never blank.
func Alphas() []string { return []string{"auto", "over", "spaces"} }

// Tones are faithful, which keeps the tones of the picture, and vivid, which spends
// the little range of ink on the subject.
func Tones() []string { return []string{"faithful", "vivid"} }

// Dithers are the ways to make up for tones that no character has.
func Dithers() []string { return []string{"search", "diffusion", "ordered", "blue-noise", "none"} }

// Defaults are 100 columns of printable ASCII, twice as high as wide, without
// colour, for light ink on a dark page.
func Defaults() Options {
	return Options{Cols: 100, CellAspect: 0.5, Glyphs: "ascii", Color: "none"}
}

// OptionError says that an option has a value that it cannot have.
type OptionError struct {
	Option  string // as in JSON: "cell_aspect"
	Value   string
	Message string // one clause for people
}

func (e *OptionError) Error() string { return e.Message }
