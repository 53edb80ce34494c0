// Package config is everything an operator can set, in one struct, and where
// the values come from: flags over environment variables over a YAML file over
// the defaults.
//
// A setting has one name, its key. The key limits.upload_bytes is
//
//	limits:
//	  upload_bytes: 64MiB                    in the file,
//	CHARCOAL_LIMITS_UPLOAD_BYTES=64MiB       in the environment,
//	--limits-upload-bytes 64MiB              as a flag.
//
// Everything is strict: a name that is no setting and a value that is not
// allowed are refused wherever they stand, also where a stronger source
// overrules them, so that no typing error waits for its day.
package config

import (
	"io"
	"log/slog"
	"runtime"
	"time"
)

// Config is every setting. The tags are the documentation: help texts, error
// messages and "charcoal config print" are made of them. To add a setting, add
// a field.
//
//	key      its name in the file; nested structs are groups
//	default  its value when nobody gives one, written as an operator would
//	allow    "low..high" for numbers, sizes and durations, "a|b|c" for words
//	show     what help calls the value, when that is not its type
//	secret   "true" hides the value from every output
//	usage    its help text
type Config struct {
	Addr         string        `key:"addr" show:"host:port" default:"127.0.0.1:8080" usage:"listen here; port 0 takes a free one"`
	URL          string        `key:"url" default:"" usage:"the URL of this service as others see it, for links in webhooks and to come back from where users sign in; empty when nobody needs it"`
	Data         string        `key:"data" show:"folder" default:"charcoal-data" usage:"keep the database and all pictures in this folder, which is made when it is missing"`
	Role         string        `key:"role" default:"all" allow:"all|api|worker" usage:"all takes requests and draws; api only takes requests, and worker only draws: for many processes on one store"`
	Store        string        `key:"store" show:"url" default:"sqlite" secret:"true" usage:"keep the rows here: sqlite (in the data folder) or postgres://user:password@host/database"`
	Blobs        string        `key:"blobs" show:"url" default:"file" usage:"keep pictures and art here: file (in the data folder) or s3://bucket/prefix?region=eu-west-1; keys come from the environment, as AWS_ACCESS_KEY_ID"`
	Queue        string        `key:"queue" show:"url" default:"memory" usage:"wake workers by this: memory (of one process), postgres (the store), or kafka://host:9092/topic"`
	Workers      int           `key:"workers" default:"0" allow:"0..1024" usage:"draw this many pictures at the same time; 0 takes one for each core"`
	Effort       int           `key:"effort" default:"3" allow:"1..9" usage:"how much work goes into a drawing for which nobody asked otherwise; 9 is best, 1 fastest"`
	Public       bool          `key:"public" default:"false" usage:"allow listening where other machines can reach it, though anybody who can may upload, read and list"`
	DrainTimeout time.Duration `key:"drain_timeout" default:"20s" allow:"0s..1h" usage:"when told to stop, give running requests and drawings this long to finish"`

	Kafka   Kafka               `key:"kafka"`
	Engine  Engine              `key:"engine"`
	Engines map[string]*Program // by name, from engines in the file; besides the native one
	Log     Log                 `key:"log"`
	Limits  Limits              `key:"limits"`
	Jobs    Jobs                `key:"jobs"`

	Auth      Auth      `key:"auth"`
	Fair      Fair      `key:"fair"`
	Fetch     Fetch     `key:"fetch"`
	Hooks     Hooks     `key:"hooks"`
	Retention Retention `key:"retention"`
}

// Auth says who may use the service.
type Auth struct {
	Mode        string        `key:"mode" default:"auto" allow:"auto|open|required" usage:"open asks nobody to sign in, required everybody who wants more than to see what is public; auto is open"`
	Register    bool          `key:"register" default:"false" usage:"let strangers make an account; otherwise they need an invitation"`
	SessionIdle time.Duration `key:"session_idle" default:"336h" allow:"1m..8760h" usage:"end a session of the page that was not used for this long"`
	SessionTime time.Duration `key:"session_time" default:"2160h" allow:"1m..87600h" usage:"end every session after this long"`
	OIDC        OIDC          `key:"oidc"`
}

