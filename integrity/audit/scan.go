package audit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/trace"
)

// Limits of what is read, in bytes.
const (
	maxSource   = 16 << 20
	maxManifest = 4 << 20
)

// isSkipped reports whether a directory has no files to list: that of a version control
// system, a cache, or one with links to commands.
func isSkipped(dir string) bool {
	return unpinned.InVersionControl(dir) || unpinned.IsCache(dir) || mapfile.IsBinDir(dir)
}

// isOwnFile reports whether a file is nodeint's own, by its name.
func isOwnFile(name string) bool {
	return name == integrity.MapName || name == integrity.EnvelopePath(integrity.MapName) || name == trace.Name
}

// isZip reports whether a file is a package of Plug'n'Play.
func isZip(p string) bool {
	return path.Ext(p) == ".zip" && strings.Contains("/"+p, "/.yarn/")
}

// A scan is the work on one package.
type scan struct {
	tree   *tree.Tree
	pkg    *pack
	before *earlier
	places []Place
	bytes  int64

	name     string // name@version
	minified []string
	readable int // sources that are not minified
	known    map[nodejs.Power]bool
	compare  bool // whether powers are compared
}

func (s *scan) add(file, code, detail string) {
	rel := strings.TrimPrefix(file, s.pkg.dir+"/")
	s.places = append(s.places, Place{Package: s.name, Dir: s.pkg.dir, File: rel, Code: code, Detail: detail})
}

func (s *scan) run(ctx context.Context) error {
	if err := s.readManifest(); err != nil {
		return err
	}
	for _, f := range s.pkg.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.file(f); err != nil {
			return err
		}
	}
	s.addMinified()
	return nil
}

// file looks at one file.
func (s *scan) file(f string) error {
	content, info, err := s.read(f)
	if safefile.IsAbsent(err) {
		return nil // removed since
	}
	if err != nil {
		return problem.NotChecked(f, "make this file readable", "reading a file of a package: %w", err)
	}
	s.bytes += int64(len(content))
	head := content[:min(len(content), nodejs.HeadSize)]
	name := path.Base(f)
	if code, format := kindOf(head); code != "" {
		detail := format + ", " + sizeOf(info.Size())
		if !fitsName(code, name) {
			s.add(f, Disguised, detail+", under the name of something else")
		} else {
			s.add(f, code, detail)
		}
		s.addPowers(f, content)
		return nil
	}
	if isTextName(name) && (isBinary(content[:min(len(content), textHead)]) || isSourceName(name) && bytes.IndexByte(content, 0) >= 0 && !isUTF16(head)) {
		s.add(f, Disguised, "binary content under the name of a text, "+sizeOf(info.Size()))
		return nil
	}
	if isOddlyExecutable(name, head, info.Mode()) {
		s.add(f, Executable, "executable, and neither a script nor a program")
	}
	s.source(f, content)
	s.addPowers(f, content)
	return nil
}

// isOddlyExecutable reports whether a file with the executable bit is not one that a system
// or node would start.
func isOddlyExecutable(name string, head []byte, mode fs.FileMode) bool {
	if mode&0o111 == 0 || strings.HasPrefix(string(head), "#!") || len(head) == 0 {
		return false
	}
	switch ext := strings.ToLower(path.Ext(name)); {
	case isTextName(name), slices.Contains(strings.Fields(".cmd .bat .ps1 .py .rb .pl .php .map .lock .patch .diff"), ext):
		return false // package managers give texts the bit, and nothing comes of it
	case ext == "":
		return isBinary(head)
	}
	return true
}

// prose are the extensions of texts that are no sources and in which encoded data is odd.
var prose = strings.Fields(".json .txt .md .yml .yaml .csv .log")

// source looks at the text of a source.
func (s *scan) source(f string, src []byte) {
	isSource := isSourceName(f) || path.Ext(f) == "" && bytes.HasPrefix(src, []byte("#!"))
	if !isSource && !slices.Contains(prose, path.Ext(f)) {
		return
	}
	if detail := encoded(src); detail != "" {
		s.add(f, Encoded, detail)
	}
	if !isSource {
		return
	}
	if n := obfuscated(src); n >= minObfuscated {
		s.add(f, Obfuscated, fmt.Sprintf("%d names such as _0x3fa2b1", n))
	}
	if isMinified(src) {
		s.minified = append(s.minified, f)
	} else {
		s.readable++
	}
	s.addTestFiles(f, src)
}

// addMinified lists the minified sources, if most sources of the package are not.
func (s *scan) addMinified() {
	if s.readable < 2*len(s.minified) {
		return
	}
	for _, f := range s.minified {
		if !s.hasReadable(f) {
			s.add(f, Minified, "in long lines, unlike the other sources of the package")
		}
	}
}

// hasReadable reports whether a minified file says so in its name, and the source that it
// was made of is beside it.
func (s *scan) hasReadable(f string) bool {
	return strings.Contains(f, ".min.") && slices.Contains(s.pkg.files, strings.Replace(f, ".min.", ".", 1))
}

// read returns the content of a file: of a text at most maxSource bytes, of others the head.
func (s *scan) read(f string) ([]byte, fs.FileInfo, error) {
	file, info, err := safefile.Open(s.tree.Abs(f))
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	limit := int64(nodejs.HeadSize)
	switch {
	case isSourceName(f), path.Ext(f) == ".json", path.Ext(f) == "":
		limit = maxSource
	case isTextName(f):
		limit = textHead
	}
	content, err := io.ReadAll(io.LimitReader(file, limit))
	return content, info, err
}
