package integrity

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/lineends"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

const hintReadable = "run nodeint as a user that can read this path"

// selectFiles returns the files that only selects; nil selects all.
func selectFiles(all []Pinned, only func(path string) bool) []Pinned {
	if only == nil {
		return all
	}
	files := make([]Pinned, 0, len(all))
	for _, f := range all {
		if only(f.Path) {
			files = append(files, f)
		}
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

// compareLinks returns a finding for each symbolic link that does not lead where
// the map says. One that some installs leave out may also lead to another package
// of the map that is installed under the same name.
func compareLinks(t *tree.Tree, m *mapfile.Map) ([]Finding, error) {
	var findings []Finding
	for _, link := range slices.Sorted(maps.Keys(m.Links)) {
		want := m.Links[link]
		kind, err := t.Kind(link)
		if err != nil {
			return nil, problem.NotChecked(link, hintReadable, "%w", err)
		}
		f := Finding{Path: link, Want: "a symbolic link to " + want}
		switch kind {
		case tree.None:
			f.Code, f.Got = Missing, "nothing"
		case tree.Link:
			got, err := mapfile.LinkTarget(t, link)
			if err != nil {
				return nil, problem.NotChecked(link, "", "%w", err)
			}
			if got == want || m.OptionalLinks[link] && isSameName(m, want, got) {
				continue
			}
			f.Code, f.Got = Mismatch, "a symbolic link to "+got
		default:
			f.Code, f.Got = WrongKind, kind.String()
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// isSameName reports whether the targets of two links are directories of packages
// of the map that are installed under the same name.
func isSameName(m *mapfile.Map, a, b string) bool {
	var names [2]string
	for i, key := range []string{a, b} {
		dir, err := mapfile.PathOf(key)
		if _, known := m.Packages[dir]; err != nil || !known {
			return false
		}
		names[i] = mapfile.InstalledName(dir)
	}
	return names[0] != "" && names[0] == names[1]
}

// setLeftOut records the packages that this install leaves out: the number of their
// files, by directory. They were not checked.
func (r *Report) setLeftOut(m *mapfile.Map, dirs map[string]int) {
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		r.LeftOut = append(r.LeftOut, LeftOut{Path: dir, Package: m.Packages[dir].NameVersion()})
		r.Summary.Checked -= dirs[dir]
	}
	r.Summary.Packages -= len(dirs)
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
		Pinned:  m.Pinned, Packages: packageNames(m), Start: m.Start(t.Abs),
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

// compareMaps compares what two maps mean. Formatting does not count: white space,
// the order of entries and members, escapes. If no entry differs, the changes are
// the members that differ.
func compareMaps(old, new *importmap.Document) (list []Change, same bool) {
	if list = entryChanges(old, new); list == nil {
		list = memberChanges(old, new)
	}
	return list, list == nil && old.HasIntegrity == new.HasIntegrity
}

// entryChanges lists how the entries of two maps differ, by key.
func entryChanges(old, new *importmap.Document) []Change {
	was := make(map[string]string, len(old.Integrity))
	for _, e := range old.Integrity {
		was[e.Key] = e.Value
	}
	var list []Change
	for _, e := range new.Integrity {
		if v, ok := was[e.Key]; !ok {
			list = append(list, Change{"added", e.Key})
		} else if v != e.Value {
			list = append(list, Change{"changed", e.Key})
		}
		delete(was, e.Key)
	}
	for key := range was {
		list = append(list, Change{"removed", key})
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// memberChanges lists the members of nodeint that differ. generate changes no
// others. If none differ, the digest that a map contains counts too: verify rejects a
// wrong one, and one of a text with other escapes.
func memberChanges(old, new *importmap.Document) []Change {
	const root = "root"
	was, is := mapfile.MemberTexts(old), mapfile.MemberTexts(new)
	wrongRoot := was[root] != is[root] || mapfile.DigestOf(old) != mapfile.DigestOf(new)
	delete(was, root)
	delete(is, root)
	var list []Change
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if text, ok := was[name]; !ok {
			list = append(list, Change{"added", "nodeint." + name})
		} else if text != is[name] {
			list = append(list, Change{"changed", "nodeint." + name})
		}
		delete(was, name)
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		list = append(list, Change{"removed", "nodeint." + name})
	}
	if list == nil && wrongRoot {
		list = []Change{{"changed", "nodeint." + root}}
	}
	return list
}

// IsLineEnds reports whether a finding is a file whose line ends alone differ.
func IsLineEnds(f Finding) bool { return lineends.Is(f) }

// CanExclude reports whether an exclude pattern of the configuration would take a finding
// out: an unexpected file that only the coverage would have pinned.
func CanExclude(f Finding) bool { return f.Code == Unexpected && f.Detail == shadow.CoveredDetail }
