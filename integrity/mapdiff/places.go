package mapdiff

import (
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/powers"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// maxSource is the size of the largest source in which AddPlaces looks, in bytes.
const maxSource = 16 << 20

// AddPlaces adds the places that use new powers to the remarks: for each power of a package
// the first one. It reads files below root, and uses those that have the bytes of the new
// map. A file that cannot be read, or that has other bytes, has no places.
func (r *Report) AddPlaces(ctx context.Context, root string) error {
	for i := range r.Packages {
		p := &r.Packages[i]
		for j := range p.Remarks {
			if p.Remarks[j].Code != PowersGained {
				continue
			}
			for _, in := range p.news {
				places, err := in.places(ctx, root, p.Remarks[j].Powers)
				if err != nil {
					return err
				}
				if len(places) > 0 {
					p.Remarks[j].Items = places
					break
				}
			}
		}
	}
	return nil
}

// places returns the first place of each of the powers, the most dangerous first.
func (in *instance) places(ctx context.Context, root string, wanted []nodejs.Power) ([]string, error) {
	found, known := make(map[nodejs.Power]string), make(map[nodejs.Power]bool)
	for _, p := range nodejs.Powers() {
		known[p] = !slices.Contains(wanted, p)
	}
	for _, rel := range slices.Sorted(maps.Keys(in.files)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(found) == len(wanted) {
			break
		}
		for _, u := range in.usesIn(root, rel, known) {
			if known[u.Power] {
				continue
			}
			known[u.Power], found[u.Power] = true, rel
			if u.Line > 0 {
				found[u.Power] = fmt.Sprintf("%s:%d:%d %s", rel, u.Line, u.Column, u.Word)
			}
		}
	}
	var places []string
	for _, p := range powerPhrases {
		if place, ok := found[p.power]; ok {
			places = append(places, place)
		}
	}
	return places, nil
}

// usesIn returns the uses of powers in a file with the bytes of the map.
func (in *instance) usesIn(root, rel string, known map[nodejs.Power]bool) []powers.Use {
	switch path.Ext(rel) {
	case ".node":
		return []powers.Use{{Power: nodejs.Addons}}
	case ".wasm":
		return []powers.Use{{Power: nodejs.Wasm}}
	}
	if !powers.MayUse(rel) {
		return nil
	}
	src, err := safefile.Read(filepath.Join(root, filepath.FromSlash(path.Join(in.dir, rel))), maxSource)
	if err != nil {
		return nil
	}
	if md := in.files[rel]; !md.Match(hasher.Sum(md.Algorithms(), src)) {
		return nil
	}
	return powers.Scan(src, known)
}
