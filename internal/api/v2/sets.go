package v2

import (
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// sets are the names that queries and forms may hold, where they are more than
// the fields of one struct. They are made once and only read.
type sets struct {
	draw *schema.Schema // what a request may say of a drawing

	about  *schema.Schema // an image that is uploaded
	upload *schema.Schema // that, and its drawing
	form   *schema.Schema // that, and the options as JSON

	written   *schema.Schema // how art is written
	art       *schema.Schema // that, and how it is drawn
	shot      *schema.Schema // how a picture is drawn that is not stored, besides the options
	shots     *schema.Schema // that, and the options
	shotsForm *schema.Schema // that, and the options as JSON
}

func newSets(r *schema.Registry) sets {
	draw := r.Resolve(r.Of(typeOf[DrawRequest]()))
	asJSON := text("options", maxField, "the options of the drawing as a JSON object, in place of fields of their own")
	s := sets{draw: draw, about: r.Fields(typeOf[UploadFields]()), written: r.Fields(typeOf[ArtQuery]()), shot: r.Fields(typeOf[ConvertQuery]())}
	s.upload = joined(s.about, draw.Properties...)
	s.form = joined(s.upload, asJSON)
	s.art = joined(s.written, withoutCallback(draw)...)
	s.shots = joined(s.shot, withoutCallback(draw)...)
	s.shotsForm = joined(s.shots, asJSON)
	return s
}

// joined is a schema with more properties.
func joined(s *schema.Schema, more ...schema.Property) *schema.Schema {
	return schema.Object(append(append([]schema.Property{}, s.Properties...), more...)...)
}

// withoutCallback are the options of what is drawn at once, or by a GET.
func withoutCallback(s *schema.Schema) []schema.Property {
	var kept []schema.Property
	for _, p := range s.Properties {
		if p.Name != "callback_url" {
			kept = append(kept, p)
		}
	}
	return kept
}
