package audit

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// testDirs are the names of directories that hold tests and their data.
var testDirs = strings.Fields("test tests __tests__ spec specs fixture fixtures __fixtures__ testdata test-data __mocks__ example examples benchmark benchmarks")

// isTest reports whether a file, relative to its package, is a test or data of one.
func isTest(file string) bool {
	dirs := strings.Split(file, "/")
	name := dirs[len(dirs)-1]
	if strings.Contains(name, ".test.") || strings.Contains(name, ".spec.") {
		return true
	}
	return slices.ContainsFunc(dirs[:len(dirs)-1], func(d string) bool { return slices.Contains(testDirs, d) })
}

// mentions are parts of sources that may name a file of a test: few sources have them.
var mentions = func() (list [][]byte) {
	for _, dir := range testDirs {
		list = append(list, []byte("/"+dir+"/"), []byte(`"`+dir+`"`), []byte("'"+dir+"'"), []byte(`"`+dir+"/"), []byte("'"+dir+"/"))
	}
	return append(list, []byte(".test."), []byte(".spec."))
}()

// stems are parts of every mention, for a first look.
var stems = [][]byte{[]byte("test"), []byte("spec"), []byte("fixture"), []byte("__mocks__"), []byte("example"), []byte("benchmark")}

func mentionsTest(src []byte) bool {
	has := func(part []byte) bool { return bytes.Contains(src, part) }
	return slices.ContainsFunc(stems, has) && slices.ContainsFunc(mentions, has)
}

// addTestFiles lists the files of tests that a source names which is no test itself.
func (s *scan) addTestFiles(f string, src []byte) {
	if isTest(s.inPackage(f)) || !mentionsTest(src) {
		return
	}
	for _, spec := range jsscan.Scan(src).Specifiers {
		at := s.testFileOf(f, spec)
		if at != "" {
			s.add(at, TestFile, fmt.Sprintf("%s:%d:%d names it", s.inPackage(f), spec.Line, spec.Column+1))
		}
	}
	words := jsscan.Words(src, func(text []byte) bool { return bytes.HasPrefix(text, []byte(".")) && bytes.IndexByte(text, '/') > 0 })
	for _, w := range words {
		if w.IsString && (w.IsArgument || w.IsSource) {
			if at := s.existing(path.Join(path.Dir(f), w.Text)); at != "" {
				s.add(at, TestFile, fmt.Sprintf("%s:%d:%d names it", s.inPackage(f), w.Line, w.Column+1))
			}
		}
	}
}

// addNamedTest lists a file of a test that a member of package.json names.
func (s *scan) addNamedTest(name, member string) {
	if name == "" || path.IsAbs(name) {
		return
	}
	if at := s.existing(path.Join(s.pkg.dir, strings.Trim(name, `"'`))); at != "" && s.pkg.dir != "" {
		s.add(at, TestFile, "package.json: "+member+" names it")
	}
}

// inPackage returns a path relative to the package.
func (s *scan) inPackage(f string) string { return strings.TrimPrefix(f, s.pkg.dir+"/") }

// testFileOf returns the file of a test that a specifier names, or "".
func (s *scan) testFileOf(f string, spec jsscan.Specifier) string {
	if spec.Kind == jsscan.Pattern || path.IsAbs(spec.Text) {
		return ""
	}
	if spec.Kind == jsscan.Import || spec.Kind == jsscan.Require {
		if !strings.HasPrefix(spec.Text, ".") {
			return ""
		}
	}
	return s.existing(path.Join(path.Dir(f), spec.From, spec.Text))
}

// existing returns the path of a file of a test in the package, with the extension that
// require adds, or "".
func (s *scan) existing(p string) string {
	if s.pkg.dir != "" && !strings.HasPrefix(p, s.pkg.dir+"/") {
		return ""
	}
	for _, ext := range []string{"", ".js", ".cjs", ".mjs", ".json"} {
		if !isTest(s.inPackage(p + ext)) {
			continue
		}
		if kind, err := s.tree.Kind(p + ext); err == nil && kind == tree.File {
			return p + ext
		}
	}
	return ""
}
