package integrity

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
)

// zippedPins are the pinned files that lie in pinned zips.
type zippedPins struct {
	files []Pinned
	bytes int64 // of them, as far as they could be read
	zips  []*pinnedZip
	byZip map[string]*pinnedZip
}

// A pinnedZip is a zip with files that are pinned.
type pinnedZip struct {
	path   string
	folder string // of the package in it
	files  []Pinned
	got    []hasher.Digest // of the zip; nil if it could not be read, which is a finding by itself
	same   bool            // got is what was pinned
	held   *zipped         // nil if it cannot be read as a zip
	err    error           // why
}

// splitZipped takes from files those that lie in zips that are pinned themselves, as
// all has them, and sees that those zips are among the others.
func splitZipped(files, all []Pinned) ([]Pinned, *zippedPins) {
	z := &zippedPins{byZip: make(map[string]*pinnedZip)}
	inZip := func(f Pinned) bool { _, _, ok := pnp.SplitZip(f.Path); return ok }
	if !slices.ContainsFunc(files, inZip) {
		return files, z
	}
	pinned := make(map[string]*Pinned)
	for i := range all {
		if strings.HasSuffix(all[i].Path, ".zip") {
			pinned[all[i].Path] = &all[i]
		}
	}
	plain := make([]Pinned, 0, len(files))
	there := make(map[string]bool)
	for _, f := range files {
		zip, member, ok := pnp.SplitZip(f.Path)
		if !ok || pinned[zip] == nil {
			plain = append(plain, f)
			there[f.Path] = pinned[f.Path] != nil
			continue
		}
		in := z.byZip[zip]
		if in == nil {
			in = &pinnedZip{path: zip, folder: packageIn(member)}
			z.byZip[zip] = in
			z.zips = append(z.zips, in)
		}
		in.files = append(in.files, f)
		z.files = append(z.files, f)
	}
	for _, in := range z.zips {
		if !there[in.path] {
			plain = append(plain, *pinned[in.path])
		}
	}
	return plain, z
}

// packageIn gives the folder of the package in a zip: what Yarn packs lies in
// node_modules and the package's name.
func packageIn(member string) string {
	rest, ok := strings.CutPrefix(member, resolution.Modules+"/")
	if name, _ := resolution.SplitName(rest); ok && name != "" {
		return resolution.Modules + "/" + name
	}
	return member
}

// hashZipped lists the zips that hold pinned files. Each is read once more, and what
// is listed counts only if its bytes are those that were hashed: so the files of a zip
// that is as it was pinned come from those bytes.
func (v *verifier) hashZipped(ctx context.Context) error {
	for i, f := range v.files {
		if in := v.zipped.byZip[f.Path]; in != nil && v.results[i].Err == nil {
			in.got = v.results[i].Digests
			in.same = f.Metadata.Match(in.got)
		}
	}
	var there []*pinnedZip
	var names, folders []string
	var set hasher.Set
	for _, in := range v.zipped.zips {
		if in.got == nil {
			continue
		}
		there, names, folders = append(there, in), append(names, in.path), append(folders, in.folder)
		for _, f := range in.files {
			for _, a := range f.Metadata.Algorithms().Algorithms() {
				set = set.With(a)
			}
		}
	}
	held, err := readZips(ctx, v.tree, names, folders, func(i int) hasher.Metadata { return hasher.MetadataOf(there[i].got) }, set,
		func(i int, err error) error { there[i].err = err; return nil })
	for _, in := range there {
		in.held = held[in.path]
	}
	return err
}

// judgeZipped compares what lies in the zips with what was pinned. Where a zip is
// another, this says what in it is.
func (v *verifier) judgeZipped() {
	for _, in := range v.zipped.zips {
		if in.held != nil {
			v.judgeZip(in)
			continue
		}
		// That the zip is gone or another is a finding already.
		if in.same {
			f := Finding{Code: Unreadable, Path: in.path, Detail: in.err.Error()}
			if e, ok := errors.AsType[*tarball.Error](in.err); ok && e.Code == tarball.WrongDigest {
				f.Code, f.Detail = Mismatch, "it changed while it was read"
			}
			v.find(f)
		}
	}
}

func (v *verifier) judgeZip(in *pinnedZip) {
	held := zips{in.path: in.held}
	pinned := make(map[string]bool, len(in.files))
	for _, f := range in.files {
		pinned[f.Path] = true
		got := held.file(f.Path)
		if got == nil {
			v.find(Finding{Code: Missing, Path: f.Path, Want: f.Metadata.String(), Got: "nothing"})
			continue
		}
		v.zipped.bytes += got.Size
		if !f.Metadata.Match(got.Digests) {
			v.find(Finding{Code: Mismatch, Path: f.Path, Want: f.Metadata.String(), Got: hasher.Format(got.Digests)})
		}
	}
	if in.same || v.trusted.pins.coverage == Graph {
		return
	}
	for _, f := range in.held.listing.Files {
		p := in.path + "/" + in.folder + "/" + f.Path
		if !pinned[p] && nodejs.IsLoadable(p) && (v.opt.Only == nil || v.opt.Only(p)) {
			v.find(Finding{Code: Unexpected, Path: p, Got: "a file", Detail: stray{why: covered}.detail()})
		}
	}
}
