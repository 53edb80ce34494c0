package api

import (
	"mime"
	"strconv"
	"strings"
)

// prefersJSON reports whether an Accept header (RFC 9110, section 12.5.1) ranks
// application/json above text/plain. Without a preference the answer is text.
func prefersJSON(accept string) bool {
	return quality(accept, "application/json") > quality(accept, "text/plain")
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
