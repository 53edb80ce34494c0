package app

import (
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

// TestDefaultsAreThoseOfTheEngine keeps "charcoal draw", which takes the defaults
// of the packages, and "charcoal serve" alike.
func TestDefaultsAreThoseOfTheEngine(t *testing.T) {
	lim := config.Default().Limits
	equal(t, "limits.upload_bytes", int64(lim.UploadBytes), raster.DefaultLimits().Bytes)
	equal(t, "limits.pixels", lim.Pixels, raster.DefaultLimits().Pixels)
	equal(t, "limits.columns", lim.Columns, ascii.DefaultLimits().Cols)
	equal(t, "limits.cells", int(lim.Cells), ascii.DefaultLimits().Cells)
	equal(t, "limits.decode_bytes", int64(lim.DecodeBytes), int64(nativeengine.DefaultMemory))
}

// TestTimesFitTogether for the extremes of what an operator may set.
func TestTimesFitTogether(t *testing.T) {
	p := &parts{cfg: config.Default()}
	for _, lease := range []string{"1s", "30s", "1h"} {
		p.cfg.Jobs.Lease = duration(t, lease)
		if got := p.work().Heartbeat; got <= 0 || got > p.cfg.Jobs.Lease/3 {
			t.Errorf("heartbeat for a lease of %s: got %s, want at most a third", lease, got)
		}
	}
	for _, upload := range []string{"1s", "5m", "24h"} {
		p.cfg.Limits.UploadTime = duration(t, upload)
		if got := p.work().UploadTTL; got <= p.cfg.Limits.UploadTime {
			t.Errorf("an upload is dead after %s, though it may take %s", got, upload)
		}
		if got := p.serving().WriteTime; got <= p.cfg.Limits.UploadTime {
			t.Errorf("time for an answer: got %s, want more than %s", got, upload)
		}
	}
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	noError(t, "duration", err)
	return d
}
