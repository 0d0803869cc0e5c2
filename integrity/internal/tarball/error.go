package tarball

import (
	"fmt"
	"strconv"
	"strings"
)

// A Code names a kind of error or finding. They are stable.
type Code string

// The codes of errors: the archive is refused, and nothing in it counts.
const (
	BadIntegrity Code = "bad-integrity" // nothing says what the archive should be
	WrongDigest  Code = "wrong-digest"  // the archive is not what was wanted
	BrokenGzip   Code = "broken-gzip"   // truncated, wrong checksum, no deflate
	BrokenTar    Code = "broken-tar"    // truncated, wrong checksum, what readers do not agree on
	BrokenZip    Code = "broken-zip"    // the same, and what yarn does not write
	OverLimit    Code = "over-limit"    // it is larger than Limits allow
	Unreadable   Code = "unreadable"    // the reader failed, or the context is done
)

// The codes of findings: what is in the archive and is not laid out as a file
// like the others.
const (
	Symlink  Code = "symlink"   // skipped
	HardLink Code = "hard-link" // skipped
	Special  Code = "special"   // skipped: a device, FIFO, or a type that readers do not agree on
	Sparse   Code = "sparse"    // skipped: a sparse file of GNU tar

	PathShort     Code = "path-short"     // skipped: no folder before the name
	PathParent    Code = "path-parent"    // skipped: an element is ".."
	PathAbsolute  Code = "path-absolute"  // skipped: it begins with a slash
	PathDrive     Code = "path-drive"     // skipped: an element begins with a drive of Windows
	PathBackslash Code = "path-backslash" // skipped: another path on Windows
	PathBytes     Code = "path-bytes"     // skipped: NUL, or no UTF-8
	PathElsewhere Code = "path-elsewhere" // skipped: not below the package's folder (zip)

	Duplicate Code = "duplicate"  // an earlier entry has this path and other bytes: the last is listed
	CaseTwin  Code = "case-twin"  // listed: another path differs in case alone
	FileInWay Code = "file-inway" // skipped: an earlier entry makes a file of its folder, or a folder of it

	AfterEnd Code = "after-end" // bytes after the archive's end, which nobody reads
)

// An Error says why an archive is refused.
type Error struct {
	Code    Code
	Archive string // the name given to ReadTar or ReadZip
	Entry   string // the entry that was read, as the archive has it; may be empty
	Reason  string
	Hint    string // what to try next; may be empty
	Err     error  // the cause, where a caller may look inside
}

// Error returns what was being done, to what, and what is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("reading archive " + e.Archive)
	if e.Entry != "" {
		b.WriteString(": entry " + quote(e.Entry))
	}
	return b.String() + ": " + e.Reason
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// A Finding is one thing in an archive that is not a plain file at a plain path.
type Finding struct {
	Code   Code
	Path   string // as the archive has it
	Reason string
}

// String returns the path, quoted, and the reason.
func (f Finding) String() string { return quote(f.Path) + ": " + f.Reason }

// Skipped reports whether there is no File for what was found.
func (f Finding) Skipped() bool {
	switch f.Code {
	case Duplicate, CaseTwin, AfterEnd:
		return false
	}
	return true
}

// quote bounds what is repeated of a hostile name, and keeps control characters
// from the terminal.
func quote(s string) string {
	const most = 200
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
}

const (
	hintAgain   = "download it again: remove it from the cache it came from, or let --fetch get it"
	hintPacked  = "compare with what npm makes of it (npm pack), and tell the package's author"
	hintInstall = "install it again with a current package manager, which writes sha512 in the lockfile"
)

func (a *archive) fail(code Code, hint, format string, args ...any) error {
	return &Error{Code: code, Archive: a.name, Entry: a.entry, Reason: fmt.Sprintf(format, args...), Hint: hint}
}
