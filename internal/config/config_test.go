package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/internal/config"
)

// sources is what an operator gives, as they would write it.
type sources struct {
	file  string // the text of the configuration file; "" for none
	env   []string
	flags []string
}

func (s sources) load(t *testing.T) (*config.Loaded, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse(s.flags); err != nil {
		t.Fatalf("parsing the flags: %v", err)
	}
	path := ""
	if s.file != "" {
		path = filepath.Join(t.TempDir(), "charcoal.yaml")
		if err := os.WriteFile(path, []byte(s.file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loaded, err := config.Load(config.Sources{File: path, Env: s.env, Flags: flags})
	return loaded, err
}

func TestDefaultIsWhatTheDocumentsSay(t *testing.T) {
	want := config.Config{
		Addr:         "127.0.0.1:8080",
		Data:         "charcoal-data",
		Effort:       3,
		DrainTimeout: 20 * time.Second,
		Engine:       config.Engine{Name: "native", Path: "/usr/local/bin:/usr/bin:/bin", Memory: 1 << 30},
		Log:          config.Log{Level: "info", Format: "text"},
		Limits: config.Limits{
			UploadBytes: 64 << 20,
			Pixels:      1_000_000_000,
			Columns:     2000,
			Cells:       4_000_000,
			ConvertTime: 30 * time.Second,
			DecodeBytes: 1 << 30,
			Backlog:     10_000,
			Uploads:     512,
			UploadTime:  5 * time.Minute,
			IdleTime:    30 * time.Second,
		},
		Jobs: config.Jobs{
			Lease:       30 * time.Second,
			SweepEvery:  5 * time.Second,
			PollEvery:   2 * time.Second,
			MaxFailures: 5,
			MaxLosses:   20,
			RetryMin:    time.Second,
			RetryMax:    time.Minute,
		},
		Role: "all", Store: "sqlite", Blobs: "file", Queue: "memory",
		Auth: config.Auth{
			Mode: "auto", SessionIdle: 14 * 24 * time.Hour, SessionTime: 90 * 24 * time.Hour,
			OIDC: config.OIDC{Register: true},
		},
		Fair:      config.Fair{Requests: 6000, Burst: 1000},
		Fetch:     config.Fetch{Time: 30 * time.Second},
		Hooks:     config.Hooks{Attempts: 10, RetryMin: 5 * time.Second, RetryMax: 6 * time.Hour, Time: 10 * time.Second},
		Retention: config.Retention{Bin: 30 * 24 * time.Hour, Events: 24 * time.Hour, Audit: 365 * 24 * time.Hour},
	}
	got := config.Default()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Default (-want +got):\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("Default is not valid: %v", err)
	}
}

func TestStrongerSourcesOverruleWeakerOnes(t *testing.T) {
	const (
		file = "workers: 1"
		env  = "CHARCOAL_WORKERS=2"
		flag = "--workers=3"
	)
	tests := []struct {
		name string
		sources
		want int
	}{
		{"nothing given", sources{}, 0},
		{"the file", sources{file: file}, 1},
		{"the environment over the file", sources{file: file, env: []string{env}}, 2},
		{"a flag over the environment and the file", sources{file, []string{env}, []string{flag}}, 3},
		{"a flag over the file", sources{file: file, flags: []string{flag}}, 3},
		{"a flag that gives the default", sources{file: file, flags: []string{"--workers=0"}}, 0},
		{"a variable that is empty counts as not set", sources{file: file, env: []string{"CHARCOAL_WORKERS="}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.load(t)
			if err != nil {
				t.Fatal(err)
			}
			if got.Workers != tt.want {
				t.Errorf("Workers = %d, want %d", got.Workers, tt.want)
			}
		})
	}
}

func TestEveryKindOfValueIsRead(t *testing.T) {
	got, err := sources{
		file: `
addr: "[::1]:9000"
limits:
  upload_bytes: 10 MB
  pixels: 5_000
  convert_time: 1m30s
jobs:          # a group without settings
`,
		env:   []string{"CHARCOAL_LIMITS_DECODE_BYTES=1GiB", "CHARCOAL_LOG_FORMAT=json", "PATH=/bin", "CHARCOALGRILL=hot"},
		flags: []string{"--public", "--jobs-retry-max=2h", "--limits-columns", "1_000"},
	}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Addr = "[::1]:9000"
	want.Limits.UploadBytes = 10_000_000
	want.Limits.Pixels = 5000
	want.Limits.ConvertTime = 90 * time.Second
	want.Limits.DecodeBytes = 1 << 30
	want.Log.Format = "json"
	want.Public = true
	want.Jobs.RetryMax = 2 * time.Hour
	want.Limits.Columns = 1000
	if diff := cmp.Diff(want, got.Config); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name string
		sources
		want string // after the name of the file
	}{
		{
			"a key that is nearly right", sources{file: "limits: {pixel: 5}"},
			`: there is no setting "limits.pixel"; did you mean limits.pixels?`,
		},
		{
			"a key without its group", sources{file: "pixels: 5"},
			`: there is no setting "pixels"; did you mean limits.pixels?`,
		},
		{
			"a key that is like no other", sources{file: "frobnicate: 1"},
			`: there is no setting "frobnicate"; "charcoal config print" shows all settings`,
		},
		{
			"a group with a value", sources{file: "limits: 5"},
			`: limits is a group of settings, such as limits.upload_bytes, and has no value itself`,
		},
		{
			"a list", sources{file: "data: [a, b]"},
			`: data: this must be a single value; give a text`,
		},
		{
			"a key without a value", sources{file: "workers:"},
			`: workers: this must be a single value; give a whole number from 0 to 1024`,
		},
		{
			"a number with a fraction", sources{file: "workers: 2.5"},
			`: workers: "2.5" is not allowed; give a whole number from 0 to 1024`,
		},
		{
			"another word for true", sources{file: "public: yes"},
			`: public: "yes" is not allowed; give true or false`,
		},
		{
			"a size without a unit", sources{file: "limits: {upload_bytes: 64}"},
			`: limits.upload_bytes: "64" is not allowed; give a size from 1KiB to 16GiB, such as 64MiB`,
		},
		{
			"a duration without a unit", sources{file: "drain_timeout: 20"},
			`: drain_timeout: "20" is not allowed; give a duration from 0s to 1h, such as 30s`,
		},
		{
			"a key given twice", sources{file: "workers: 1\nworkers: 2"},
			` is not a configuration file: unmarshal errors: line 2: mapping key "workers" already defined at line 1`,
		},
		{
			"a weak value that a flag overrules", sources{file: "workers: many", flags: []string{"--workers=3"}},
			`: workers: "many" is not allowed; give a whole number from 0 to 1024`,
		},
		{
			"a variable that is nearly right", sources{env: []string{"CHARCOAL_ADRR=x"}},
			`the environment variable CHARCOAL_ADRR is no setting; did you mean CHARCOAL_ADDR?`,
		},
		{
			"a variable that is nearly right and empty", sources{env: []string{"CHARCOAL_ADRR="}},
			`the environment variable CHARCOAL_ADRR is no setting; did you mean CHARCOAL_ADDR?`,
		},
		{
			"a variable out of range", sources{env: []string{"CHARCOAL_LIMITS_COLUMNS=0"}},
			`CHARCOAL_LIMITS_COLUMNS: "0" is not allowed; give a whole number from 1 to 100_000`,
		},
		{
			"a word that is not among the words", sources{env: []string{"CHARCOAL_LOG_LEVEL=loud"}},
			`CHARCOAL_LOG_LEVEL: "loud" is not allowed; give debug, info, warn or error`,
		},
		{
			"retries that would grow shorter", sources{flags: []string{"--jobs-retry-min=2m"}},
			`jobs.retry_min 2m is longer than jobs.retry_max 1m; give them the other way round`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.load(t)
			if err == nil {
				t.Fatal("Load took it; want an error")
			}
			got := err.Error()
			if _, after, ok := strings.Cut(got, "charcoal.yaml"); ok {
				got = after
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestLoadTellsWhyAFileCannotBeRead(t *testing.T) {
	_, err := config.Load(config.Sources{File: "no/such.yaml"})
	want := "cannot read the configuration file no/such.yaml: no such file or directory"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Kubernetes and Docker set these for a service called charcoal; refusing them
// would keep the program from starting there.
func TestVariablesOfOthersAreLeftAlone(t *testing.T) {
	_, err := sources{env: []string{
		"CHARCOAL_CONFIG=x.yaml",
		"CHARCOAL_CORPUS=/pictures",
		"CHARCOAL_TEST_HELPER=1",
		"CHARCOAL_SERVICE_HOST=10.0.0.1",
		"CHARCOAL_SERVICE_PORT=80",
		"CHARCOAL_SERVICE_PORT_HTTP=80",
		"CHARCOAL_PORT=tcp://10.0.0.1:80",
		"CHARCOAL_PORT_80_TCP_ADDR=10.0.0.1",
	}}.load(t)
	if err != nil {
		t.Error(err)
	}
}

func TestValidateAddr(t *testing.T) {
	tests := []struct {
		addr   string
		public bool
		want   string // what the error says; "" for none
	}{
		{"127.0.0.1:8080", false, ""},
		{"127.8.9.10:0", false, ""},
		{"localhost:65535", false, ""},
		{"[::1]:80", false, ""},
		{"[::ffff:127.0.0.1]:80", false, ""},
		{"0.0.0.0:80", false, "--public"},
		{":80", false, "--public"},
		{"[::]:80", false, "--public"},
		{"[::ffff:192.0.2.1]:80", false, "--public"},
		{"192.0.2.1:80", false, "--public"},
		{"localhost.example.org:80", false, "--public"},
		{":80", true, ""},
		{"art.example.org:80", true, ""},
		{"127.0.0.1", false, "give host:port"},
		{"::1:80", true, "give host:port"},
		{"127.0.0.1:http", true, "no valid port"},
		{"127.0.0.1:65536", true, "no valid port"},
		{"127.0.0.1:-1", true, "no valid port"},
		{"", false, "give host:port"},
	}
	for _, tt := range tests {
		t.Run(tt.addr, func(t *testing.T) {
			c := config.Default()
			c.Addr, c.Public = tt.addr, tt.public
			err := c.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestWrittenConfigurationLoadsAgain(t *testing.T) {
	given := sources{
		file:  "data: 'yes'\nlimits: {pixels: 12345}",
		env:   []string{"CHARCOAL_JOBS_LEASE=1m0.5s"},
		flags: []string{"--addr=[::]:80", "--public"},
	}
	first, err := given.load(t)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := first.WriteYAML(&file); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"\naddr: '[::]:80' # --addr\n", "  lease: 1m0.5s # CHARCOAL_JOBS_LEASE\n",
		"charcoal.yaml\n", "\nworkers: 0 # default\n",
	} {
		if !strings.Contains("\n"+file.String(), line) {
			t.Errorf("the output lacks %q:\n%s", line, file.String())
		}
	}
	second, err := sources{file: file.String()}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Config, second.Config); diff != "" {
		t.Errorf("after another turn (-first +second):\n%s", diff)
	}
}

func TestWorkerCount(t *testing.T) {
	c := config.Default()
	if got, want := c.WorkerCount(), runtime.GOMAXPROCS(0); got != want {
		t.Errorf("by default: got %d, want %d, the cores", got, want)
	}
	c.Workers = 7
	if got := c.WorkerCount(); got != 7 {
		t.Errorf("when given: got %d, want 7", got)
	}
}

func TestLogger(t *testing.T) {
	tests := []struct {
		name       string
		log        config.Log
		want, lack string
	}{
		{"text leaves out what is less than the level", config.Log{Level: "warn", Format: "text"}, "level=WARN msg=b", "msg=a"},
		{"json", config.Log{Level: "debug", Format: "json"}, `"msg":"a"`, "msg=a"},
		{"a configuration made by hand", config.Log{}, "level=INFO msg=a", `"msg"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			log := tt.log.Logger(&out)
			log.Info("a")
			log.Warn("b")
			if got := out.String(); !strings.Contains(got, tt.want) || strings.Contains(got, tt.lack) {
				t.Errorf("got %q, want it with %q and without %q", got, tt.want, tt.lack)
			}
		})
	}
}

func TestLookupFile(t *testing.T) {
	env := []string{"CHARCOAL_CONFIG=a.yaml", "CHARCOAL_CONFIGURATION=no", "CHARCOAL_CONFIG=b.yaml"}
	if got, want := config.LookupFile(env), "b.yaml"; got != want {
		t.Errorf("LookupFile = %q, want %q, the last one", got, want)
	}
	if got := config.LookupFile(nil); got != "" {
		t.Errorf("LookupFile of nothing = %q", got)
	}
}
