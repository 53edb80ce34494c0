package v2

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Time is a moment as the API writes it: RFC 3339 in UTC, with microseconds.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000000Z"

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) { return []byte(t.UTC().Format(timeLayout)), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Time) UnmarshalText(text []byte) (err error) {
	t.Time, err = time.Parse(time.RFC3339, string(text))
	return err
}

// MarshalJSON implements [json.Marshaler], in place of that of [time.Time].
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"` + timeLayout + `"`)), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(raw []byte) error { return t.Time.UnmarshalJSON(raw) }

// Owner is whose something is.
type Owner struct {
	ID   charcoal.ID `json:"id"`
	Name string      `json:"name" doc:"empty when the account is gone"`
}

// Image is an uploaded original and what is said about it.
type Image struct {
	ID         charcoal.ID `json:"id"`
	Owner      *Owner      `json:"owner" null:"true" doc:"null where nobody signs in"`
	Filename   string      `json:"filename"`
	Title      string      `json:"title"`
	Tags       []string    `json:"tags"`
	Visibility string      `json:"visibility" enum:"private,unlisted,public"`
	Created    Time        `json:"created"`
	Size       int64       `json:"size" doc:"bytes"`
	SHA256     string      `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"of the bytes"`
	Type       string      `json:"type" doc:"media type, by content" example:"image/png"`
	Format     string      `json:"format" example:"PNG"`
	Width      int         `json:"width,omitempty" doc:"pixels, as shown; absent while not known"`
	Height     int         `json:"height,omitempty"`
	Frames     int         `json:"frames,omitempty" doc:"of an animation; 1 for a still"`
	Hash       string      `json:"hash,omitempty" pattern:"^[0-9a-f]{16}$" doc:"how it looks: pictures that look alike differ in few bits"`
	State      string      `json:"state" enum:"queued,running,ready,failed,canceled" doc:"of the newest rendering"`
	Expires    *Time       `json:"expires,omitempty" doc:"when it is deleted by itself"`
	Deleted    *Time       `json:"deleted,omitempty" doc:"since when it is in the bin"`
	Links      ImageLinks  `json:"links"`
	Rendering  *Rendering  `json:"rendering,omitempty" doc:"the newest, in answers about one image"`
	Duplicate  bool        `json:"duplicate,omitempty" doc:"you had uploaded the same bytes before: this is that image"`
}

// ImageLinks are the addresses of an image.
type ImageLinks struct {
	Self       string `json:"self"`
	Original   string `json:"original"`
	Art        string `json:"art"`
	Renderings string `json:"renderings"`
	Events     string `json:"events"`
}

// Rendering is one image drawn with one set of options.
type Rendering struct {
	ID       charcoal.ID    `json:"id"`
	ImageID  charcoal.ID    `json:"image_id"`
	State    string         `json:"state" enum:"queued,running,ready,failed,canceled"`
	Options  Options        `json:"options"`
	Created  Time           `json:"created"`
	Started  *Time          `json:"started,omitempty" doc:"of the newest attempt"`
	Finished *Time          `json:"finished,omitempty"`
	Attempts int            `json:"attempts"`
	Failures int            `json:"failures" doc:"attempts that failed"`
	Losses   int            `json:"losses" doc:"attempts whose worker vanished"`
	Reason   string         `json:"reason,omitempty" doc:"why it failed, or waits for another attempt"`
	Warnings []string       `json:"warnings" doc:"what is not as one may expect"`
	Engine   string         `json:"engine,omitempty" doc:"what drew it, with its version" example:"native/3"`
	Cols     int            `json:"cols,omitempty"`
	Rows     int            `json:"rows,omitempty"`
	Timings  *Timings       `json:"timings,omitempty"`
	Score    *float64       `json:"score,omitempty" doc:"how faithful the art is to the picture, 0 to 100; only when it was asked for"`
	Links    RenderingLinks `json:"links"`
}

// Timings is where the time went, in milliseconds.
type Timings struct {
	Wait   float64 `json:"wait_ms" doc:"until the newest attempt began"`
	Fetch  float64 `json:"fetch_ms"`
	Decode float64 `json:"decode_ms"`
	Draw   float64 `json:"draw_ms"`
	Store  float64 `json:"store_ms"`
}

// RenderingLinks are the addresses of a rendering.
type RenderingLinks struct {
	Self   string `json:"self"`
	Image  string `json:"image"`
	Art    string `json:"art"`
	Cancel string `json:"cancel,omitempty" doc:"while that can be done"`
	Retry  string `json:"retry,omitempty" doc:"while that can be done"`
}

func imagePath(id charcoal.ID) string     { return "/v2/images/" + id.String() }
func renderingPath(id charcoal.ID) string { return "/v2/renderings/" + id.String() }

// views shows images, with the names of their owners.
func (a *API) views(ctx context.Context, images ...charcoal.Image) ([]Image, error) {
	names, err := a.ownerNames(ctx, images)
	if err != nil {
		return nil, err
	}
	views := make([]Image, len(images))
	for i, img := range images {
		views[i] = viewOf(img)
		if img.Owner != (charcoal.ID{}) {
			views[i].Owner = &Owner{img.Owner, names[img.Owner]}
		}
	}
	return views, nil
}

func (a *API) ownerNames(ctx context.Context, images []charcoal.Image) (map[charcoal.ID]string, error) {
	seen := make(map[charcoal.ID]bool)
	var ids []charcoal.ID
	for _, img := range images {
		if img.Owner != (charcoal.ID{}) && !seen[img.Owner] {
			seen[img.Owner] = true
			ids = append(ids, img.Owner)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return a.Accounts.UserNames(ctx, ids)
}

// view shows one image with a rendering.
func (a *API) view(ctx context.Context, img charcoal.Image, r charcoal.Rendering) (Image, error) {
	views, err := a.views(ctx, img)
	if err != nil {
		return Image{}, err
	}
	rendering := renderingOf(r)
	views[0].Rendering, views[0].State = &rendering, rendering.State
	return views[0], nil
}

func viewOf(img charcoal.Image) Image {
	self := imagePath(img.ID)
	v := Image{
		ID: img.ID, Filename: img.Filename, Title: img.Title, Tags: list(img.Tags), Visibility: string(img.Visibility),
		Created: Time{img.Created}, Size: img.Size, SHA256: hex.EncodeToString(img.SHA256[:]),
		Type: img.MediaType, Format: img.Format, Width: img.Width, Height: img.Height, Frames: img.Frames,
		State: string(img.State), Expires: timeOf(img.Expires), Deleted: timeOf(img.Deleted),
		Links: ImageLinks{self, self + "/original", self + "/art", self + "/renderings", self + "/events"},
	}
	if img.Hash != 0 {
		v.Hash = fmt.Sprintf("%016x", uint64(img.Hash))
	}
	return v
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func timeOf(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

func renderingOf(r charcoal.Rendering) Rendering {
	self := renderingPath(r.ID)
	v := Rendering{
		ID: r.ID, ImageID: r.ImageID, State: string(r.State), Options: Options{r.Options.Canonical(), r.Engine},
		Created: Time{r.Created}, Started: timeOf(r.Started), Finished: timeOf(r.Finished),
		Attempts: r.Attempt, Failures: r.Failures, Losses: r.Losses, Reason: r.Reason,
		Warnings: list(r.Result.Warnings), Engine: r.Result.Engine, Cols: r.Result.Cols, Rows: r.Result.Rows,
		Links: RenderingLinks{Self: self, Image: imagePath(r.ImageID), Art: self + "/art"},
	}
	switch r.State {
	case charcoal.Queued, charcoal.Running:
		v.Links.Cancel = self + "/cancel"
	case charcoal.Failed, charcoal.CanceledState:
		v.Links.Retry = self + "/retry"
	case charcoal.Ready:
		v.Timings = timingsOf(r)
	}
	return v
}

func timingsOf(r charcoal.Rendering) *Timings {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	s := r.Result.Stages
	return &Timings{ms(max(0, r.Started.Sub(r.Created))), ms(s.Fetch), ms(s.Decode), ms(s.Draw), ms(s.Store)}
}
