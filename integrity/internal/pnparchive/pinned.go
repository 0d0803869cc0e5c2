package pnparchive

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Pinned is the files of a map that are members of pinned zips.
type Pinned struct {
	Files []mapfile.Pinned
	Bytes int64 // of them, as far as they could be read; set by Compare

	zips  []*pinnedZip
	byZip map[string]*pinnedZip
}

// A pinnedZip is a zip with pinned members.
type pinnedZip struct {
	path  string
	dir   string // of the package in it
	files []mapfile.Pinned
	got   []hasher.Digest // of the zip; nil if it could not be read, which is a finding already
	same  bool            // got matches the map
	in    *archive        // nil if it cannot be read as a zip
	err   error           // why
}

// Split takes the members of pinned zips out of files. all are the files of the
// map: a zip is pinned if it is one of them. The zips themselves are in plain.
func Split(files, all []mapfile.Pinned) (plain []mapfile.Pinned, z *Pinned) {
	z = &Pinned{byZip: make(map[string]*pinnedZip)}
	isMember := func(f mapfile.Pinned) bool { _, _, ok := pnp.SplitZip(f.Path); return ok }
	if !slices.ContainsFunc(files, isMember) {
		return files, z
	}
	pinned := make(map[string]*mapfile.Pinned)
	for i := range all {
		if strings.HasSuffix(all[i].Path, ".zip") {
			pinned[all[i].Path] = &all[i]
		}
	}
	plain = make([]mapfile.Pinned, 0, len(files))
	listed := make(map[string]bool)
	for _, f := range files {
		zip, member, ok := pnp.SplitZip(f.Path)
		if !ok || pinned[zip] == nil {
			plain = append(plain, f)
			if strings.HasSuffix(f.Path, ".zip") {
				listed[f.Path] = true
			}
			continue
		}
		in := z.byZip[zip]
		if in == nil {
			in = &pinnedZip{path: zip, dir: packageDir(member)}
			z.byZip[zip] = in
			z.zips = append(z.zips, in)
		}
		in.files = append(in.files, f)
		z.Files = append(z.Files, f)
	}
	for _, in := range z.zips {
		if !listed[in.path] {
			plain = append(plain, *pinned[in.path])
		}
	}
	return plain, z
}

// packageDir returns the directory of the package in a zip: Yarn packs it as
// node_modules/NAME.
func packageDir(member string) string {
	rest, ok := strings.CutPrefix(member, nodejs.NodeModules+"/")
	if name, _ := nodejs.SplitSpecifier(rest); ok && name != "" {
		return nodejs.NodeModules + "/" + name
	}
	return member
}

// MemberOf returns a pinned member of the zip at path; false if it has none.
func (z *Pinned) MemberOf(path string) (mapfile.Pinned, bool) {
	if in := z.byZip[path]; in != nil {
		return in.files[0], true
	}
	return mapfile.Pinned{}, false
}

// Number returns how many members of a zip are pinned. dir is the directory of the
// package in it; for one that is not in a zip, the number is 0.
func (z *Pinned) Number(dir string) int {
	if zip, _, ok := pnp.SplitZip(dir); ok && z.byZip[zip] != nil {
		return len(z.byZip[zip].files)
	}
	return 0
}

// Read lists the zips with pinned members. files and results are those of the
// hashed files, by index. Each zip is read once more, and its listing counts
// only if its bytes have the digest that was hashed: so the members of a zip
// that matches the map come from those bytes.
func (z *Pinned) Read(ctx context.Context, t *tree.Tree, files []mapfile.Pinned, results []hasher.Result) error {
	for i, f := range files {
		if in := z.byZip[f.Path]; in != nil && results[i].Err == nil {
			in.got = results[i].Digests
			in.same = f.Metadata.Match(in.got)
		}
	}
	var read []*pinnedZip
	var requests []request
	var set hasher.Set
	for _, in := range z.zips {
		if in.got == nil {
			continue
		}
		read, requests = append(read, in), append(requests, request{in.path, in.dir, hasher.MetadataOf(in.got)})
		for _, f := range in.files {
			for _, a := range f.Metadata.Algorithms().Algorithms() {
				set = set.With(a)
			}
		}
	}
	archives, err := readAll(ctx, t, requests, set, func(i int, err error) error { read[i].err = err; return nil })
	for _, in := range read {
		in.in = archives[in.path]
	}
	return err
}

// Compare compares the members of the zips with the map. For a zip that does not
// match the map, it finds out which members differ. Paths that only does not
// select are not reported as unexpected; nil selects all.
func (z *Pinned) Compare(m *mapfile.Map, only func(path string) bool) []problem.Finding {
	var findings []problem.Finding
	for _, in := range z.zips {
		if in.in != nil {
			findings = append(findings, z.compareZip(in, m, only)...)
			continue
		}
		// A zip that is missing or different is a finding already.
		if in.same {
			f := problem.Finding{Code: problem.Unreadable, Path: in.path, Detail: in.err.Error()}
			if e, ok := errors.AsType[*tarball.Error](in.err); ok && e.Code == tarball.WrongDigest {
				f.Code, f.Detail = problem.Mismatch, "the file changed while it was being read"
			}
			findings = append(findings, f)
		}
	}
	return findings
}

func (z *Pinned) compareZip(in *pinnedZip, m *mapfile.Map, only func(path string) bool) []problem.Finding {
	var findings []problem.Finding
	archives := Archives{in.path: in.in}
	pinned := make(map[string]bool, len(in.files))
	for _, f := range in.files {
		pinned[f.Path] = true
		got := archives.File(f.Path)
		if got == nil {
			findings = append(findings, problem.Finding{Code: problem.Missing, Path: f.Path, Want: f.Metadata.String(), Got: "nothing"})
			continue
		}
		z.Bytes += got.Size
		if !f.Metadata.Match(got.Digests) {
			findings = append(findings, problem.Finding{Code: problem.Mismatch, Path: f.Path, Want: f.Metadata.String(), Got: hasher.Format(got.Digests)})
		}
	}
	if in.same || m.Coverage == mapfile.Graph {
		return findings
	}
	for _, f := range in.in.listing.Files {
		p := in.path + "/" + in.dir + "/" + f.Path
		if !pinned[p] && nodejs.IsLoadable(p) && (only == nil || only(p)) {
			findings = append(findings, problem.Finding{Code: problem.Unexpected, Path: p, Got: "a file", Detail: shadow.File{Reason: shadow.Covered}.Detail()})
		}
	}
	return findings
}
