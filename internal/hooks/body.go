package hooks

import (
	"encoding/json"
	"time"

	"github.com/charcoal-art/charcoal"
)

// body is what a receiver gets: what happened, and where to look it up. The art
// itself is not in it, so that it is small and shows nothing to who may not see it.
type body struct {
	ID      string             `json:"id"` // of the delivery: the same for every try
	Type    charcoal.EventType `json:"type"`
	Created string             `json:"created"`
	Data    data               `json:"data"`
}

type data struct {
	ImageID     string         `json:"image_id,omitempty"`
	RenderingID string         `json:"rendering_id,omitempty"`
	State       charcoal.State `json:"state,omitempty"`
	Links       *links         `json:"links,omitempty"`
}

type links struct {
	Image     string `json:"image"`
	Rendering string `json:"rendering,omitempty"`
	Art       string `json:"art,omitempty"`
}

const rfc3339Micro = "2006-01-02T15:04:05.000000Z07:00"

// encode makes the same bytes for every try. Base goes before the path of links;
// "" leaves them relative.
func encode(d charcoal.Delivery, base string) []byte {
	e := d.Event
	b := body{ID: d.ID.String(), Type: e.Type, Created: e.At.UTC().Truncate(time.Microsecond).Format(rfc3339Micro)}
	if e.Image != (charcoal.ID{}) {
		b.Data = data{ImageID: e.Image.String(), State: e.State, Links: &links{Image: base + "/v2/images/" + e.Image.String()}}
	}
	if e.Rendering != (charcoal.ID{}) {
		b.Data.RenderingID = e.Rendering.String()
		b.Data.Links.Rendering = base + "/v2/renderings/" + e.Rendering.String()
	}
	if e.Type == charcoal.RenderingReady {
		b.Data.Links.Art = b.Data.Links.Rendering + "/art"
	}
	raw, err := json.Marshal(b)
	if err != nil { // of strings only
		panic(err)
	}
	return raw
}
