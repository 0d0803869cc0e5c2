package pnparchive

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// HasTables reports whether a file is one of Yarn's with the tables. Only its bytes can
// tell which packages have to exist, so verify reads it even if node will check it.
func HasTables(p string) bool { return p == pnp.Program || p == pnp.Data }

// PinTables returns what a map says about the tables of a project; nil if it does not
// use Plug'n'Play, or if its .pnp.cjs is one of Yarn 3 or older, whose tables are code.
// optional are the names of dependencies that some installs do not have, by the
// directory of the workspace.
func (p *Project) PinTables(t *tree.Tree, optional map[string][]string) (*mapfile.PnP, error) {
	if p.Tables == nil {
		return nil, nil
	}
	file, code, tables, err := readState(t)
	if err != nil || tables == nil {
		return nil, err
	}
	pinned, err := mapfile.NewPnP(code, tables, optional)
	if err != nil {
		return nil, pnpError(t, file, "run yarn install", "reading %s: %w", file, err)
	}
	return pinned, nil
}

// readState returns the file with the tables, the digest of its code, if it has code,
// and the text of the tables; nil if they are code.
func readState(t *tree.Tree) (file, code string, tables []byte, err error) {
	text, err := t.ReadFile(pnp.Program, pnp.MaxSize)
	if err != nil {
		return pnp.Program, "", nil, problem.NotChecked(pnp.Program, "make this path readable", "%w", err)
	}
	program, err := pnp.FromProgram(text)
	if err != nil {
		return pnp.Program, "", nil, pnpError(t, pnp.Program, "run yarn install", "reading %s: %w", pnp.Program, err)
	}
	if program == nil {
		if tables, err = t.ReadFile(pnp.Data, pnp.MaxSize); err != nil {
			err = problem.NotChecked(pnp.Data, "run yarn install", "%w", err)
		}
		return pnp.Data, "", tables, err
	}
	tables, rest, err := pnp.Split(text)
	if tables != nil {
		code = codeOf(rest)
	}
	return pnp.Program, code, tables, err
}

func codeOf(code []byte) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), code))
}

// An Install is the result of [CompareTables].
type Install struct {
	Findings []problem.Finding
	Tables   *mapfile.Pinned // the file with the tables and its digests, if its bytes are not the pinned ones
	LeftOut  int             // pinned files that are missing, and that this install does not need
}

// CompareTables looks at the tables of an install whose bytes differ from those that the
// map pins. If they are those of another install of the lockfile, as [pnp.Comparison]
// defines it, the finding is dropped, and so are those of missing files of packages that
// the install does not have.
func CompareTables(t *tree.Tree, m *mapfile.Map, findings []problem.Finding) (Install, error) {
	same := Install{Findings: findings}
	if m.PnP == nil {
		return same, nil
	}
	file := pnp.Program
	if m.PnP.Code == "" {
		file = pnp.Data
	}
	at := slices.IndexFunc(findings, func(f problem.Finding) bool { return f.Path == file && f.Code == problem.Mismatch })
	if at < 0 {
		return same, nil
	}
	text, err := t.ReadFile(file, pnp.MaxSize)
	if err != nil {
		return same, problem.NotChecked(file, "make this path readable", "%w", err)
	}
	leftOut, err := compareText(m, text)
	if err != nil {
		findings[at].Detail = err.Error()
		return same, nil
	}
	in := Install{Tables: digestsOf(m, file, text)}
	for i, f := range findings {
		switch {
		case i == at:
		case f.Code == problem.Missing && isLeftOut(leftOut, f.Path):
			in.LeftOut++
		default:
			in.Findings = append(in.Findings, f)
		}
	}
	return in, nil
}

// compareText compares the text of a file with tables. leftOut are the directories of
// pinned packages that the tables do not have, and their zips.
func compareText(m *mapfile.Map, text []byte) (leftOut map[string]bool, err error) {
	raw := text
	if m.PnP.Code != "" {
		var code []byte
		if raw, code, err = pnp.Split(text); err != nil {
			return nil, err
		}
		if raw == nil || codeOf(code) != m.PnP.Code {
			return nil, errors.New("its code differs; if another version of Yarn wrote it, run nodeint generate")
		}
	}
	tables, err := pnp.Parse(raw)
	if err != nil {
		return nil, err
	}
	differences, places := comparison(m).Differences(tables)
	switch n := len(differences); {
	case n == 1:
		return nil, errors.New(differences[0])
	case n > 1:
		return nil, fmt.Errorf("%s, and %d more differences", differences[0], n-1)
	}
	leftOut = make(map[string]bool)
	for place := range places {
		if mapfile.InstalledName(place) == "" {
			continue // a workspace, whose files nobody installs
		}
		leftOut[place] = true
		if zip, _, ok := pnp.SplitZip(place); ok {
			leftOut[zip] = true
		}
	}
	return leftOut, nil
}

// comparison returns one with the tables of a map.
func comparison(m *mapfile.Map) *pnp.Comparison {
	dirs := make(map[string]bool)
	for p := range m.Paths() {
		for dir := tree.Parent(p); !dirs[dir]; dir = tree.Parent(dir) {
			dirs[dir] = true
		}
	}
	return &pnp.Comparison{
		Pinned: m.PnP.Tables, Project: m.Project,
		MayLack:   func(dir, name string) bool { return slices.Contains(m.PnP.Optional[dir], name) },
		IsWanted:  func(name string) bool { return slices.Contains(m.Absent, name) },
		HasPinned: func(dir string) bool { return dirs[dir] },
	}
}

func isLeftOut(leftOut map[string]bool, p string) bool {
	for ; p != ""; p = tree.Parent(p) {
		if leftOut[p] {
			return true
		}
	}
	return false
}

// digestsOf returns a pinned file with the digests that it has here.
func digestsOf(m *mapfile.Map, file string, text []byte) *mapfile.Pinned {
	for i := range m.Pinned {
		if m.Pinned[i].Path == file {
			set := m.Pinned[i].Metadata.Algorithms()
			return &mapfile.Pinned{Path: file, Metadata: hasher.MetadataOf(hasher.Sum(set, text))}
		}
	}
	return nil
}
