package v2

import (
	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/target"
)

func (a *API) serverOperations() []operation {
	return []operation{{
		id: "getCapabilities", method: "GET", path: "/v2/capabilities", group: "server",
		summary: "Say what the server can do, and its limits",
		answers: []answer{ok[Capabilities]("all of it")}, serve: a.capabilities,
	}}
}

// Capabilities is what the server can do, and its limits.
type Capabilities struct {
	Version  string       `json:"version"`
	Engines  []string     `json:"engines" doc:"by name, the default first"`
	Formats  []FormatInfo `json:"formats"`
	Glyphs   []string     `json:"glyphs"`
	Colors   []string     `json:"colors"`
	Tones    []string     `json:"tones"`
	Dithers  []string     `json:"dithers"`
	Targets  []TargetInfo `json:"targets"`
	Limits   Limits       `json:"limits"`
	Auth     AuthInfo     `json:"auth"`
	Features FeatureInfo  `json:"features"`
}

// FormatInfo is a form that art can be had in.
type FormatInfo struct {
	Name      string `json:"name"`
	Extension string `json:"ext" example:".txt"`
	MediaType string `json:"media_type"`
	Notes     string `json:"notes"`
}

// TargetInfo is a place that art can be drawn for.
type TargetInfo struct {
	Name   string `json:"name"`
	Notes  string `json:"notes"`
	Format string `json:"format"`
	Cols   int    `json:"cols,omitempty" doc:"the widest that fits"`
}

// Limits is what the server allows. 0 is no limit.
type Limits struct {
	UploadBytes    int64   `json:"upload_bytes" doc:"largest file"`
	Pixels         int64   `json:"pixels" doc:"largest picture, width times height"`
	Cols           int     `json:"cols" doc:"widest art"`
	Cells          int64   `json:"cells" doc:"largest art, columns times rows"`
	DecodeBytes    int64   `json:"decode_bytes" doc:"memory for decoding"`
	ConvertSeconds float64 `json:"convert_seconds" doc:"longest time for drawing one picture"`
	UploadSeconds  float64 `json:"upload_seconds" doc:"longest time for receiving one request"`
	Backlog        int64   `json:"backlog" doc:"renderings that may wait"`
	Uploads        int     `json:"uploads" doc:"uploads under way at once"`
	UploadsEach    int     `json:"uploads_each" doc:"of which one account or address may have so many"`
	StreamsEach    int     `json:"streams_each" doc:"streams of events that one account or address may have open"`
	FilesPerUpload int     `json:"files_per_upload"`
	WaitSeconds    int     `json:"wait_seconds" doc:"longest that Prefer: wait may ask for"`
	PageSize       int     `json:"page_size" doc:"largest page of a list"`
	RequestsMinute int64   `json:"requests_per_minute" doc:"of one account or address"`
	Burst          int64   `json:"requests_burst" doc:"of which so many at once"`
	ImagesDay      int64   `json:"images_per_day"`
	BytesDay       int64   `json:"bytes_per_day"`
	PixelsDay      int64   `json:"pixels_per_day"`
	StorageBytes   int64   `json:"storage_bytes" doc:"originals of one account"`
	Jobs           int     `json:"jobs" doc:"renderings of one account drawn at once"`
	Presets        int     `json:"presets"`
	Tags           int     `json:"tags" doc:"of one image"`
	BinSeconds     float64 `json:"bin_seconds" doc:"how long deleted images can be restored"`
}

// Features is what the operator switched on.
type Features struct {
	AuthRequired bool // who does not sign in may only see what is public
	Register     bool // strangers may make accounts
	OIDC         bool
	SourceURL    bool
	Webhooks     bool
	Engines      []string // by name, the default first
}

// AuthInfo is how one signs in.
type AuthInfo struct {
	Mode     string `json:"mode" enum:"open,required"`
	Register bool   `json:"register" doc:"whether anybody may make an account"`
	OIDC     bool   `json:"oidc" doc:"whether one can sign in by another service"`
}

// FeatureInfo is what is switched on.
type FeatureInfo struct {
	SourceURL bool `json:"source_url" doc:"pictures are fetched from URLs"`
	Webhooks  bool `json:"webhooks"`
}

func (a *API) capabilities(c *call) error {
	c.w.Header().Set("Cache-Control", "public, max-age=60")
	limits := a.cfg.Limits
	limits.FilesPerUpload, limits.WaitSeconds, limits.PageSize = maxFiles, maxWait, charcoal.MaxPage
	limits.Presets, limits.Tags = charcoal.MaxPresets, charcoal.MaxTags
	return c.json(Capabilities{
		Version: a.cfg.Version, Engines: list(a.cfg.Features.Engines), Formats: formatInfos(), Targets: targetInfos(),
		Glyphs: ascii.GlyphSets(), Colors: ascii.ColorDepths(), Tones: ascii.Tones(), Dithers: ascii.Dithers(),
		Limits: limits, Auth: a.cfg.Features.auth(),
		Features: FeatureInfo{a.cfg.Features.SourceURL, a.cfg.Features.Webhooks},
	})
}

func (f Features) auth() AuthInfo {
	mode := "open"
	if f.AuthRequired {
		mode = "required"
	}
	return AuthInfo{mode, f.Register, f.OIDC}
}

func formatInfos() []FormatInfo {
	var all []FormatInfo
	for _, f := range formats() {
		all = append(all, FormatInfo{f.Name, f.Extension, f.MediaType, f.Notes})
	}
	return all
}

func targetInfos() []TargetInfo {
	var all []TargetInfo
	for _, t := range target.All() {
		all = append(all, TargetInfo{t.Name, t.Notes, t.Format, t.Cols})
	}
	return all
}
