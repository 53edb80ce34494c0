package v2

import (
	"errors"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

func formats() []format.Format { return format.All() }

// bareType is a media type without its parameters.
func bareType(mediaType string) string {
	bare, _, _ := strings.Cut(mediaType, ";")
	return strings.TrimSpace(bare)
}

// negotiate returns the format that an Accept header (RFC 9110, section 12.5.1)
// likes best; of equal ones, the first of those there are: text.
func negotiate(accept string) (format.Format, bool) {
	if accept == "" {
		return formats()[0], true
	}
	var best format.Format
	most := 0.0
	for _, f := range formats() {
		if q := quality(accept, bareType(f.MediaType)); q > most {
			best, most = f, q
		}
	}
	return best, most > 0
}

// quality is the weight of a media type: that of the most specific range which
// covers it, 0 when none does.
func quality(accept, mediaType string) float64 {
	family, _, _ := strings.Cut(mediaType, "/")
	specificity := map[string]int{mediaType: 3, family + "/*": 2, "*/*": 1}
	best, weight := 0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || specificity[name] <= best {
			continue
		}
		best, weight = specificity[name], 1
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weight = q
		}
	}
	return weight
}

// formsError says in which forms something can be had.
type formsError struct {
	error
	forms []problem.Representation
}

func (e *formsError) Unwrap() error { return e.error }

func notAcceptable(base string) error {
	return &formsError{charcoal.Errorf(charcoal.NotAcceptable, "there is no form of this art that you accept; see available"), forms(base)}
}

func asForms(err error) ([]problem.Representation, bool) {
	e, ok := errors.AsType[*formsError](err)
	if !ok {
		return nil, false
	}
	return e.forms, true
}

// forms lists what there is of the art at an address without an extension.
func forms(base string) []problem.Representation {
	var all []problem.Representation
	for _, f := range formats() {
		all = append(all, problem.Representation{Href: base + f.Extension, MediaType: f.MediaType})
	}
	return all
}

// formatOf returns the format of an extension.
func formatOf(extension string) (format.Format, bool) {
	all := formats()
	i := slices.IndexFunc(all, func(f format.Format) bool { return f.Extension == extension })
	if i < 0 {
		return format.Format{}, false
	}
	return all[i], true
}
