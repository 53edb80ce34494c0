package app

import (
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/api/room"
	"github.com/charcoal-art/charcoal/internal/buildinfo"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/worker"
)

// What each part takes from the configuration.

func (p *parts) useCases() convert.Config {
	lim, jobs := p.cfg.Limits, p.cfg.Jobs
	return convert.Config{
		UploadBytes: int64(lim.UploadBytes), Backlog: lim.Backlog,
		Lease: jobs.Lease, MaxFailures: jobs.MaxFailures, MaxLosses: jobs.MaxLosses, BackoffMin: jobs.RetryMin, BackoffMax: jobs.RetryMax,
	}
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
		Effort: p.cfg.Effort, LocalOnly: !p.cfg.Public, Grid: engines.Grid(lim), UploadBytes: int64(lim.UploadBytes),
		UploadTime: lim.UploadTime, ReadIdle: lim.IdleTime,
		WriteTime: 2 * lim.UploadTime, // the largest original to a client as slow as the slowest uploader
		Requests:  p.cfg.Fair.Requests,
	}
}

// room is what all requests together may take at the same time.
func (p *parts) room() *room.Room {
	return room.New(p.stopping, p.cfg.Limits.Uploads, 2*p.cfg.Limits.Cells)
}
