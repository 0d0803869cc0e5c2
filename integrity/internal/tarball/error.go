package tarball

import (
	"fmt"
	"strconv"
	"strings"
)

// A Code names a kind of error or of irregular entry. The values are stable.
type Code string

// The codes of errors: the archive is rejected with all its contents.
const (
	BadIntegrity Code = "bad-integrity" // no strong digest was given
	WrongDigest  Code = "wrong-digest"  // the archive does not have the wanted digest
	BrokenGzip   Code = "broken-gzip"   // truncated, wrong checksum, or invalid deflate data
	BrokenTar    Code = "broken-tar"    // truncated, wrong checksum, or ambiguous to readers
	BrokenZip    Code = "broken-zip"    // the same, or not written by yarn
	OverLimit    Code = "over-limit"    // larger than Limits allow
	Unreadable   Code = "unreadable"    // the reader failed, or the context was canceled
)

// The codes of irregular entries. For the codes marked as skipped, the listing has no
// file.
const (
	Symlink  Code = "symlink"   // skipped
	HardLink Code = "hard-link" // skipped
	Special  Code = "special"   // skipped: a device, a FIFO, or a type that readers understand differently
	Sparse   Code = "sparse"    // skipped: a sparse file of GNU tar

	PathShort     Code = "path-short"     // skipped: no directory before the name
	PathParent    Code = "path-parent"    // skipped: an element is ".."
	PathAbsolute  Code = "path-absolute"  // skipped: the path begins with a slash
	PathDrive     Code = "path-drive"     // skipped: an element begins with a Windows drive
	PathBackslash Code = "path-backslash" // skipped: a different path on Windows
	PathBytes     Code = "path-bytes"     // skipped: NUL, or not UTF-8
	PathElsewhere Code = "path-elsewhere" // skipped: not below the package's directory (zip)

	Duplicate Code = "duplicate"  // an earlier entry has this path and other bytes; the last one is listed
	CaseTwin  Code = "case-twin"  // listed: another path differs only in case
	FileInWay Code = "file-inway" // skipped: an earlier entry is a file in its path, or has it as a directory

	AfterEnd Code = "after-end" // bytes after the end of the archive, which no reader reads
)

// An Error says why an archive was rejected. Callers turn it into a finding, or wrap it
// in a problem.Error.
type Error struct {
	Code    Code
	Archive string // the name passed to ReadTar or ReadZip
	Entry   string // the path of the entry in the archive; may be empty
	Reason  string
	Hint    string // the next step to try; may be empty
	Err     error  // the cause; may be nil
}

// Error returns the operation, the archive, the entry and the reason.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("read archive " + e.Archive)
	if e.Entry != "" {
		b.WriteString(": entry " + quote(e.Entry))
	}
	return b.String() + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// An IrregularEntry is an entry of an archive that is not a regular file at a plain path.
type IrregularEntry struct {
	Code   Code
	Path   string // the path in the archive
	Reason string
}

// String returns the path, quoted, and the reason.
func (e IrregularEntry) String() string { return quote(e.Path) + ": " + e.Reason }

// Skipped reports whether the listing has no File for the entry.
func (e IrregularEntry) Skipped() bool {
	switch e.Code {
	case Duplicate, CaseTwin, AfterEnd:
		return false
	}
	return true
}

// quote quotes a name for an error. It shortens it, and lets no control character reach
// a terminal.
func quote(s string) string {
	const most = 200
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
}

const (
	hintReload  = "remove it from its cache, or download it with --fetch"
	hintReport  = "compare it with the output of npm pack, and report it to the author of the package"
	hintInstall = "install the package with a current package manager, which writes sha512 to the lockfile"
)

func (a *archive) fail(code Code, hint, format string, args ...any) error {
	return &Error{Code: code, Archive: a.name, Entry: a.entry, Reason: fmt.Sprintf(format, args...), Hint: hint}
}
