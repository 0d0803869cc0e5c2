package signkey

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxFile is the size of the largest file with a key, in bytes.
const maxFile = 64 << 10

// keyError returns a problem.Error with the hint. ReadPublic and ReadPrivate add the
// path.
func keyError(hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodeKey, "", hint, format, args...)
}

// fileError returns a problem.Error about the file at path, with the hint of err.
func fileError(path string, err error) error {
	hint := ""
	if e, ok := errors.AsType[*problem.Error](err); ok {
		hint = e.Hint
	}
	return problem.New(problem.Usage, problem.CodeKey, path, hint, "%s: %w", path, err)
}

// ReadPublic reads a file with a public key. If the file is not such a key, the error is
// a [*problem.Error] with the path; if the system fails, it wraps the system's error.
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

// ReadPrivate reads a file with a private key. Users other than its owner must not have
// access to it. ReadPrivate calls passphrase if the key is encrypted, and returns its
// error unchanged. Other errors are those of [ReadPublic].
func ReadPrivate(path string, passphrase func() ([]byte, error)) (*Private, error) {
	text, mode, err := read(path)
	if err != nil {
		return nil, err
	}
	b, err := parseBlock(text)
	if err != nil {
		return nil, fileError(path, err)
	}
	exposed := mode.IsRegular() && mode.Perm()&0o077 != 0 && runtime.GOOS != "windows"
	if exposed && (b.kind == blockPrivate || b.kind == blockEncrypted) {
		return nil, fileError(path, keyError("run chmod 600 "+path+"; make a new key if somebody may have read this one",
			"users other than its owner can access this private key: mode %04o", mode.Perm()))
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

// Create writes a new file with the mode, minus the umask. If the file exists, Create
// leaves it unchanged, and the error wraps fs.ErrExist.
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

// read returns the text of a file, at most maxFile+1 bytes, and the mode of the open
// file. The file may be a pipe, as with --key <(command), so read does not use safefile:
// the operator names it.
func read(path string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(path)
	if safefile.IsAbsent(err) {
		return nil, 0, fileError(path, keyError("make a key with nodeint keygen, or name the file of one", "no such file"))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read a key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("read a key: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read a key: %w", err)
	}
	return text, info.Mode(), nil
}
