package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/client"
	"github.com/charcoal-art/charcoal/internal/nearest"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a fault of the command line or of the configuration.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// errReported ends a command that has already told what went wrong.
var errReported = errors.New("already reported")

// report prints err and returns the exit status it means.
func report(stderr io.Writer, err error) int {
	if !errors.Is(err, errReported) {
		complain(stderr, explain(err))
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// complain prints one line. When that fails there is nobody left to tell.
func complain(stderr io.Writer, message string) {
	_, _ = fmt.Fprintln(stderr, "charcoal: "+oneLine(message))
}

// explain words err for whoever sits at the terminal. When the picture is at
// fault, its sentence says all; when the system is, or the log would say more, the
// cause matters, and the terminal is the log.
func explain(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return explainRemote(e)
	}
	if e, ok := errors.AsType[*charcoal.Error](err); charcoal.Permanent(err) && ok && !e.Logged {
		return charcoal.Message(err)
	}
	return err.Error()
}

// oneLine keeps joined errors on one line, and keeps what a file name may hold
// from steering the terminal.
func oneLine(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// flagError words the errors of the flag parser.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, unknown.GetSpecifiedName())
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return invalidValue(invalid)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s needs a value; see %s", missing.GetFlag().Name, helpFor(cmd))
	}
	return &usageError{err}
}

func unknownFlag(cmd *cobra.Command, name string) error {
	complaint := fmt.Sprintf("unknown flag --%s", name)
	if len(name) == 1 {
		complaint = fmt.Sprintf("unknown flag -%s", name)
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	return suggest(cmd, complaint, nearest.Name(name, known), "--")
}

// suggest offers the nearest name, or else the help.
func suggest(cmd *cobra.Command, complaint, near, prefix string) error {
	if near == "" {
		return usagef("%s; see %s", complaint, helpFor(cmd))
	}
	return usagef("%s; did you mean %s%s?", complaint, prefix, near)
}

func helpFor(cmd *cobra.Command) string { return fmt.Sprintf("%q", cmd.CommandPath()+" --help") }

// invalidValue says more than the parser where the parser of a number says
// "strconv.ParseInt: parsing …".
func invalidValue(e *pflag.InvalidValueError) error {
	flag, cause := e.GetFlag(), e.Unwrap()
	switch flag.Value.Type() {
	case "int":
		cause = fmt.Errorf("%q is not allowed; give a whole number", e.GetValue())
	case "float64":
		cause = fmt.Errorf("%q is not allowed; give a number, such as %s", e.GetValue(), flag.DefValue)
	case "bool":
		cause = fmt.Errorf("%q is not allowed; give true or false", e.GetValue())
	}
	return usagef("--%s: %w", flag.Name, cause)
}

// noMoreArgs refuses arguments. Where there are subcommands, an argument was
// meant to be one.
func noMoreArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return unknownCommand(cmd, args[0])
	}
	return usagef("%s takes no arguments, and there is %q; see %s", cmd.CommandPath(), args[0], helpFor(cmd))
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, c := range cmd.Commands() {
		known = append(known, c.Name())
	}
	complaint := fmt.Sprintf("unknown command %q", name)
	return suggest(cmd, complaint, nearest.Name(name, known), cmd.CommandPath()+" ")
}