// OIDC is another service that vouches for users.
type OIDC struct {
	Issuer       string `key:"issuer" default:"" usage:"sign in through this OpenID Connect provider, by its issuer URL; empty for none"`
	ClientID     string `key:"client_id" default:"" usage:"as what this service is known there"`
	ClientSecret string `key:"client_secret" default:"" secret:"true" usage:"and its secret"`
	Register     bool   `key:"register" default:"true" usage:"make an account for who signs in there for the first time"`
}

// Fair is what one account, or one address that is not signed in, may ask for. 0
// is no limit.
type Fair struct {
	Requests       int64  `key:"requests" default:"6_000" allow:"0..10_000_000" usage:"requests a minute of one account or address, where not only this machine is served; 0 for no limit"`
	Burst          int64  `key:"burst" default:"1_000" allow:"1..10_000_000" usage:"of which so many at once"`
	Images         int64  `key:"images" default:"0" allow:"0..1_000_000_000" usage:"images that one account may upload a day; 0 for no limit; this and the quotas below are not for admins"`
	Bytes          Size   `key:"bytes" default:"0B" allow:"0B..1024TiB" usage:"bytes that one account may upload a day; 0B for no limit"`
	Pixels         int64  `key:"pixels" default:"0" allow:"0..1_000_000_000_000_000" usage:"pixels that one account may have drawn a day; 0 for no limit"`
	Storage        Size   `key:"storage" default:"0B" allow:"0B..1024TiB" usage:"bytes that the originals of one account may take; 0B for no limit"`
	Jobs           int    `key:"jobs" default:"0" allow:"0..100_000" usage:"renderings of one account that are drawn at the same time; 0 for no limit"`
	Backlog        int64  `key:"backlog" default:"0" allow:"0..10_000_000" usage:"renderings of one account that may wait, where not only this machine is served; 0 for half of limits.backlog"`
	TrustedProxies string `key:"trusted_proxies" default:"" usage:"addresses or networks, separated by commas, whose X-Forwarded-For is believed"`
}

// Fetch says whether and how pictures are fetched from elsewhere.
type Fetch struct {
	Enabled bool          `key:"enabled" default:"false" usage:"let users upload by naming a URL, which this server then fetches"`
	Time    time.Duration `key:"time" default:"30s" allow:"1s..10m" usage:"longest time for that"`
	Private bool          `key:"private" default:"false" usage:"also fetch from and send webhooks to private addresses; for networks where everybody is trusted"`
}

// Hooks says how webhooks are delivered.
type Hooks struct {
	Attempts int           `key:"attempts" default:"10" allow:"1..100" usage:"give a webhook up after this many tries"`
	RetryMin time.Duration `key:"retry_min" default:"5s" allow:"10ms..1h" usage:"wait this long after a first failure, then twice as long after each further one"`
	RetryMax time.Duration `key:"retry_max" default:"6h" allow:"10ms..168h" usage:"never wait longer than this between two tries"`
	Time     time.Duration `key:"time" default:"10s" allow:"100ms..5m" usage:"longest time for one try"`
	Key      string        `key:"key" default:"" secret:"true" usage:"the key from which the secrets of webhooks are derived: 32 random bytes in base64, the same for all processes; empty for one of its own in the data folder"`
}

// Retention says how long things are kept that nobody needs any more.
type Retention struct {
	Bin    time.Duration `key:"bin" default:"720h" allow:"0s..87600h" usage:"remove deleted images for good after this long"`
	Events time.Duration `key:"events" default:"24h" allow:"1m..8760h" usage:"keep events this long for clients that come back, and delivered webhooks"`
	Audit  time.Duration `key:"audit" default:"8760h" allow:"1h..87600h" usage:"keep the log of security events this long"`
}

