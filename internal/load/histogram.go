package load

import (
	"math"
	"time"
)

// histogram counts durations in classes whose bounds grow by 2 %, from a microsecond
// to some hours: of any number of them, percentiles are right within 2 % and take the
// same memory. The zero value is empty.
type histogram struct {
	classes [1200]int64 // 1 µs · 1.02^1200 is 5.8 hours
	n       int64
	longest time.Duration
}

const growth = 1.02

func (h *histogram) add(d time.Duration) {
	class := math.Ceil(math.Log(max(1, float64(d)/float64(time.Microsecond))) / math.Log(growth))
	h.classes[min(int(class), len(h.classes)-1)]++
	h.n++
	h.longest = max(h.longest, d)
}

// quantile returns the least upper bound of a class below which are the share p of all
// durations; 0 of none.
func (h *histogram) quantile(p float64) time.Duration {
	rank := int64(math.Ceil(p * float64(h.n)))
	for class, n := range h.classes {
		if rank -= n; rank <= 0 && h.n > 0 {
			bound := time.Duration(math.Pow(growth, float64(class)) * float64(time.Microsecond))
			return min(bound, h.longest)
		}
	}
	return h.longest
}

func (h *histogram) summary() Latency {
	return Latency{
		P50: milliseconds(h.quantile(0.5)), P90: milliseconds(h.quantile(0.9)), P99: milliseconds(h.quantile(0.99)),
		P999: milliseconds(h.quantile(0.999)), Max: milliseconds(h.longest),
	}
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(10*time.Microsecond)) / 100
}
