package events

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

const (
	streams = 2000
	owners  = 100
	second  = 600 // events a second: 200 conversions
)

// owned makes n events of the owners in turn.
func owned(ids []charcoal.ID, n int) []charcoal.Event {
	events := make([]charcoal.Event, n)
	for i := range events {
		events[i] = charcoal.Event{Type: charcoal.RenderingReady, Owner: ids[i%len(ids)], Image: ids[i%len(ids)]}
	}
	return events
}

func ownerIDs() []charcoal.ID {
	ids := make([]charcoal.ID, owners)
	for i := range ids {
		ids[i] = charcoal.NewID()
	}
	return ids
}

// Five seconds of events, as fast as they can be handed out, to streams that began
// at different times: each gets all of its own, in their order, and nothing else.
func TestManyStreams(t *testing.T) {
	const events = 5 * second
	log := &memoryLog{}
	h, _ := start(t, config(), log)
	ids := ownerIDs()
	var readers, publisher sync.WaitGroup
	for i := range streams {
		owner := ids[i%owners]
		filter := charcoal.EventFilter{Owner: &owner}
		if i%2 == 1 {
			filter = charcoal.EventFilter{Image: &owner}
		}
		s := subscribe(t, h, filter, 0)
		readers.Go(func() {
			for k, e := range next(t, s, events/owners) {
				if want := int64(2 * (k*owners + i%owners + 1)); e.Seq != want {
					t.Errorf("stream %d, event %d: got number %d, want %d", i, k, e.Seq, want)
					return
				}
			}
		})
		if i == streams/2 {
			publisher.Go(func() {
				for _, e := range owned(ids, events) {
					log.add(e)
					h.Poke()
				}
			})
		}
	}
	publisher.Wait()
	readers.Wait()
}

// The same with the real log, while pictures are uploaded by many.
func TestStreamsOfTheStore(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "charcoal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	h, stop := start(t, config(), store)
	t.Cleanup(stop)
	const uploads, uploaders = 20, 8
	var work sync.WaitGroup
	for range uploaders {
		owner := charcoal.NewID()
		for range 4 {
			s := subscribe(t, h, charcoal.EventFilter{Owner: &owner}, 0)
			work.Go(func() {
				var after int64
				for _, e := range next(t, s, 2*uploads) {
					if e.Seq <= after || e.Owner != owner {
						t.Errorf("number %d after %d", e.Seq, after)
					}
					after = e.Seq
				}
			})
		}
		work.Go(func() {
			for range uploads {
				upload(t, store, owner)
				h.Poke()
			}
		})
	}
	work.Wait()
}

func upload(t *testing.T, store charcoal.Store, owner charcoal.ID) {
	now := time.Now()
	img := charcoal.Image{ID: charcoal.NewID(), Owner: owner, Created: now, Visibility: charcoal.Private}
	if err := store.BeginUpload(t.Context(), img, 1<<40); err != nil {
		t.Errorf("begin upload: %v", err)
	}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: owner, Created: now}
	if _, _, err := store.CommitUpload(t.Context(), img, r, false); err != nil {
		t.Errorf("commit upload: %v", err)
	}
}

// BenchmarkHandOut measures a second of events to all streams, until the last of
// them has the last of its events.
func BenchmarkHandOut(b *testing.B) {
	log := &memoryLog{}
	h, _ := start(b, config(), log)
	ids := ownerIDs()
	got := make(chan struct{}, streams)
	for i := range streams {
		s := subscribe(b, h, charcoal.EventFilter{Owner: &ids[i%owners]}, FromNow)
		go func() { // ends with the hub
			for n := 0; ; {
				batch, err := s.Next(b.Context())
				if err != nil {
					return
				}
				for n += len(batch); n >= second/owners; n -= second / owners {
					got <- struct{}{}
				}
			}
		}()
	}
	batch := owned(ids, second)
	b.ReportAllocs()
	for b.Loop() {
		log.add(batch...)
		h.Poke()
		for range streams {
			<-got
		}
		_, _ = log.PurgeEvents(b.Context(), time.Now(), 0, second)
	}
	b.ReportMetric(float64(second)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
