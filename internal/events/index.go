package events

import (
	"iter"

	"github.com/charcoal-art/charcoal"
)

// index finds the streams that an event concerns.
type index struct {
	everything map[*Stream]struct{}
	byOwner    map[charcoal.ID]map[*Stream]struct{}
	byImage    map[charcoal.ID]map[*Stream]struct{}
}

func newIndex() index {
	return index{
		everything: make(map[*Stream]struct{}),
		byOwner:    make(map[charcoal.ID]map[*Stream]struct{}),
		byImage:    make(map[charcoal.ID]map[*Stream]struct{}),
	}
}

// add puts a stream where the narrower of its two filters finds it.
func (x *index) add(s *Stream) {
	switch f := s.filter; {
	case f.Image != nil:
		addTo(x.byImage, *f.Image, s)
	case f.Owner != nil:
		addTo(x.byOwner, *f.Owner, s)
	default:
		x.everything[s] = struct{}{}
	}
}

func addTo(m map[charcoal.ID]map[*Stream]struct{}, id charcoal.ID, s *Stream) {
	if m[id] == nil {
		m[id] = make(map[*Stream]struct{})
	}
	m[id][s] = struct{}{}
}

// remove forgets a stream; one that is not there is no error.
func (x *index) remove(s *Stream) {
	switch f := s.filter; {
	case f.Image != nil:
		removeFrom(x.byImage, *f.Image, s)
	case f.Owner != nil:
		removeFrom(x.byOwner, *f.Owner, s)
	default:
		delete(x.everything, s)
	}
}

func removeFrom(m map[charcoal.ID]map[*Stream]struct{}, id charcoal.ID, s *Stream) {
	if delete(m[id], s); len(m[id]) == 0 {
		delete(m, id)
	}
}

// of returns the streams whose filters let the event through. They may be removed
// on the way.
func (x *index) of(e charcoal.Event) iter.Seq[*Stream] {
	return func(yield func(*Stream) bool) {
		for _, set := range []map[*Stream]struct{}{x.byImage[e.Image], x.byOwner[e.Owner], x.everything} {
			for s := range set {
				if s.filter.Match(e) && !yield(s) {
					return
				}
			}
		}
	}
}

func (x *index) all() iter.Seq[*Stream] {
	return func(yield func(*Stream) bool) {
		sets := []map[*Stream]struct{}{x.everything}
		for _, set := range x.byOwner {
			sets = append(sets, set)
		}
		for _, set := range x.byImage {
			sets = append(sets, set)
		}
		for _, set := range sets {
			for s := range set {
				if !yield(s) {
					return
				}
			}
		}
	}
}
