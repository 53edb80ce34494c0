package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/client"
)

// getFlags is the command line of get.
type getFlags struct {
	*remote
	*optionFlags
	format   string
	output   string
	original bool
}

func newGet(p Process) *cobra.Command {
	f := &getFlags{}
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Fetch the art of an image from a server",
		Long: `Fetch the art of an image: that of its newest rendering, or with options as they
say. What was not drawn so before is drawn now, and waited for.

On a terminal the art has its colours; elsewhere it is plain text, unless --format or
the extension of --output says otherwise.`,
		Example: `  charcoal get 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal get --format svg -o cat.svg 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal get --cols 60 --glyphs braille 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70
  charcoal get --original -o cat.jpg 01936f3e-7c1a-7b0e-8f3a-2b1c4d5e6f70`,
		Args: oneID,
	}
	cmd.Flags().SortFlags = false
	f.remote = addRemote(cmd, p)
	cmd.Flags().StringVar(&f.format, "format", "", "in this `format`: "+strings.Join(formatNames(), ", "))
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "write to this `file`, in the format of its extension")
	cmd.Flags().BoolVar(&f.original, "original", false, "fetch the picture itself, as it was uploaded")
	f.optionFlags = addOptions(cmd)
	completeWords(cmd, "format", formatNames())
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		options, err := f.options(cmd.Flags())
		if err != nil {
			return err
		}
		if f.original && (given(options) || f.format != "") {
			return usagef("--original is the picture as it was uploaded; leave out --format and how to draw it")
		}
		name, err := f.formatName(p)
		if err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return stoppedOrNil(ctx, f.run(ctx, p, ids[0], name, options))
	}
	return cmd
}

func stoppedOrNil(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return stoppedOr(ctx, err)
}

// oneID wants one argument.
func oneID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one id, and there are %d; see %s", cmd.CommandPath(), len(args), helpFor(cmd))
	}
	return nil
}

// binary are formats that are nothing for a terminal.
var binary = []string{"png", "gif", "ans"}

// formatName is the one that was asked for, that of the output, or what suits it.
func (f *getFlags) formatName(p Process) (string, error) {
	name := f.format
	switch {
	case f.original:
		if f.output == "" && isTerminal(p.Stdout) {
			return "", usagef("a picture is nothing for a terminal; give --output")
		}
		return "", nil
	case name != "":
		if _, err := format.Lookup(name); err != nil {
			return "", usagef("--format: %w", err)
		}
	case f.output != "":
		of, err := formatOf(f.output)
		if err != nil {
			return "", err
		}
		name = of.Name
	case isTerminal(p.Stdout) && terminalDepth(p.Env) != "none":
		name = "ansi"
	default:
		name = "text"
	}
	if f.output == "" && isTerminal(p.Stdout) && slices.Contains(binary, name) {
		return "", usagef("%s is nothing for a terminal; give --output", name)
	}
	return name, nil
}

func (f *getFlags) run(ctx context.Context, p Process, id, name string, options client.DrawOptions) error {
	c, err := f.dial(impatient)
	if err != nil {
		return err
	}
	var body io.ReadCloser
	if f.original {
		body, err = c.Original(ctx, id)
	} else {
		body, err = c.Art(ctx, id, name, options)
	}
	if err != nil {
		return err
	}
	defer body.Close()
	if f.output != "" {
		return f.save(body)
	}
	out := p.Stdout
	if isTerminal(out) {
		out = &tame{w: out}
	}
	return copyBody(out, body)
}

// save writes to the output: a file only once all is there, but what is no regular
// file, such as a pipe, as it is.
func (f *getFlags) save(body io.Reader) (err error) {
	write := func(w io.Writer) error { return copyBody(w, body) }
	if info, statErr := os.Stat(f.output); statErr == nil && !info.Mode().IsRegular() {
		var file *os.File
		if file, err = os.OpenFile(f.output, os.O_WRONLY, 0); err == nil {
			err = errors.Join(write(file), file.Close())
		}
	} else {
		err = writeWhole(f.output, 0o666, write)
	}
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

func copyBody(w io.Writer, body io.Reader) error {
	if _, err := io.Copy(w, body); err != nil {
		return fmt.Errorf("write the drawing: %w", err)
	}
	return nil
}
