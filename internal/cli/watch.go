package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/client"
)

func newWatch(p Process) *cobra.Command {
	var r *remote
	w := &watcher{out: p.Stdout}
	cmd := &cobra.Command{
		Use:   "watch [ID]",
		Short: "Show what happens on a server, live",
		Long: `Show what happens to an image until it is drawn, with the exit status 1 when that
fails; or without an id what happens to all of yours, until Ctrl-C. A connection
that is lost is made again, and nothing that happened meanwhile is missed.`,
		Example: `  charcoal watch
  charcoal watch 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal watch --json | jq -r 'select(.state == "ready") | .image_id'`,
		Args: cobra.ArbitraryArgs, // RunE checks them after the flags
	}
	r = addRemote(cmd, p)
	cmd.Flags().BoolVar(&w.json, "json", false, "write a JSON object a line for each event")
	cmd.RunE = func(cmd *cobra.Command, ids []string) (err error) {
		if len(ids) > 1 {
			return usagef("watch takes one id, or none for all images, and there are %d", len(ids))
		}
		if len(ids) == 1 {
			w.id = ids[0]
		}
		if w.client, err = r.dial(impatient); err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		err = w.run(ctx)
		if ctx.Err() != nil {
			return nil // who has seen enough has not met an error
		}
		return err
	}
	return cmd
}

// watcher shows events.
type watcher struct {
	client *client.Client
	id     string // of an image; "" for all
	json   bool
	out    io.Writer
}

func (w *watcher) run(ctx context.Context) error {
	for e, err := range w.client.Events(ctx, client.EventsOptions{ImageID: w.id}) {
		if err != nil {
			return err
		}
		if err := w.show(e); err != nil {
			return err
		}
		if w.id == "" || e.Type != client.EventReset && !e.State.Final() {
			continue
		}
		if img, err := w.client.Image(ctx, w.id); err != nil || img.State.Final() {
			return w.final(img, err)
		}
	}
	return nil
}

// show writes one event, except that a stream begins.
func (w *watcher) show(e client.Event) error {
	if w.json {
		return writeJSONLine(w.out, e)
	}
	if e.Type == client.EventReset {
		return nil
	}
	_, err := fmt.Fprintf(w.out, "%s  %-19s  %s\n", e.At.Local().Format("15:04:05"), oneLine(e.Type), oneLine(e.ImageID))
	return writing(err)
}

// final tells how an image ended up.
func (w *watcher) final(img *client.Image, err error) error {
	if err != nil {
		return err
	}
	if img.Rendering != nil {
		if err := img.Rendering.Err(); err != nil {
			return err
		}
	}
	if w.json {
		return nil
	}
	return writeImage(w.out, img)
}
