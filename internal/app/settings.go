package app

import (
	"context"
	"fmt"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/buildinfo"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/execengine"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/internal/worker"
	"github.com/charcoal-art/charcoal/raster"
)

// What each part takes from the configuration.

// engine is what draws: our own engine, or a program of the operator.
func (p *parts) engine(ctx context.Context) (charcoal.Converter, error) {
	native := p.nativeEngine()
	if p.cfg.Engine.IsNative() {
		return native, nil
	}
	command, err := execengine.Words(p.cfg.Engine.Command)
	if err != nil {
		return nil, fmt.Errorf("engine.command: %w", err)
	}
	version, err := execengine.Words(p.cfg.Engine.Version)
	if err != nil {
		return nil, fmt.Errorf("engine.version: %w", err)
	}
	lim, engine := p.cfg.Limits, p.cfg.Engine
	return execengine.New(ctx, execengine.Config{
		Name: engine.Name, Command: command, Version: version, Pixels: engine.Decoded, Path: engine.Path,
		Time: lim.ConvertTime, Turns: p.cfg.WorkerCount(), Memory: int64(engine.Memory),
		Art: p.grid(), Raster: p.pictures(),
	}, native)
}

func (p *parts) nativeEngine() *nativeengine.Engine {
	lim := p.cfg.Limits
	return nativeengine.New(nativeengine.Config{
		Raster: p.pictures(),
		Art:    p.grid(),
		Memory: int64(lim.DecodeBytes),
		Turns:  p.cfg.WorkerCount(),
		Time:   lim.ConvertTime,
	})
}

func (p *parts) pictures() raster.Limits {
	return raster.Limits{Bytes: int64(p.cfg.Limits.UploadBytes), Pixels: p.cfg.Limits.Pixels}
}

// grid leaves the number of rows to the limit on cells.
func (p *parts) grid() ascii.Limits {
	lim := p.cfg.Limits
	return ascii.Limits{Cols: lim.Columns, Rows: int(lim.Cells), Cells: int(lim.Cells)}
}

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
		Effort: p.cfg.Effort, LocalOnly: !p.cfg.Public, Grid: p.grid(), UploadBytes: int64(lim.UploadBytes), Uploads: lim.Uploads,
		UploadTime: lim.UploadTime, ReadIdle: lim.IdleTime,
		WriteTime: 2 * lim.UploadTime, // the largest original to a client as slow as the slowest uploader
		ArtCells:  2 * lim.Cells, Stopping: p.stopping,
	}
}
