package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/charcoal-art/charcoal/client"
)

// uploadFlags is the command line of upload.
type uploadFlags struct {
	*remote
	*optionFlags
	title      string
	tags       []string
	visibility string
	expires    string
	jobs       int
	wait       bool
	json       bool
	quiet      bool
	again      bool
}

const maxJobs = 64

func newUpload(p Process) *cobra.Command {
	f := &uploadFlags{}
	cmd := &cobra.Command{
		Use:   "upload FILE|FOLDER...",
		Short: "Upload pictures to a server",
		Long: `Upload pictures to a server, which draws them, and write the id of each image
with the name of its file. Of folders, all pictures in them are uploaded, except what
is hidden and symbolic links; "-" is standard input.

What was uploaded is remembered, in $XDG_STATE_HOME/charcoal or
~/.local/state/charcoal. So a run that was broken off goes on where it was when it is
started again, and a file whose bytes the account has already is not sent: its image
gets the title, tags and so on that are given now, and is drawn with the options that
are.

A server that is busy is waited for. The exit status is 1 when a file could not be
uploaded, or with --wait not be drawn.`,
		Example: `  charcoal upload cat.jpg
  charcoal upload --tag holiday --visibility public --cols 120 photos/
  charcoal upload --jobs 8 --quiet ~/Pictures
  charcoal upload --wait --json *.png | jq -r .image.id`,
		Args: cobra.ArbitraryArgs, // RunE checks them after the flags
	}
	cmd.Flags().SortFlags = false
	f.remote = addRemote(cmd, p)
	f.add(cmd.Flags())
	f.optionFlags = addOptions(cmd)
	completeWords(cmd, "visibility", visibilities)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		u, err := f.uploader(cmd.Flags(), names)
		if err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return f.run(ctx, p, u, names)
	}
	return cmd
}

var visibilities = []string{string(client.Private), string(client.Unlisted), string(client.Public)}

func (f *uploadFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.title, "title", "", "what the picture is called: a `text`")
	flags.StringSliceVar(&f.tags, "tag", nil, "`words` to find it by; may be given several times")
	flags.StringVar(&f.visibility, "visibility", "", "`who` may see it: "+strings.Join(visibilities, ", ")+" (default private)")
	flags.StringVar(&f.expires, "expires", "", "when it is deleted by itself: a `time` such as 30d or 2027-01-31 (default never)")
	flags.IntVarP(&f.jobs, "jobs", "j", 4, "how many files are sent at a time: a `number`")
	flags.BoolVar(&f.wait, "wait", false, "wait until the pictures are drawn")
	flags.BoolVar(&f.json, "json", false, "write a JSON object a line for each file")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "show no progress, and write nothing but what went wrong")
	flags.BoolVar(&f.again, "again", false, "send what is remembered as sent, too")
}

// uploader checks the command line.
func (f *uploadFlags) uploader(flags *pflag.FlagSet, names []string) (*uploader, error) {
	switch {
	case len(names) == 0:
		return nil, usagef(`upload needs a picture; name a file or a folder, or "-" for standard input`)
	case f.jobs < 1 || f.jobs > maxJobs:
		return nil, usagef("--jobs is %d, but must be from 1 to %d", f.jobs, maxJobs)
	case f.title != "" && len(names) > 1:
		return nil, usagef("--title is for one picture, and there are %d", len(names))
	}
	if err := checkWord("visibility", f.visibility, visibilities); err != nil {
		return nil, err
	}
	u := &uploader{wait: f.wait, again: f.again}
	u.options = client.UploadOptions{Title: f.title, Tags: f.tags, Visibility: client.Visibility(f.visibility)}
	var err error
	if u.options.Draw, err = f.options(flags); err != nil {
		return nil, err
	}
	if f.expires != "" {
		if u.options.Expires, err = parseFuture(f.expires, time.Now()); err != nil {
			return nil, usagef("--expires: %w", err)
		}
	}
	u.client, err = f.dial(patient)
	return u, err
}

// checkWord refuses a word that is none of those that there are; "" is none.
func checkWord(flag, word string, words []string) error {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	return usagef("--%s is %q, but must be one of: %s", flag, word, strings.Join(words, ", "))
}

func (f *uploadFlags) run(ctx context.Context, p Process, u *uploader, names []string) (err error) {
	found := gather(names)
	if f.title != "" && len(found.pictures) > 1 {
		return usagef("--title is for one picture, and there are %d", len(found.pictures))
	}
	account, err := f.account(ctx)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	if u.journal, err = openJournal(f.env, u.client.BaseURL(), account); err != nil {
		complain(p.Stderr, "what is uploaded will not be remembered: "+explain(err))
	}
	defer func() { err = errors.Join(err, u.journal.close()) }()
	u.stdin = p.Stdin
	u.meter = newMeter(p, f.quiet, len(found.pictures), found.bytes)
	u.tell = &teller{meter: u.meter, json: f.json, quiet: f.quiet, of: len(found.pictures)}
	for _, fault := range found.faults {
		u.tell.fault(fault)
	}
	u.all(ctx, found.pictures, f.jobs)
	u.meter.stop()
	return u.tell.end(ctx, p.Stderr)
}

// account is the id of the one that is signed in to, or "" for none. It finds out,
// too, whether there is a server.
func (f *uploadFlags) account(ctx context.Context) (string, error) {
	c, err := f.dial(impatient)
	if err != nil {
		return "", err
	}
	me, err := c.Me(ctx)
	if e, ok := errors.AsType[*client.Error](err); ok && !e.Temporary() {
		return "", nil // there is no account to sign in to, or none of ours
	}
	if err != nil {
		return "", err
	}
	return me.ID, nil
}

// all uploads pictures, some at a time, until ctx ends or it is of no use. What
// becomes of each is told.
func (u *uploader) all(ctx context.Context, pictures []candidate, jobs int) {
	var group errgroup.Group
	group.SetLimit(jobs)
	for _, picture := range pictures {
		group.Go(func() error {
			if ctx.Err() == nil && !u.tell.isHopeless() {
				u.tell.result(ctx, picture, u.one(ctx, picture))
			}
			return nil
		})
	}
	_ = group.Wait() // none returns an error
}

// newRemotes are the commands that talk to a server.
func newRemotes(p Process) []*cobra.Command {
	return []*cobra.Command{
		newLogin(p), newLogout(p), newUpload(p), newGet(p), newListImages(p), newSearch(p), newRemove(p), newWatch(p),
	}
}

func errorText(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return explainRemote(e)
	}
	return fmt.Sprint(withoutPath(err))
}
