package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/charcoal-art/charcoal/client"
	"github.com/charcoal-art/charcoal/internal/load"
	"github.com/charcoal-art/charcoal/raster"
)

func newBench(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how much a server can do",
		Args:  noMoreArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchServer(p))
	return cmd
}

// benchFlags is the command line of bench server.
type benchFlags struct {
	*remote
	*optionFlags
	embedded bool
	json     bool
	size     string
	seed     uint64
	plan     load.Plan
}

func newBenchServer(p Process) *cobra.Command {
	f := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "server [FILE...]",
		Short: "Put a server under load, and measure it",
		Long: `Upload pictures as many clients do, and measure how many a second get ready, how
long clients wait, and what is refused. Pictures are made up, or are the JPEG and PNG
files that are named. Each upload is of a picture that was never there: a comment in
it is new. They stay on the server: use one that is there for this.

Without --rate each client uploads again once it has its answer, so the server
says how fast. With --rate uploads become due at that rate whatever the server does,
and what waits for its turn counts as waiting, as it does for people.

--embedded starts a server of its own for the time, with an empty data folder and the
settings of the environment, and tells its CPU time, too. Ctrl-C ends the test; what
was measured until then is shown.`,
		Example: `  charcoal bench server --embedded
  charcoal bench server --server http://127.0.0.1:8080 --clients 32 --time 30s
  charcoal bench server --rate 50 --time 1m --json photos/*.jpg`,
		Args: cobra.ArbitraryArgs, // RunE reads them
	}
	cmd.Flags().SortFlags = false
	f.remote = addRemote(cmd, p)
	f.add(cmd)
	f.optionFlags = addOptions(cmd)
	cmd.RunE = func(cmd *cobra.Command, files []string) (err error) {
		if err = f.complete(cmd, files); err != nil {
			return err
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return f.run(ctx, p)
	}
	return cmd
}

func (f *benchFlags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.BoolVar(&f.embedded, "embedded", false, "start a server for this test, and measure that one")
	set.IntVar(&f.plan.Clients, "clients", 8, "uploads under way at a time")
	set.Float64Var(&f.plan.Rate, "rate", 0, "upload this many a second, however the server does; 0: as fast as it answers")
	set.Int64Var(&f.plan.Count, "count", 0, "stop after this many uploads")
	set.DurationVar(&f.plan.Time, "time", 0, "stop uploading after this long (default 10s, without --count)")
	set.DurationVar(&f.plan.Settle, "settle", time.Minute, "then wait this long until all is drawn")
	set.StringVar(&f.size, "size", "768x512", "make pictures of so many `pixels`")
	set.Uint64Var(&f.seed, "seed", 1, "make these pictures: the same seed gives the same")
	set.BoolVar(&f.json, "json", false, "write the result as a JSON object")
}

// maxClients keeps a slip of the finger from taking all memory: each has a picture.
const maxClients = 100_000

// complete makes the plan of the command line.
func (f *benchFlags) complete(cmd *cobra.Command, files []string) (err error) {
	switch p := f.plan; {
	case p.Clients < 1 || p.Clients > maxClients:
		return usagef("--clients: give 1 to %d", maxClients)
	case p.Rate < 0 || p.Count < 0 || p.Time < 0 || p.Settle < 0:
		return usagef("--rate, --count, --time and --settle are not negative")
	case f.embedded && f.server != "":
		return usagef("--embedded starts a server; leave out --server")
	case p.Count == 0 && p.Time == 0:
		f.plan.Time = 10 * time.Second
	}
	if f.plan.Draw, err = f.options(cmd.Flags()); err != nil {
		return err
	}
	if len(files) > 0 {
		f.plan.Pictures, err = readPictures(files)
	} else {
		f.plan.Pictures, err = makePictures(f.size, f.seed)
	}
	return err
}

// somePictures is of how many different pictures a load is made.
const somePictures = 4

func makePictures(size string, seed uint64) (pictures []load.Picture, err error) {
	var width, height int
	if _, err := fmt.Sscanf(size, "%dx%d", &width, &height); err != nil {
		return nil, usagef("--size: %q is not allowed; give width and height, such as 768x512", size)
	}
	for i := range uint64(somePictures) {
		p, err := load.Photo(width, height, seed*somePictures+i)
		if err != nil {
			return nil, usagef("--size: %w", err)
		}
		pictures = append(pictures, p)
	}
	return pictures, nil
}

func readPictures(files []string) (pictures []load.Picture, err error) {
	for _, name := range files {
		content, err := readBounded(name, raster.DefaultLimits().Bytes)
		if err != nil {
			return nil, err
		}
		p, err := load.NewPicture(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		pictures = append(pictures, p)
	}
	return pictures, nil
}

// readBounded reads a file that has at most so many bytes.
func readBounded(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > most:
		return nil, fmt.Errorf("%s: it is longer than %d bytes", name, most)
	}
	return content, nil
}

func (f *benchFlags) run(ctx context.Context, p Process) error {
	measure := f.remotely
	if f.embedded {
		measure = f.locally
	}
	report, err := measure(ctx, p)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	if f.json {
		return writeJSONLine(p.Stdout, report)
	}
	return report.WriteText(p.Stdout)
}

func (f *benchFlags) remotely(ctx context.Context, _ Process) (load.Report, error) {
	c, err := f.dial(1)
	if err != nil {
		return load.Report{}, err
	}
	return load.Run(ctx, c, f.plan)
}

// locally measures a server of its own.
func (f *benchFlags) locally(ctx context.Context, p Process) (r load.Report, err error) {
	data, err := os.MkdirTemp("", "charcoal-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	s, err := startEmbedded(p, data)
	if err != nil {
		return r, err
	}
	c, err := connect(s.url, client.Options{Attempts: 1})
	if err == nil {
		r, err = load.Run(ctx, c, f.plan)
	}
	used := s.stop()
	if r.Ready > 0 {
		r.ServerCPU = float64(used.Microseconds()) / 1000 / float64(r.Ready)
	}
	return r, err
}

// embedded is a server in a process of its own, so that its CPU time is.
type embedded struct {
	cmd     *exec.Cmd
	url     string
	drained chan struct{} // closed once all that it says was read
}

var listening = regexp.MustCompile(`"msg":"listening".*"url":"([^"]+)"`)

// startEmbedded starts this program as a server and waits until it is ready.
func startEmbedded(p Process, data string) (*embedded, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "serve", "--addr", "127.0.0.1:0", "--data", data, "--log-format", "json") //nolint:gosec,noctx // this very program, which stop ends
	cmd.Args[0], cmd.Env = "charcoal", append([]string{}, p.Env...)
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	s := &embedded{cmd: cmd, drained: make(chan struct{})}
	lines := bufio.NewReader(log)
	said := s.await(lines)
	go func() {
		defer close(s.drained)
		_, _ = io.Copy(io.Discard, lines)
	}()
	if s.url == "" {
		s.stop()
		return nil, fmt.Errorf("the server did not start: %s", oneLine(strings.TrimPrefix(said, "charcoal: ")))
	}
	return s, nil
}

// await reads until the server is ready, or ends, and returns the last that it said.
func (s *embedded) await(lines *bufio.Reader) (said string) {
	url := ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return said
		}
		said = line
		if found := listening.FindStringSubmatch(line); found != nil {
			url = found[1]
		}
		if strings.Contains(line, `"msg":"ready"`) {
			s.url = url
			return said
		}
	}
}

// stop ends the server and returns the CPU time that it took.
func (s *embedded) stop() time.Duration {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.drained
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}
