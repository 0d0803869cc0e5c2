package integrity

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lineends"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

const hintReadable = "run nodeint as a user that can read this path"

// selectFiles returns the files that only selects, and those with the tables of
// Plug'n'Play; nil selects all.
func selectFiles(all []Pinned, only func(path string) bool) []Pinned {
	if only == nil {
		return all
	}
	files := make([]Pinned, 0, len(all))
	for _, f := range all {
		if only(f.Path) || pnparchive.HasTables(f.Path) {
			files = append(files, f)
		}
	}
	return files
}

// cheapest returns the files with the part of their metadata that is checked. A map has
// the same algorithms for nearly all of its files.
func cheapest(files []Pinned) []Pinned {
	first := slices.IndexFunc(files, func(f Pinned) bool { return f.Metadata.Cheapest().String() != f.Metadata.String() })
	if first < 0 {
		return files
	}
	files = slices.Clone(files)
	for i := first; i < len(files); i++ {
		files[i].Metadata = files[i].Metadata.Cheapest()
	}
	return files
}

// compareFiles returns a finding for each file whose result does not match its
// metadata.
func compareFiles(files []Pinned, results []hasher.Result) []Finding {
	var findings []Finding
	for i, r := range results {
		path, md := files[i].Path, files[i].Metadata
		if r.Err != nil {
			findings = append(findings, findingOf(path, md, r.Err))
		} else if !md.Match(r.Digests) {
			findings = append(findings, Finding{Code: Mismatch, Path: path, Want: md.String(), Got: hasher.Format(r.Digests)})
		}
	}
	return findings
}

// findingOf returns the finding for a file that could not be read.
func findingOf(file string, md hasher.Metadata, err error) Finding {
	f := Finding{Path: file, Want: md.String()}
	var kind *hasher.KindError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Code, f.Got = Missing, "nothing"
	case errors.As(err, &kind):
		f.Code, f.Got = WrongKind, kind.Kind
		if kind.Path != file {
			f.Detail = fmt.Sprintf("%s is a %s", kind.Path, kind.Kind)
		}
	case errors.Is(err, hasher.ErrChanged):
		f.Code, f.Detail = Mismatch, "the file changed while it was being read"
	default:
		f.Code, f.Detail = Unreadable, err.Error()
	}
	return f
}

// setLeftOut records the packages that this install leaves out: the number of their
// files, by directory. They were not checked.
func (r *Report) setLeftOut(m *mapfile.Map, members *pnparchive.Pinned, dirs map[string]int) {
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		r.LeftOut = append(r.LeftOut, LeftOut{Path: dir, Package: m.Packages[dir].NameVersion()})
		r.Summary.Checked -= dirs[dir] + members.Number(dir)
	}
	r.Summary.Packages -= len(dirs)
}

// useInstall records the tables of Plug'n'Play of this install, if they are not the pinned
// ones: run checks them when they are loaded.
func (r *Report) useInstall(in pnparchive.Install) {
	r.Summary.Checked -= in.LeftOut
	if in.Tables == nil {
		return
	}
	r.Pinned = slices.Clone(r.Pinned)
	for i := range r.Pinned {
		if r.Pinned[i].Path == in.Tables.Path {
			r.Pinned[i] = *in.Tables
		}
	}
}

// packageOf names the package that contains path. The package of a zip is that of
// its members.
func packageOf(m *mapfile.Map, members *pnparchive.Pinned, path string) string {
	if member, ok := members.MemberOf(path); ok {
		return m.PackageOf(member.Path)
	}
	return m.PackageOf(path)
}

// newReport returns the report on what was checked, without findings.
func newReport(opt VerifyOptions, t *tree.Tree, m *mapfile.Map, files []Pinned, members *pnparchive.Pinned, results []hasher.Result, start time.Time) *Report {
	paths := func(yield func(string) bool) {
		for _, list := range [][]Pinned{files, members.Files} {
			for _, f := range list {
				if !yield(f.Path) {
					return
				}
			}
		}
	}
	r := &Report{
		Root: t.Root(), Map: opt.Map, Digest: m.Digest, Coverage: m.Coverage, Gaps: m.Gaps,
		Summary: Summary{Checked: len(results) + len(members.Files), Packages: m.CountPackages(paths), Bytes: members.Bytes},
		Pinned:  m.Pinned, Packages: packageNames(m), Start: m.Start(t.Abs), Browser: m.Browser,
	}
	if r.Digest == "" {
		r.Coverage = ""
	}
	for _, result := range results {
		r.Summary.Bytes += result.Size
	}
	r.Summary.MS = time.Since(start).Milliseconds()
	return r
}

// packageNames returns the packages of a map for a person, by directory.
func packageNames(m *mapfile.Map) map[string]string {
	names := make(map[string]string, len(m.Packages))
	for dir, p := range m.Packages {
		names[dir] = p.String()
	}
	return names
}

// IsLineEnds reports whether a finding is a file whose line ends alone differ.
func IsLineEnds(f Finding) bool { return lineends.Is(f) }

// CanExclude reports whether an exclude pattern of the configuration would take a finding
// out: an unexpected file that only the coverage would have pinned.
func CanExclude(f Finding) bool { return f.Code == Unexpected && f.Detail == shadow.CoveredDetail }
