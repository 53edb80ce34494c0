package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

func newLimits(p Process) *cobra.Command {
	var asJSON bool
	var file string
	cmd := &cobra.Command{
		Use:   "limits",
		Short: "Show how large pictures and drawings may be",
		Long: `Show the limits that stop a picture from costing too much: those of
"charcoal draw", or with a configuration file those of a server that has it. They
are checked before memory is taken, and again against what was really decoded.`,
		Example: `  charcoal limits
  charcoal limits --config /etc/charcoal.yaml
  charcoal limits --json | jq .pixels`,
		Args: noMoreArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write an object of numbers, with null where there is no limit")
	cmd.Flags().StringVar(&file, "config", config.LookupFile(p.Env), "the configuration `file` (or name it in "+config.FileVariable+")")
	must(cmd.MarkFlagFilename("config", "yaml", "yml"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		engine, err := limitedEngine(file, p.Env)
		if err != nil {
			return err
		}
		write := writeLimits
		if asJSON {
			write = writeLimitsJSON
		}
		return write(cmd.OutOrStdout(), limitsOf(engine.Limits()))
	}
	return cmd
}

// limitedEngine is the engine of draw, or that of a configuration file.
func limitedEngine(file string, env []string) (*nativeengine.Engine, error) {
	if file == "" {
		return nativeengine.New(nativeengine.Config{}), nil
	}
	loaded, err := config.Load(config.Sources{File: file, Env: env})
	if err != nil {
		return nil, &usageError{err}
	}
	return engines.NewNative(loaded.Config), nil
}

// limit is one row of what is shown.
type limit struct {
	name  string
	value int64 // 0 for no limit
	of    string
}

func limitsOf(c nativeengine.Config) []limit {
	return []limit{
		{"bytes", c.Raster.Bytes, "bytes of a file"},
		{"pixels", c.Raster.Pixels, "pixels of a picture or a frame, width × height"},
		{"frames", int64(c.Raster.Frames), "frames of an animation that are read"},
		{"all_pixels", c.Raster.AllPixels, "pixels of all frames that are read"},
		{"chunk_bytes", raster.MaxChunk, "bytes that a compressed colour profile is inflated to"},
		{"picture_memory", c.Raster.Memory, "bytes of memory for one picture"},
		{"memory", c.Memory, "bytes of memory for all pictures and drawings at one time"},
		{"time_ms", int64(c.Time / time.Millisecond), "milliseconds for decoding and drawing a picture"},
		{"columns", int64(c.Art.Cols), "characters of a line"},
		{"rows", int64(c.Art.Rows), "lines of a drawing"},
		{"cells", int64(c.Art.Cells), "characters of a drawing, of all its frames"},
		{"drawn_frames", int64(c.Art.Frames), "frames of a drawing"},
	}
}

func writeLimits(w io.Writer, limits []limit) error {
	return writeList(w, func(row func(...any)) {
		for _, l := range limits {
			value := "none"
			if l.value != 0 {
				value = strconv.FormatInt(l.value, 10)
			}
			row(l.name, value, l.of)
		}
	})
}

func writeLimitsJSON(w io.Writer, limits []limit) error {
	object := map[string]*int64{}
	for _, l := range limits {
		object[l.name] = nil
		if l.value != 0 {
			object[l.name] = &l.value
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(object); err != nil {
		return fmt.Errorf("write the limits: %w", err)
	}
	return nil
}
