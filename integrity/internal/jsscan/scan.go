// Package jsscan finds the modules and files that a JavaScript or TypeScript
// source loads in ways that esbuild does not report: createRequire, aliases of
// require, worker threads, fork, process.dlopen, module.register, and paths
// joined to __dirname or import.meta.url.
//
// [Scan] reads one source text and nothing else: no file, no other module. It
// names what is loaded. It does not resolve names and does not know which files
// exist. docs/scanner.md describes how it works, what it does not see, and how to
// extend it.
//
// Callers rely on two properties:
//
//   - A call that Scan recognises is never lost. It is in Result.Specifiers, in
//     Result.Gaps, or in a warning of esbuild that Result.Handled does not list.
//   - Scan never fails and never panics, and its work is proportional to the
//     length of the source. A source that uses up the step budget has a gap at
//     its first byte.
package jsscan

// A Result is what a source loads beyond what esbuild reports. The lists are
// sorted by place. They are nil if there is nothing to report.
type Result struct {
	// Specifiers are the modules and files that the source names.
	Specifiers []Specifier

	// Gaps are the calls that load something whose name is not known, and that
	// esbuild does not warn about.
	Gaps []Gap

	// Globs are the offsets of the dots with which specifiers begin that esbuild
	// expands itself, to all files below a directory. Specifiers has what they stand
	// for. A caller that passes the source to esbuild changes these bytes, so that
	// esbuild expands nothing.
	Globs []int

	// Handled are the places of warnings of esbuild that Specifiers and Gaps make
	// superfluous. Callers ignore a warning unsupported-require-call,
	// unsupported-dynamic-import, indirect-require or empty-glob that begins at
	// one of them. A place is the word require or import, an option of import(),
	// or a pattern.
	Handled []Place

	// Calls are the calls that load, with what became of each. A source without a word
	// with which one begins other than in a call of require or import with one literal is
	// not scanned, and has none.
	Calls []Call
}

// A Place is a range of the source. Lines are counted as esbuild counts them:
// LF, CR, CRLF, U+2028 and U+2029 end a line.
type Place struct {
	Start, End int // byte offsets, End excluded
	Line       int // of Start, counted from 1
	Column     int // of Start, in bytes from the beginning of the line, counted from 0
}

// A Kind says how the Text of a [Specifier] is resolved.
type Kind uint8

// The kinds of specifiers.
const (
	// Require: Text is a specifier. require(Text) in the directory From resolves
	// it.
	Require Kind = iota

	// Import: Text is a specifier. import(Text) in this module resolves it.
	Import

	// File: Text is a path relative to the module's directory, clean,
	// slash-separated and without "./" in front. "." is the directory itself.
	File

	// WorkingDirFile: Text is a path relative to the working directory of the
	// process, as the source contains it. It may be absolute. Node resolves
	// new Worker("./x") and fork("./x") so. Callers use the project's directory
	// as the working directory.
	WorkingDirFile

	// Pattern: Text is a path as for File with at least one Wildcard in it. It
	// stands for the existing files that match.
	Pattern
)

// A Specifier names a module or file that the source loads, or may load.
type Specifier struct {
	Place
	Kind Kind
	Text string // never empty

	// From is the directory to resolve from, if Kind is Require: a path relative
	// to the module's directory, "" for that directory itself, or an absolute
	// path.
	From string

	// FromEntry is true if Kind is Require and the specifier is resolved from the
	// directory of the program's entry. From is then not used.
	FromEntry bool

	// FromWorkingDir is true if Kind is Require and the specifier is resolved from the
	// working directory of the process. From is then not used.
	FromWorkingDir bool

	// Probe is true if extensions and index files are tried, as require does, when
	// the exact file does not exist. It is not set if Kind is Require or Import.
	Probe bool

	// Deep is true if Kind is Pattern and a Wildcard after a slash, or at the start
	// of Text, stands for directories as well.
	Deep bool

	// Optional is true if the source only mentions the file, or if the call may
	// mean something else. The file is loaded if it exists and Node can load it.
	// If it does not exist, that is not a gap.
	Optional bool

	// Handled is true if the source expects that the file may not exist: the call is in a
	// try statement, or has a catch, or the source looks first whether the file exists, or
	// it only asks what a name means.
	Handled bool

	// Data is true if Optional is and the source only reads the file, with functions
	// of node:fs. A path that it only writes is no specifier.
	Data bool
}

// A Gap is a call that loads something whose name is not known.
type Gap struct {
	Place

	// Call is what loads: "require", "createRequire", "Worker", "fork", "spawn", "cluster",
	// "dlopen", "import", "load", "register", "eval" or "Function".
	Call string

	// Text is the source of the call on one line, cut after 60 bytes.
	Text string
}

// Wildcard stands in the Text of a [Pattern] for any number of unknown
// characters, also none. It is NUL, which no path can contain.
const Wildcard = "\x00"

// Scan returns what src loads beyond what esbuild reports. src is the text of a
// JavaScript or TypeScript module, CommonJS or ESM. It is not modified. A text that
// is not a program gives an arbitrary Result. Scan may be called from several
// goroutines.
//
// A source of 2 GiB or more is not scanned. Its result is one gap, unless it
// contains none of the words with which a load begins.
func Scan(src []byte) Result {
	if !passesPrefilter(src) {
		return Result{}
	}
	return scan(src)
}
