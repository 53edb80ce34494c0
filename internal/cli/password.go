package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/charcoal-art/charcoal/internal/account"
)

// addPasswordFlag gives cmd a flag for where a password comes from. The function that
// it returns reads or asks for the one of a user. A password is never an argument:
// everybody on a machine can list those.
func addPasswordFlag(cmd *cobra.Command, p Process) func(name string) (string, error) {
	file := cmd.Flags().String("password-file", "", `read the password from the first line of this `+"`file`"+`, "-" for standard input, in place of asking`)
	must(cmd.MarkFlagFilename("password-file"))
	return func(name string) (password string, err error) {
		switch *file {
		case "":
			password, err = askPassword(p)
		case "-":
			password, err = firstLine(p.Stdin)
		default:
			password, err = passwordIn(*file)
		}
		if err != nil {
			return "", err
		}
		return password, account.CheckPassword(name, password)
	}
}

func passwordIn(path string) (_ string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return firstLine(file)
}

// firstLine returns it without its end, and no more than a password can have and a
// little, for the error that says so.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, account.MaxPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// askPassword asks twice, without showing what is typed. Nothing is shown from
// before the question on, so that who types ahead shows nothing either.
func askPassword(p Process) (_ string, err error) {
	terminal, restore, err := askAt(p)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, restore()) }()
	first, err := terminal.ReadPassword("Password: ")
	if err != nil {
		return "", unanswered(err)
	}
	second, err := terminal.ReadPassword("Again: ")
	if err != nil {
		return "", unanswered(err)
	}
	if first != second {
		return "", errors.New("the two passwords are not the same; nothing was changed")
	}
	return first, nil
}

// askAt makes a terminal to ask questions at, where Ctrl-C is an answer and no
// signal. The caller restores it.
func askAt(p Process) (terminal *term.Terminal, restore func() error, err error) {
	fd, ok := descriptor(p.Stdin)
	if !ok || !term.IsTerminal(fd) {
		return nil, nil, usagef("there is no terminal to ask for a password at; give --password-file, which may be - for standard input")
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for the password: %w", err)
	}
	terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{p.Stdin, p.Stderr}, "")
	return terminal, func() error { return term.Restore(fd, before) }, nil
}

// unanswered is a question that ended with Ctrl-C or Ctrl-D, or an error.
func unanswered(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("no password was given; nothing was changed")
	}
	return fmt.Errorf("read the password: %w", err)
}
