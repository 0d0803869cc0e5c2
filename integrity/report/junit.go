package report

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// The types are the elements of JUnit reports that GitLab, Jenkins, Azure Pipelines and
// others read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Error   *junitFailure `xml:"error"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitSkipped `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit returns one suite for each result, with one test for each package, one for the
// project's own files and one for the map.
func junit(results []Result) []byte {
	all := junitSuites{Name: "nodeint"}
	for i := range results {
		s := results[i].junit()
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
		all.Suites = append(all.Suites, s)
	}
	text, _ := xml.MarshalIndent(all, "", "  ") // the types cannot fail
	return []byte(xml.Header + strings.ReplaceAll(string(text), "##", "&#35;#") + "\n")
}

// ownFiles and theMap are the names of tests.
const (
	ownFiles = "own files"
	theMap   = "the map"
)

func (r *Result) junit() junitSuite {
	s := junitSuite{Name: r.title(), Time: fmt.Sprintf("%d.%03d", r.MS/1000, r.MS%1000)}
	tests := newTests(r)
	for _, it := range r.items() {
		tests.add(it)
	}
	for _, t := range tests.list {
		c := t.junit("nodeint." + strings.ReplaceAll(r.Command, " --", "-"))
		s.Tests++
		if c.Failure != nil {
			s.Failures++
		}
		if c.Error != nil {
			s.Errors++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// A test has the items of one package.
type test struct {
	name     string
	dir      string
	file     string
	isMap    bool
	failed   bool // the command came to no result
	leftOut  bool
	findings []item
	others   []item // that do not fail the test
}

// tests are the tests of a result, in the order of their names in the report.
type tests struct {
	list  []*test
	byDir map[string]*test
	first *test
}

// newTests returns the tests of the packages of the map.
func newTests(r *Result) *tests {
	t := &tests{byDir: make(map[string]*test)}
	t.first = &test{name: theMap, file: r.MapFile, isMap: true, failed: r.Failure != nil}
	t.list = append(t.list, t.first)
	if r.Map == nil {
		return t
	}
	t.of("", "")
	for _, p := range r.Map.packages {
		if r.Map.packageDir(p.Dir+"/x") != "" {
			t.of(p.Dir, p.Name).leftOut = slices.Contains(r.LeftOut, p.Dir)
		}
	}
	return t
}

// of returns the test of a package, and adds it if there is none.
func (t *tests) of(dir, name string) *test {
	if found := t.byDir[dir]; found != nil {
		return found
	}
	c := &test{name: ownFiles, dir: dir}
	if dir != "" {
		if c.name = Printable(dir); name != "" {
			c.name = Printable(name) + " (" + c.name + ")"
		}
	}
	t.byDir[dir] = c
	t.list = append(t.list, c)
	return c
}

// add adds an item to the test of its package.
func (t *tests) add(i item) {
	c := t.first
	if i.path != "" {
		c = t.of(i.dir, i.owner)
	}
	if i.level == levelError {
		c.findings = append(c.findings, i)
	} else {
		c.others = append(c.others, i)
	}
}

func (t *test) junit(class string) junitCase {
	c := junitCase{Class: class, Name: t.name, File: t.file}
	if len(t.findings) > 0 {
		f := &junitFailure{Message: t.findings[0].message, Type: t.findings[0].code, Text: texts(t.findings)}
		if n := len(t.findings); n > 1 {
			f.Message = fmt.Sprintf("%s, and %d more", f.Message, n-1)
		}
		if t.failed && t.isMap {
			c.Error = f
		} else {
			c.Failure = f
		}
	}
	if t.leftOut && len(t.findings) == 0 {
		c.Skipped = &junitSkipped{"not installed, as the lockfile allows"}
	}
	c.Output = texts(t.others)
	return c
}

// texts returns the texts of items, one after the other.
func texts(items []item) string {
	var b strings.Builder
	for i := range items {
		b.WriteString(items[i].code + ": " + strings.ReplaceAll(items[i].text(), "\n", "\n  ") + "\n")
	}
	return b.String()
}
