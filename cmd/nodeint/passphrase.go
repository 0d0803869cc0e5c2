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

// passphraseVariable is the environment variable that may contain the passphrase.
const passphraseVariable = "NODEINT_PASSPHRASE"

// maxPassphrase is the largest passphrase that is read from a descriptor, in bytes.
const maxPassphrase = 1 << 10

// passphraseOptions say where the passphrase of a private key comes from: the
// descriptor, else the environment, else a prompt on the terminal.
type passphraseOptions struct {
	fd int
}

func (o *passphraseOptions) register(fs *pflag.FlagSet) {
	fs.IntVar(&o.fd, "passphrase-fd", -1, "read the private key's passphrase from file descriptor `N` (the first line)")
}

// forKey returns the passphrase of the encrypted key in file.
func (o *passphraseOptions) forKey(ctx context.Context, u *ui, file string) ([]byte, error) {
	passphrase, err := o.read()
	if err != nil || passphrase != nil {
		return passphrase, err
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil, usage("use --passphrase-fd 3 3<FILE, or set "+passphraseVariable, "cannot decrypt %s: no passphrase was given, and stdin is not a terminal", file)
	}
	return u.prompt(ctx, "passphrase for "+u.displayPath(file)+": ")
}

// forNewKey returns the passphrase for a new key. It is empty if there is no terminal,
// or if the user enters none.
func (o *passphraseOptions) forNewKey(ctx context.Context, u *ui) ([]byte, error) {
	passphrase, err := o.read()
	if err != nil || passphrase != nil || !term.IsTerminal(int(os.Stdin.Fd())) {
		return passphrase, err
	}
	first, err := u.prompt(ctx, "passphrase for the private key (empty for none): ")
	if err != nil || len(first) == 0 {
		return nil, err
	}
	second, err := u.prompt(ctx, "repeat the passphrase: ")
	if err == nil && !bytes.Equal(first, second) {
		err = usage("run the command again", "the two passphrases differ")
	}
	return first, err
}

// read returns the passphrase from the descriptor or the environment, or nil if
// neither is set.
func (o *passphraseOptions) read() ([]byte, error) {
	source := passphraseVariable
	passphrase, ok := os.LookupEnv(passphraseVariable)
	switch {
	case o.fd != -1:
		source = "--passphrase-fd"
		var err error
		if passphrase, err = readLine(o.fd); err != nil {
			return nil, err
		}
	case !ok:
		return nil, nil
	}
	if passphrase == "" {
		return nil, usage("set a passphrase, or remove "+source, "%s: the passphrase is empty", source)
	}
	return []byte(passphrase), nil
}

// readLine returns the first line that can be read from a descriptor.
func readLine(fd int) (string, error) {
	bad := func(err error) (string, error) {
		return "", usage("use --passphrase-fd 3 3<FILE", "--passphrase-fd %d: %w", fd, err)
	}
	if fd < 0 {
		return bad(errors.New("invalid file descriptor"))
	}
	f := os.NewFile(uintptr(fd), "passphrase")
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPassphrase+1))
	if err != nil {
		return bad(err)
	}
	if len(text) > maxPassphrase {
		return bad(fmt.Errorf("the passphrase is longer than %d bytes", maxPassphrase))
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

// prompt asks for a passphrase on the terminal, without echo. After Ctrl-C it
// restores the terminal.
func (u *ui) prompt(ctx context.Context, question string) ([]byte, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for the passphrase: %w", err)
	}
	fmt.Fprint(u.err, "nodeint: ", question)
	type answer struct {
		passphrase []byte
		err        error
	}
	answers := make(chan answer, 1)
	go func() {
		passphrase, err := term.ReadPassword(fd)
		answers <- answer{passphrase, err}
	}()
	select {
	case a := <-answers:
		fmt.Fprintln(u.err)
		if a.err != nil {
			return nil, usage("type the passphrase, then press Enter", "no passphrase was entered: %w", a.err)
		}
		return a.passphrase, nil
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		fmt.Fprintln(u.err)
		return nil, ctx.Err()
	}
}
