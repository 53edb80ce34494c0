// Package engines makes what draws, as a configuration says.
package engines

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/execengine"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

// New returns every engine there is, the default first. Each program is asked for
// its version, so that one that is not there shows now.
func New(ctx context.Context, c config.Config) ([]charcoal.Converter, error) {
	native := NewNative(c)
	all := []charcoal.Converter{native}
	programs := c.Programs()
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		e, err := newProgram(ctx, c, name, programs[name], native)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if name == c.DefaultEngine() {
			all[0], all[len(all)-1] = e, native
		}
	}
	return all, nil
}

// Named returns one engine; the others need not be there.
func Named(ctx context.Context, c config.Config, name string) (charcoal.Converter, error) {
	native := NewNative(c)
	if name == config.NativeEngine {
		return native, nil
	}
	programs := c.Programs()
	p, ok := programs[name]
	if !ok {
		known := append([]string{config.NativeEngine}, slices.Sorted(maps.Keys(programs))...)
		return nil, charcoal.Errorf(charcoal.Invalid, "there is no engine %.40q in the configuration; there are: %s", name, strings.Join(known, ", "))
	}
	return newProgram(ctx, c, name, p, native)
}

// NewNative returns the engine built in, under the limits of a configuration.
func NewNative(c config.Config) *nativeengine.Engine {
	return nativeengine.New(nativeengine.Config{
		Raster: pictures(c.Limits),
		Art:    Grid(c.Limits),
		Memory: int64(c.Limits.DecodeBytes),
		Turns:  c.WorkerCount(),
		Time:   c.Limits.ConvertTime,
	})
}

// newProgram shares the budget of the native engine.
func newProgram(ctx context.Context, c config.Config, name string, p config.Program, native *nativeengine.Engine) (charcoal.Converter, error) {
	command, err := execengine.Words(p.Command)
	if err != nil {
		return nil, fmt.Errorf("the command of the engine %s: %w", name, err)
	}
	version, err := execengine.Words(p.Version)
	if err != nil {
		return nil, fmt.Errorf("the version command of the engine %s: %w", name, err)
	}
	return execengine.New(ctx, execengine.Config{
		Name: name, Command: command, Version: version, Pixels: p.Decoded, Path: c.Engine.Path,
		Time: c.Limits.ConvertTime, Budget: native, Memory: int64(c.Engine.Memory), Self: execengine.Executable,
		Art: Grid(c.Limits), Raster: pictures(c.Limits),
	}, native)
}

func pictures(lim config.Limits) raster.Limits {
	r := raster.DefaultLimits()
	r.Bytes, r.Pixels = int64(lim.UploadBytes), lim.Pixels
	return r
}

// Grid is how large drawings may be. It leaves the number of rows to the limit on
// cells.
func Grid(lim config.Limits) ascii.Limits {
	return ascii.Limits{Cols: lim.Columns, Rows: int(lim.Cells), Cells: int(lim.Cells)}
}
