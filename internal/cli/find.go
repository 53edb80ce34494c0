package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/client"
)

// findFlags is the command line of list and search.
type findFlags struct {
	*remote
	states     []string
	types      []string
	tags       []string
	owner      string
	visibility string
	since      string
	until      string
	similar    string
	sort       string
	ascending  bool
	deleted    bool
	limit      int
	all        bool
	json       bool
}

func newListImages(p Process) *cobra.Command {
	cmd, f := newFind(p)
	cmd.Use, cmd.Short, cmd.Args = "list", "List images on a server, newest first", noMoreArgs
	cmd.Long = `List images on a server: their ids, states, sizes, times, and titles or file names.
Who is signed in sees their own, others what is public, unless --owner says otherwise.`
	cmd.Example = `  charcoal list
  charcoal list --state failed --since 7d
  charcoal list --all --json | jq -r .id`
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.run(cmd, p, "") }
	return cmd
}

func newSearch(p Process) *cobra.Command {
	cmd, f := newFind(p)
	cmd.Use, cmd.Short, cmd.Args = "search WORDS...", "Find images on a server", cobra.ArbitraryArgs
	cmd.Long = `Find images on a server by words in their titles, file names and tags. Each word is
matched by its beginning, and all have to be there.`
	cmd.Example = `  charcoal search sunset beach
  charcoal search cat --tag holiday --type jpeg --since 2026-01-01
  charcoal search --similar 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70 --owner any`
	cmd.RunE = func(cmd *cobra.Command, words []string) error {
		if len(words) == 0 && f.similar == "" {
			return usagef(`search needs words, or --similar; "charcoal list" shows all images`)
		}
		return f.run(cmd, p, strings.Join(words, " "))
	}
	return cmd
}

// The words that a server knows.
var (
	states = []string{"queued", "running", "ready", "failed", "canceled"}
	sorts  = []string{"created", "bytes", "width", "height", "title"}
)

func newFind(p Process) (*cobra.Command, *findFlags) {
	f, cmd := &findFlags{}, &cobra.Command{}
	cmd.Flags().SortFlags = false
	f.remote = addRemote(cmd, p)
	f.add(cmd.Flags())
	completeWords(cmd, "state", states)
	completeWords(cmd, "visibility", visibilities)
	completeWords(cmd, "sort", sorts)
	return cmd, f
}

func (f *findFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.tags, "tag", nil, "with this `tag`; given several times, with all of them")
	flags.StringSliceVar(&f.types, "type", nil, "of this `format`, such as png; given several times, of any of them")
	flags.StringSliceVar(&f.states, "state", nil, "in this `state`: "+strings.Join(states, ", "))
	flags.StringVar(&f.since, "since", "", "uploaded since this `time`, such as 36h, 7d or 2026-01-31")
	flags.StringVar(&f.until, "until", "", "uploaded until this `time`")
	flags.StringVar(&f.owner, "owner", "", "whose: me, any or the `id` of a user")
	flags.StringVar(&f.visibility, "visibility", "", "`who` may see it: "+strings.Join(visibilities, ", "))
	flags.StringVar(&f.similar, "similar", "", "looks like the image of this `id`")
	flags.BoolVar(&f.deleted, "deleted", false, "in the bin")
	flags.StringVar(&f.sort, "sort", sorts[0], "the `order`: "+strings.Join(sorts, ", "))
	flags.BoolVar(&f.ascending, "ascending", false, "smallest or oldest first")
	flags.IntVarP(&f.limit, "limit", "n", 50, "at most this `number`")
	flags.BoolVar(&f.all, "all", false, "all of them")
	flags.BoolVar(&f.json, "json", false, "write a JSON object a line for each image")
}

func (f *findFlags) run(cmd *cobra.Command, p Process, words string) error {
	q, err := f.query(words)
	if err != nil {
		return err
	}
	c, err := f.dial(impatient)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	return f.show(ctx, p.Stdout, c, q)
}

func (f *findFlags) query(words string) (client.Query, error) {
	q := client.Query{
		Text: words, Types: f.types, Tags: f.tags, Owner: f.owner, Visibility: client.Visibility(f.visibility), Deleted: f.deleted,
		SimilarTo: f.similar, Sort: f.sort, Ascending: f.ascending, PageSize: 200,
	}
	if f.limit < 1 {
		return q, usagef("--limit is %d, but must be at least 1", f.limit)
	}
	if !f.all {
		q.PageSize = min(f.limit, q.PageSize)
	}
	for _, s := range f.states {
		if err := checkWord("state", s, states); err != nil {
			return q, err
		}
		q.States = append(q.States, client.State(s))
	}
	if err := checkWord("visibility", f.visibility, visibilities); err != nil {
		return q, err
	}
	if err := checkWord("sort", f.sort, sorts); err != nil {
		return q, err
	}
	var err error
	if q.CreatedFrom, err = pastFlag("since", f.since); err != nil {
		return q, err
	}
	q.CreatedTo, err = pastFlag("until", f.until)
	return q, err
}

// pastFlag is the time that a flag names; zero for none.
func pastFlag(flag, text string) (t time.Time, err error) {
	if text == "" {
		return t, nil
	}
	if t, err = parsePast(text, time.Now()); err != nil {
		return t, usagef("--%s: %w", flag, err)
	}
	return t, nil
}

func (f *findFlags) show(ctx context.Context, w io.Writer, c *client.Client, q client.Query) error {
	write := writeImage
	if f.json {
		write = func(w io.Writer, img *client.Image) error { return writeJSONLine(w, img) }
	}
	n := 0
	for img, err := range c.Search(ctx, q) {
		if err != nil {
			return stoppedOr(ctx, err)
		}
		if err := write(w, img); err != nil {
			return err
		}
		if n++; n == f.limit && !f.all {
			break
		}
	}
	return nil
}

// stoppedOr words the error of a command that somebody may have broken off.
func stoppedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errStopped
	}
	return err
}

var errStopped = errors.New("stopped")

// writeImage writes a line. Names come from other people, and steer no terminal.
func writeImage(w io.Writer, img *client.Image) error {
	size := "?"
	if img.Width > 0 {
		size = fmt.Sprintf("%d×%d", img.Width, img.Height)
	}
	name := img.Title
	if name == "" {
		name = img.Filename
	}
	_, err := fmt.Fprintf(w, "%-36s  %-8s  %11s  %s  %s\n", oneLine(img.ID), oneLine(string(img.State)), size,
		img.Created.Local().Format("2006-01-02 15:04"), oneLine(name))
	return writing(err)
}

func writeJSONLine(w io.Writer, value any) error {
	raw, err := json.Marshal(value)
	if err == nil {
		_, err = w.Write(append(raw, '\n'))
	}
	return writing(err)
}

func writing(err error) error {
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
