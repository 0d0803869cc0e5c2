package signkey

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// maxFile is how large a file with a key may be, in bytes.
const maxFile = 64 << 10

// An Error says why a file is not taken as a key. What the system refused comes as it
// is instead.
type Error struct {
	Path string
	Hint string // what to try next; may be empty
	Err  error
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// A hint goes along with an error until its file is known.
type hint struct {
	text string
	error
}

func hinted(text string, err error) error { return &hint{text, err} }

func fileError(path string, err error) error {
	e := &Error{Path: path, Err: err}
	if h, ok := errors.AsType[*hint](err); ok {
		e.Hint = h.text
	}
	return e
}

// ReadPublic reads a file with a public key.
func ReadPublic(path string) (*Public, error) {
	text, _, err := read(path)
	if err != nil {
		return nil, err
	}
	p, err := ParsePublic(text)
	if err != nil {
		return nil, fileError(path, err)
	}
	return p, nil
}

// ReadPrivate reads a file with a private key, which nobody but its owner may read or
// write. passphrase is asked if the key is encrypted; its error comes as it is.
func ReadPrivate(path string, passphrase func() ([]byte, error)) (*Private, error) {
	text, mode, err := read(path)
	if err != nil {
		return nil, err
	}
	b, err := parseBlock(text)
	if err != nil {
		return nil, fileError(path, err)
	}
	loose := mode.IsRegular() && mode.Perm()&0o077 != 0 && runtime.GOOS != "windows"
	if loose && (b.kind == blockPrivate || b.kind == blockEncrypted) {
		return nil, &Error{path, "run chmod 600 " + path + ", and make a new key if somebody may have read this one",
			fmt.Errorf("others than its owner may use this private key: its mode is %04o", mode.Perm())}
	}
	var asked error
	p, err := b.private(func() (words []byte, err error) {
		words, asked = passphrase()
		return words, asked
	})
	switch {
	case asked != nil:
		return nil, asked
	case err != nil:
		return nil, fileError(path, err)
	}
	return p, nil
}

// Create writes a file that is not there yet, with a mode that no umask widens. One that
// is there stays as it is, and the error is fs.ErrExist.
func Create(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

// read reads a file of bounded size, and its mode by the same descriptor.
func read(path string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, &Error{path, "name the file that holds the key, or make one with nodeint keygen", errors.New("there is no such file")}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading a key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("reading a key: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, 0, fmt.Errorf("reading a key: %w", err)
	}
	return text, info.Mode(), nil
}
