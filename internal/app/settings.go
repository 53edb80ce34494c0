package app

import (
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/api/room"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
	"github.com/charcoal-art/charcoal/internal/buildinfo"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/events"
	"github.com/charcoal-art/charcoal/internal/hooks"
	"github.com/charcoal-art/charcoal/internal/outbound"
	"github.com/charcoal-art/charcoal/internal/worker"
)

// What each part takes from the configuration.

func (p *parts) useCases() convert.Config {
	lim, jobs := p.cfg.Limits, p.cfg.Jobs
	return convert.Config{
		UploadBytes: int64(lim.UploadBytes), Backlog: lim.Backlog, OwnBacklog: p.ownBacklog(),
		PerOwner: p.cfg.Fair.Jobs, OneShots: 16 * p.cfg.WorkerCount(), Spool: p.spool(),
		BinTime: p.cfg.Retention.Bin, OnceTime: 24 * time.Hour, OnceLease: 2 * lim.UploadTime,
		Lease: jobs.Lease, MaxFailures: jobs.MaxFailures, MaxLosses: jobs.MaxLosses, BackoffMin: jobs.RetryMin, BackoffMax: jobs.RetryMax,
	}
}

// ownBacklog is how much of the queue one account may fill.
func (p *parts) ownBacklog() int64 {
	switch own := p.cfg.Fair.Backlog; {
	case p.cfg.LocalOnly():
		return 0
	case own > 0:
		return own
	}
	return max(1, p.cfg.Limits.Backlog/2)
}

// jobSlots is how many jobs are under way for each that computes: the others
// wait for the disk, which must not leave a core idle.
const jobSlots = 3

func (p *parts) work() worker.Config {
	jobs := p.cfg.Jobs
	return worker.Config{
		Name: workerName(), Slots: jobSlots * p.cfg.WorkerCount(),
		Heartbeat: jobs.Lease / 3, Poll: jobs.PollEvery, Sweep: jobs.SweepEvery,
		UploadTTL: 2 * p.cfg.Limits.UploadTime, // nothing that takes longer is alive
	}
}

func (p *parts) serving() api.Config {
	lim := p.cfg.Limits
	return api.Config{
		Version: buildinfo.Version(), Commit: buildinfo.Commit(),
		Effort: p.cfg.Effort, LocalOnly: p.cfg.LocalOnly(), Grid: engines.Grid(lim), UploadBytes: int64(lim.UploadBytes),
		UploadTime: lim.UploadTime, ReadIdle: lim.IdleTime, WriteTime: p.writeTime(), Requests: p.requests(), Health: !p.cfg.Takes(),
	}
}

// writeTime is for the largest original to a client as slow as the slowest uploader.
func (p *parts) writeTime() time.Duration { return 2 * p.cfg.Limits.UploadTime }

func (p *parts) version2(engineNames []string) v2.Config {
	lim, fair, space := p.cfg.Limits, p.cfg.Fair, p.room()
	return v2.Config{
		Version: buildinfo.Version(), Grid: engines.Grid(lim), Effort: p.cfg.Effort, UploadBytes: int64(lim.UploadBytes),
		FetchTime: p.cfg.Fetch.Time, ReadIdle: lim.IdleTime, StreamCheck: time.Minute,
		Features: v2.Features{
			AuthRequired: p.cfg.SignIn(), Register: p.cfg.Auth.Register, OIDC: p.cfg.Auth.OIDC.Issuer != "",
			SourceURL: p.cfg.Fetch.Enabled, Webhooks: true, Engines: engineNames,
		},
		Limits: v2.Limits{
			UploadBytes: int64(lim.UploadBytes), Pixels: lim.Pixels, Cols: lim.Columns, Cells: lim.Cells, DecodeBytes: int64(lim.DecodeBytes),
			ConvertSeconds: lim.ConvertTime.Seconds(), UploadSeconds: lim.UploadTime.Seconds(), Backlog: lim.Backlog,
			Uploads: space.Uploads, UploadsEach: space.UploadsEach, StreamsEach: space.StreamsEach,
			RequestsMinute: p.requests(), Burst: fair.Burst, ImagesDay: fair.Images, BytesDay: int64(fair.Bytes), PixelsDay: fair.Pixels,
			StorageBytes: int64(fair.Storage), Jobs: fair.Jobs, BinSeconds: p.cfg.Retention.Bin.Seconds(),
		},
	}
}

// requests is how many a minute are allowed. Who serves this machine only need not
// be kept from it.
func (p *parts) requests() int64 {
	if p.cfg.LocalOnly() {
		return 0
	}
	return p.cfg.Fair.Requests
}

func (p *parts) quota() charcoal.Quota {
	fair := p.cfg.Fair
	return charcoal.Quota{Images: fair.Images, Bytes: int64(fair.Bytes), Pixels: fair.Pixels, Storage: int64(fair.Storage)}
}

func (p *parts) accounts(store charcoal.Accounts, images account.Images) account.Options {
	auth := p.cfg.Auth
	o := account.Options{
		Accounts: store, Images: images, Log: p.log, Open: !p.cfg.SignIn(), Register: auth.Register,
		SessionIdle: auth.SessionIdle, SessionTime: auth.SessionTime, AuditTime: p.cfg.Retention.Audit,
	}
	if oidc := auth.OIDC; oidc.Issuer != "" {
		o.OIDC = &account.OIDCOptions{
			Issuer: oidc.Issuer, ClientID: oidc.ClientID, ClientSecret: oidc.ClientSecret, URL: p.cfg.URL, Register: oidc.Register,
		}
	}
	return o
}

// maxStreams is how many streams of events are open at most.
const maxStreams = 10_000

// room is what requests may take at the same time. One caller gets a quarter, and half
// of the cells, so that one who is slow does not keep the others out; on this machine
// there is one.
func (p *parts) room() room.Limits {
	lim := p.cfg.Limits
	l := room.Limits{Uploads: lim.Uploads, Cells: 2 * lim.Cells}
	if !p.cfg.LocalOnly() {
		l.UploadsEach, l.StreamsEach, l.CellsEach = max(1, lim.Uploads/4), maxStreams/4, lim.Cells
	}
	return l
}

func (p *parts) eventLog() events.Config {
	return events.Config{
		Poll: time.Second, Buffer: 4096, MaxStreams: maxStreams,
		Retain: p.cfg.Retention.Events, Keep: 10_000_000, Purge: time.Minute, Encode: v2.EncodeEvent,
	}
}

func (p *parts) webhooks() hooks.Config {
	h := p.cfg.Hooks
	return hooks.Config{
		Attempts: h.Attempts, RetryMin: h.RetryMin, RetryMax: h.RetryMax, Time: h.Time, Slots: 64, Poll: time.Second,
		Retain: p.cfg.Retention.Events, Base: strings.TrimSuffix(p.cfg.URL, "/"), MaxEndpoints: 20,
	}
}

// calls is how to call what users name.
func (p *parts) calls(limit time.Duration, redirects int, maxBytes int64) outbound.Config {
	return outbound.Config{
		AllowPrivate: p.cfg.Fetch.Private, Redirects: redirects, Timeout: limit, MaxBytes: maxBytes,
		UserAgent: "charcoal/" + buildinfo.Version(),
	}
}
