package cli

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/score"
	"github.com/charcoal-art/charcoal/raster"
)

func newScore(p Process) *cobra.Command {
	var invert bool
	cmd := &cobra.Command{
		Use:   "score PICTURE ART",
		Short: "Tell how faithful text art is to its picture",
		Long: `Compare ART, a file of text with or without the colours of terminals, with the
PICTURE it was drawn from, whatever program drew it. "-" is standard input.

Both are put on one raster, the art with a font, and compared as an eye sees
them from near and from far. The quality is from 0 to 100; structure is how
shapes agree, from -1 to 1; tone and colour are distances, best at 0.`,
		Example: `  charcoal score photo.jpg photo.txt
  jp2a photo.jpg | charcoal score photo.jpg -`,
		Args: cobra.ArbitraryArgs,
	}
	cmd.Flags().BoolVar(&invert, "invert", false, "the art is dark on a light page")
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		if len(files) != 2 {
			return usagef("score needs a picture and the art that was drawn from it; see %s", helpFor(cmd))
		}
		s, err := scoreFiles(cmd.Context(), p.Stdin, files[0], files[1], invert)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), scoreLine(s))
		return err
	}
	return cmd
}

func scoreLine(s score.Score) string {
	return fmt.Sprintf("quality %.1f  structure %.3f  tone %.2f  colour %.2f", s.Quality, s.Structure, s.Tone, s.Color)
}

func scoreFiles(ctx context.Context, stdin io.Reader, picture, art string, invert bool) (score.Score, error) {
	img, err := decodeFile(ctx, picture, stdin)
	if err != nil {
		return score.Score{}, fmt.Errorf("%s: %w", picture, withoutPath(err))
	}
	file, err := openPicture(art, stdin)
	if err != nil {
		return score.Score{}, fmt.Errorf("%s: %w", art, withoutPath(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, raster.DefaultLimits().Bytes))
	if err != nil {
		return score.Score{}, fmt.Errorf("%s: %w", art, withoutPath(err))
	}
	drawn, err := format.Read(text, ascii.Options{Invert: invert}.Page(), ascii.Defaults().CheckGrid)
	if err != nil {
		return score.Score{}, fmt.Errorf("%s: %w", art, err)
	}
	s, err := score.Of(ctx, drawn, img)
	if err != nil {
		return s, fmt.Errorf("%s: %w", art, err)
	}
	return s, nil
}

func decodeFile(ctx context.Context, name string, stdin io.Reader) (image.Image, error) {
	file, err := openPicture(name, stdin)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	img, _, err := raster.Decode(ctx, file, raster.DefaultLimits())
	return img, err
}
