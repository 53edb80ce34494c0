/* A tiny engine for Charcoal: it reads a binary PPM on standard input and writes
 * text on standard output.
 *
 *	cc -O2 -o tiny tiny.c
 *	charcoal serve --engine-name tiny --engine-command './tiny {cols} {rows}' --engine-decoded
 *
 * What an engine has to do: take the size of the grid from its arguments, write
 * so many lines of so many characters, and end with 0; or else say why on standard
 * error and end with another status. Colours are escape sequences of terminals.
 */
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *why)
{
	fprintf(stderr, "tiny: %s\n", why);
	return 1;
}

int main(int argc, char **argv)
{
	static const char ramp[] = " .:-=+*#%@";
	const int steps = sizeof ramp - 2;
	int width, height, most;

	if (argc == 2 && argv[1][0] == '-') {
		puts("tiny 1.0");
		return 0;
	}
	if (argc != 3)
		return fail("usage: tiny COLS ROWS");
	int cols = atoi(argv[1]), rows = atoi(argv[2]);
	if (cols < 1 || rows < 1)
		return fail("COLS and ROWS must be at least 1");
	if (scanf("P6 %d %d %d", &width, &height, &most) != 3 || width < 1 || height < 1 || most != 255 || getchar() == EOF)
		return fail("this is no PPM of 8 bits");

	double *sum = calloc((size_t)cols * rows, sizeof *sum);
	double *count = calloc((size_t)cols * rows, sizeof *count);
	unsigned char *line = malloc((size_t)width * 3);
	if (!sum || !count || !line)
		return fail("out of memory");

	for (int y = 0; y < height; y++) {
		if (fread(line, 3, width, stdin) != (size_t)width)
			return fail("the picture is cut off");
		for (int x = 0; x < width; x++) {
			long cell = (long)y * rows / height * cols + (long)x * cols / width;
			sum[cell] += 0.2126 * line[3 * x] + 0.7152 * line[3 * x + 1] + 0.0722 * line[3 * x + 2];
			count[cell]++;
		}
	}
	for (long i = 0; i < (long)cols * rows; i++) {
		double light = count[i] > 0 ? sum[i] / count[i] / 255 : 0;
		putchar(ramp[(int)(light * steps + 0.5)]);
		if (i % cols == cols - 1)
			putchar('\n');
	}
	return ferror(stdout) || fflush(stdout) ? fail("cannot write") : 0;
}