// Kafka is how to sign in to Kafka, where its location says that one has to.
type Kafka struct {
	User     string `key:"user" default:"" usage:"sign in to Kafka as this user"`
	Password string `key:"password" default:"" secret:"true" usage:"and with this password"`
}

// Log says what is logged to standard error, and how.
type Log struct {
	Level  string `key:"level" show:"level" default:"info" allow:"debug|info|warn|error" usage:"log this and what is worse"`
	Format string `key:"format" show:"format" default:"text" allow:"text|json" usage:"write log lines like this"`
}

// Limits are what a stranger's request may cost.
type Limits struct {
	UploadBytes Size          `key:"upload_bytes" default:"64MiB" allow:"1KiB..16GiB" usage:"largest file accepted"`
	Pixels      int64         `key:"pixels" default:"1_000_000_000" allow:"1..10_000_000_000" usage:"largest picture decoded, width times height; most of them are never in memory at once"`
	Columns     int           `key:"columns" default:"2000" allow:"1..100_000" usage:"widest drawing, in characters"`
	Cells       int64         `key:"cells" default:"4_000_000" allow:"1..50_000_000" usage:"largest drawing, columns times rows"`
	ConvertTime time.Duration `key:"convert_time" default:"30s" allow:"100ms..1h" usage:"longest time for decoding and drawing one picture"`
	DecodeBytes Size          `key:"decode_bytes" default:"1GiB" allow:"1MiB..64GiB" usage:"most memory for the pictures that are decoded at the same time; one that needs more is refused"`
	Backlog     int64         `key:"backlog" default:"10_000" allow:"1..10_000_000" usage:"refuse uploads while this many renderings wait"`
	Uploads     int           `key:"uploads" default:"512" allow:"1..100_000" usage:"most uploads received at the same time"`
	UploadTime  time.Duration `key:"upload_time" default:"5m" allow:"1s..24h" usage:"longest time for receiving one upload"`
	IdleTime    time.Duration `key:"idle_time" default:"30s" allow:"1s..1h" usage:"give up on a client that sends nothing for this long"`
}

// Jobs says how workers come by renderings and what happens when one fails.
type Jobs struct {
	Lease       time.Duration `key:"lease" default:"30s" allow:"1s..1h" usage:"take a rendering away from a worker that has not been heard of for this long"`
	SweepEvery  time.Duration `key:"sweep_every" default:"5s" allow:"100ms..10m" usage:"look this often for leases that ran out and for abandoned uploads"`
	PollEvery   time.Duration `key:"poll_every" default:"2s" allow:"100ms..10m" usage:"look this often for work that no message announced"`
	MaxFailures int           `key:"max_failures" default:"5" allow:"1..100" usage:"give a rendering up after this many failures that were not the picture's fault"`
	MaxLosses   int           `key:"max_losses" default:"20" allow:"1..10_000" usage:"give a rendering up after its worker died this many times; it may be the cause"`
	RetryMin    time.Duration `key:"retry_min" default:"1s" allow:"10ms..1h" usage:"wait this long after a first failure, then twice as long after each further one"`
	RetryMax    time.Duration `key:"retry_max" default:"1m" allow:"10ms..24h" usage:"never wait longer than this between two attempts"`
}

// Default returns the configuration of somebody who set nothing.
func Default() Config {
	var c Config
	settingsOf(&c)
	return c
}

// WorkerCount returns how many pictures to draw at the same time: Workers, or
// the number of cores this process may use when that is 0.
func (c Config) WorkerCount() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// SignIn reports whether everybody has to sign in.
func (c Config) SignIn() bool { return c.Auth.Mode == "required" }

// LocalOnly reports whether only this machine is to be served.
func (c Config) LocalOnly() bool { return !c.Public && !c.SignIn() }

// Logger returns a logger that writes to w as l says.
func (l Log) Logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo // "" in a Config made by hand
	}
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
