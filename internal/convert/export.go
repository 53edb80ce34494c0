package convert

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// existingPage is how many renderings are read at a time.
const existingPage = 100

// Export writes everything of the actor's as a tar: for each image a folder with
// what is known of it (image.json), the original, and the art of every rendering
// that is ready, as text and as JSON. What is deleted meanwhile may be missing.
func (s *Service) Export(ctx context.Context, actor charcoal.Actor, w io.Writer) error {
	if err := actor.Need(charcoal.ScopeRead); err != nil {
		return err
	}
	owner := actor.User
	q := charcoal.Query{Viewer: actor, Owner: &owner, Sort: charcoal.ByCreated, Limit: charcoal.MaxPage}
	out := &archive{tar: tar.NewWriter(w)}
	for {
		page, err := s.catalogue.Search(ctx, q)
		if err != nil {
			return err
		}
		for _, img := range page.Images {
			if err := s.exportImage(ctx, out, img); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return out.tar.Close()
		}
	}
}

// archive writes files of known content.
type archive struct{ tar *tar.Writer }

func (a *archive) file(name string, size int64, at time.Time, r io.Reader) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: at, Format: tar.FormatPAX}
	if err := a.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("exporting %s: %w", name, err)
	}
	if _, err := io.CopyN(a.tar, r, size); err != nil {
		return fmt.Errorf("exporting %s: %w", name, err)
	}
	return nil
}

func (a *archive) bytes(name string, at time.Time, content []byte) error {
	return a.file(name, int64(len(content)), at, bytes.NewReader(content))
}

// exported is the form of image.json.
type exported struct {
	ID         charcoal.ID         `json:"id"`
	Filename   string              `json:"filename"`
	Title      string              `json:"title"`
	Tags       []string            `json:"tags"`
	Visibility charcoal.Visibility `json:"visibility"`
	Created    time.Time           `json:"created"`
	Type       string              `json:"type"`
	Size       int64               `json:"size"`
	SHA256     string              `json:"sha256"`
	Original   string              `json:"original"` // its name in this folder
	Renderings []exportedRendering `json:"renderings"`
}

type exportedRendering struct {
	ID      charcoal.ID    `json:"id"`
	State   charcoal.State `json:"state"`
	Created time.Time      `json:"created"`
	Options ascii.Options  `json:"options"`
	Engine  string         `json:"engine,omitempty"`
	Reason  string         `json:"reason,omitempty"`
}

func (s *Service) exportImage(ctx context.Context, out *archive, img charcoal.Image) error {
	folder := "images/" + img.ID.String() + "/"
	about := exported{
		ID: img.ID, Filename: img.Filename, Title: img.Title, Tags: append([]string{}, img.Tags...), Visibility: img.Visibility,
		Created: img.Created, Type: img.MediaType, Size: img.Size, SHA256: fmt.Sprintf("%x", img.SHA256), Original: "original",
	}
	for before := (charcoal.ID{}); ; {
		page, err := s.store.Renderings(ctx, img.ID, before, existingPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			before = r.ID
			about.Renderings = append(about.Renderings, exportedRendering{r.ID, r.State, r.Created, r.Options, r.Result.Engine, r.Reason})
			if err := s.exportArt(ctx, out, folder, r); err != nil {
				return err
			}
		}
		if len(page) < existingPage {
			break
		}
	}
	original, err := s.Original(ctx, img)
	if err == nil {
		err = out.file(folder+about.Original, original.Size(), img.Created, original)
		_ = original.Close() // it was only read
	}
	if err != nil && s.stillThere(ctx, img.ID) {
		return err
	}
	raw, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return fmt.Errorf("describing image %s: %w", img.ID, err)
	}
	return out.bytes(folder+"image.json", img.Created, raw)
}

// stillThere reports whether a failure to read what belongs to an image matters.
func (s *Service) stillThere(ctx context.Context, image charcoal.ID) bool {
	_, err := s.store.Image(ctx, image)
	return charcoal.CodeOf(err) != charcoal.NotFound
}

// exportArt writes the art of a rendering in all forms of an export.
func (s *Service) exportArt(ctx context.Context, out *archive, folder string, r charcoal.Rendering) error {
	if r.State != charcoal.Ready {
		return nil
	}
	for _, name := range []string{"text", "json"} {
		f, err := format.Lookup(name)
		if err != nil {
			return err
		}
		err = s.exportForm(ctx, out, folder+"renderings/"+r.ID.String()+f.Extension, r, f)
		if err != nil && s.isGone(ctx, r) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) isGone(ctx context.Context, r charcoal.Rendering) bool {
	_, err := s.store.Rendering(ctx, r.ID)
	return charcoal.CodeOf(err) == charcoal.NotFound
}

// exportForm writes to the disk first, where art of any size can wait for a reader of
// any speed.
func (s *Service) exportForm(ctx context.Context, out *archive, name string, r charcoal.Rendering, f format.Format) error {
	file := &spool{dir: s.cfg.Spool}
	defer func() {
		if err := file.Close(); err != nil {
			s.log.WarnContext(ctx, "a temporary file stays behind", "err", err)
		}
	}()
	if err := s.writeArt(ctx, file, r, f); err != nil {
		return fmt.Errorf("writing the art of %s: %w", r.ID, err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("reading the art of %s again: %w", r.ID, err)
	}
	return out.file(name, size, r.Finished, file)
}

// exportsAtOnce is how many exports hold art in memory at a time, against many of the
// largest art. None of them waits for its reader meanwhile.
const exportsAtOnce = 2

func (s *Service) writeArt(ctx context.Context, w io.Writer, r charcoal.Rendering, f format.Format) error {
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	case <-ctx.Done():
		return ctx.Err()
	}
	art, err := s.Art(ctx, r)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	return errors.Join(f.Write(buffered, art, format.Settings{}), buffered.Flush())
}
