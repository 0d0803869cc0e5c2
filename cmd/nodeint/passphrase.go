package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// passphraseVariable has a passphrase in the environment.
const passphraseVariable = "NODEINT_PASSPHRASE"

// maxPassphrase bounds what is read of a descriptor, in bytes.
const maxPassphrase = 1 << 10

// passphraseOptions say where the passphrase of a private key comes from: the
// descriptor, else the environment, else whoever sits at the terminal.
type passphraseOptions struct {
	fd int
}

func (o *passphraseOptions) register(fs *pflag.FlagSet) {
	fs.IntVar(&o.fd, "passphrase-fd", -1, "read the private key's passphrase from file descriptor `N`, up to the end of the line")
}

// ask gives the passphrase of an encrypted key.
func (o *passphraseOptions) forKey(ctx context.Context, u *ui, file string) ([]byte, error) {
	words, err := o.read()
	if err != nil || words != nil {
		return words, err
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil, usage("set "+passphraseVariable+", or give --passphrase-fd", "%s is encrypted, and there is no terminal to ask for its passphrase", file)
	}
	return u.prompt(ctx, "passphrase of "+u.displayPath(file)+": ")
}

// choose gives the passphrase for a new key; none where there is nobody to ask, or who
// is asked wants none.
func (o *passphraseOptions) forNewKey(ctx context.Context, u *ui) ([]byte, error) {
	words, err := o.read()
	if err != nil || words != nil || !term.IsTerminal(int(os.Stdin.Fd())) {
		return words, err
	}
	first, err := u.prompt(ctx, "passphrase for the private key (none: leave it empty): ")
	if err != nil || len(first) == 0 {
		return nil, err
	}
	again, err := u.prompt(ctx, "once more: ")
	if err == nil && !bytes.Equal(first, again) {
		err = usage("type it again", "the two passphrases differ")
	}
	return first, err
}

// given gives the passphrase that needs no one at a terminal; nil where there is none.
func (o *passphraseOptions) read() ([]byte, error) {
	source := passphraseVariable
	words, ok := os.LookupEnv(passphraseVariable)
	switch {
	case o.fd != -1:
		source = "--passphrase-fd"
		var err error
		if words, err = readLine(o.fd); err != nil {
			return nil, err
		}
	case !ok:
		return nil, nil
	}
	if words == "" {
		return nil, usage("give one, or leave it out", "the passphrase of %s is empty", source)
	}
	return []byte(words), nil
}

// readLine reads the first line of a descriptor.
func readLine(fd int) (string, error) {
	bad := func(err error) (string, error) {
		return "", usage("write, for example, --passphrase-fd 3 3<FILE", "--passphrase-fd %d: %w", fd, err)
	}
	if fd < 0 {
		return bad(errors.New("there is no such descriptor"))
	}
	f := os.NewFile(uintptr(fd), "passphrase")
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPassphrase+1))
	if err != nil {
		return bad(err)
	}
	if len(text) > maxPassphrase {
		return bad(fmt.Errorf("more than %d bytes", maxPassphrase))
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

// prompt asks at the terminal, which does not show what is typed. A Ctrl-C leaves it as
// it was.
func (u *ui) prompt(ctx context.Context, question string) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("asking for a passphrase: %w", err)
	}
	fmt.Fprint(u.err, "nodeint: ", question)
	type answer struct {
		words []byte
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		words, err := term.ReadPassword(fd)
		answers <- answer{words, err}
	}()
	select {
	case a := <-answers:
		fmt.Fprintln(u.err)
		if a.err != nil {
			return nil, usage("type the passphrase, and Enter", "no passphrase was typed: %w", a.err)
		}
		return a.words, nil
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		fmt.Fprintln(u.err)
		return nil, ctx.Err()
	}
}
