package charcoal

import (
	"context"
	"time"
)

// Catalogue is what people say about images, and how they find them again.
//
// The contract of every method is that of [Store], which reads an image by its
// id. Images in the bin (Deleted) are found by [Catalogue.Search] only when asked
// for. Access is not the catalogue's business, except that a search never finds
// what its viewer may not see.
type Catalogue interface {
	// EditImage changes what the edit names and returns the image as it is then.
	// It is NotFound for one that is not there or in the bin.
	EditImage(ctx context.Context, id ID, edit ImageEdit) (Image, error)

	// BinImage puts an image into the bin and takes its renderings that are not
	// final out of the queue (canceled). Again is fine. It is NotFound when there
	// is no such image.
	BinImage(ctx context.Context, id ID, at time.Time) error

	// BinnedImage returns an image that is in the bin, or NotFound.
	BinnedImage(ctx context.Context, id ID) (Image, error)

	// RestoreImage takes an image out of the bin. It is NotFound when there is no
	// such image in it.
	RestoreImage(ctx context.Context, id ID) (Image, error)

	// BinExpired puts up to limit images into the bin whose time has come, and
	// returns how many.
	BinExpired(ctx context.Context, now time.Time, limit int) (int, error)

	// PurgeImages removes for good up to limit images that were put into the bin
	// before a time, with all their renderings; the keys of their blobs become
	// garbage in the same step. It returns how many.
	PurgeImages(ctx context.Context, binnedBefore time.Time, limit int) (int, error)

	// Garbage returns up to limit keys of blobs to which nothing leads any more.
	Garbage(ctx context.Context, limit int) ([]string, error)

	// ForgetGarbage removes keys whose blobs are gone.
	ForgetGarbage(ctx context.Context, keys []string) error

	// Search returns a page of images.
	Search(ctx context.Context, q Query) (Page, error)
}

// Query asks for images. Its zero fields do not restrict.
type Query struct {
	Viewer Actor // finds own images, public ones, and as an admin all

	Text       string // words, each matched by its beginning, in title, file name and tags
	Owner      *ID
	States     []State  // of the newest rendering
	Types      []string // formats: "PNG"
	Tags       []string // all of them
	Visibility Visibility
	Created    Range // in microseconds since 1970
	Width      Range
	Height     Range
	Bytes      Range
	Binned     bool // what is in the bin, in place of what is not

	SimilarTo PerceptualHash // looks like it; 0 does not restrict
	Distance  int            // in how many bits it may differ, 0 to [MaxDistance]

	Sort       Sort
	Descending bool
	Limit      int    // 1 to [MaxPage]
	After      string // the Next of the page before; "" for the first
}

// Range is an interval, both ends included; nil is open.
type Range struct{ Min, Max *int64 }

// Sort is what a search is ordered by; the id decides between equals. Without one it is
// the time of creation, or, in a search for what looks like something, the distance:
// the most alike first. Titles are ordered without regard to case and accents.
type Sort string

// The orders.
const (
	ByCreated Sort = "created"
	ByBytes   Sort = "bytes"
	ByWidth   Sort = "width"
	ByHeight  Sort = "height"
	ByTitle   Sort = "title"
)

// Sorts returns every order, the default first.
func Sorts() []Sort { return []Sort{ByCreated, ByBytes, ByWidth, ByHeight, ByTitle} }

// The bounds of searches.
const (
	MaxPage     = 200
	MaxDistance = 12
)

// Page is a part of what a search found. Pages go on where the one before ended,
// whatever was added or removed meanwhile.
type Page struct {
	Images []Image
	Next   string // "" at the end
}
