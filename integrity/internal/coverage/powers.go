package coverage

import (
	"context"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/powers"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxSource is the size of the largest source that is scanned for powers, in bytes: that of
// the largest string of V8.
const maxSource = 512 << 20

// PowerOptions say which powers AddPowers adds.
type PowerOptions struct {
	Tree     *tree.Tree
	Program  *program.Program
	Cache    *filecache.Cache    // may be nil
	Old      *importmap.Document // the map that exists, or nil
	IsOpaque func(p string) bool // whether Tree has no bytes of the file p
}

// AddPowers sets the powers of m: those that the pinned files of each package use, and those
// that the traces of the program have. Of a package that is not installed, and whose files
// are not known, they are those of the old map.
func AddPowers(ctx context.Context, m *mapfile.Map, opt PowerOptions) error {
	if m.Browser {
		return nil
	}
	byPackage := make(map[string][]string)
	for f := range m.Files {
		if mayHavePowers(f, opt.Program) {
			dir, _ := m.Owner(f)
			byPackage[dir] = append(byPackage[dir], f)
		}
	}
	was := oldPowers(opt.Old)
	m.Powers = make(mapfile.Powers)
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for dir, files := range byPackage {
		g.Go(func() error {
			s := powerScan{PowerOptions: opt, found: make(map[nodejs.Power]bool)}
			if err := s.scan(ctx, files); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for power := range s.found {
				m.Powers.Add(dir, power)
			}
			for _, power := range was.of(dir, s.isUnknown) {
				m.Powers.Add(dir, power)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for f, list := range opt.Program.TracedPowers() {
		if _, pinned := m.Files[f]; !pinned {
			continue
		}
		dir, _ := m.Owner(f)
		for _, power := range list {
			m.Powers.Add(dir, power)
		}
	}
	return nil
}

// mayHavePowers reports whether Node may run a file. It runs one with an unknown extension
// if a specifier names it.
func mayHavePowers(f string, prog *program.Program) bool {
	_, isReached := prog.Files[f]
	switch ext := path.Ext(f); {
	case ext == ".node", ext == ".wasm", ext != "" && powers.MayUse(f):
		return true
	case ext == ".json", strings.HasSuffix(f, ".d.ts"), strings.HasSuffix(f, ".d.mts"), strings.HasSuffix(f, ".d.cts"):
		return false
	}
	return isReached
}

// A powerScan finds the powers of one package.
type powerScan struct {
	PowerOptions
	found     map[nodejs.Power]bool
	isUnknown bool // the bytes of a file are not known
}

func (s *powerScan) scan(ctx context.Context, files []string) error {
	slices.Sort(files)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch path.Ext(f) {
		case ".node":
			s.found[nodejs.Addons] = true
			continue
		case ".wasm":
			s.found[nodejs.Wasm] = true
			continue
		}
		if nodejs.IsLibraryName(path.Base(f)) {
			continue
		}
		if s.IsOpaque(f) {
			s.isUnknown = true
			continue
		}
		if s.Cache.Powers(f, s.found) {
			continue
		}
		src, err := s.read(f)
		if safefile.IsAbsent(err) {
			s.isUnknown = true
			continue
		}
		if err != nil {
			return problem.NotChecked(f, "make this file readable, or exclude it with nodeint.exclude in package.json", "looking for powers: %w", err)
		}
		known := s.Cache.PowersOf(s.found)
		if !nodejs.IsMachineCode(src[:min(len(src), nodejs.HeadSize)]) {
			for _, u := range powers.Scan(src, s.found) {
				s.found[u.Power] = true
			}
		}
		s.Cache.KeepPowers(f, known, s.Cache.PowersOf(s.found))
	}
	return nil
}

func (s *powerScan) read(f string) ([]byte, error) {
	if s.Cache != nil {
		return s.Cache.Read(f, maxSource)
	}
	return s.Tree.ReadFile(f, maxSource)
}

type knownPowers struct{ mapfile.Powers }

// oldPowers returns the powers of an old map.
func oldPowers(old *importmap.Document) knownPowers {
	if old == nil {
		return knownPowers{}
	}
	m, err := mapfile.Parse("", old)
	if err != nil {
		return knownPowers{} // nothing is kept from a map that is not well formed
	}
	return knownPowers{m.Powers}
}

// of returns the powers that a package also has if it is not known what its files use.
func (k knownPowers) of(dir string, isUnknown bool) []nodejs.Power {
	switch {
	case !isUnknown:
		return nil
	case k.Powers == nil:
		return []nodejs.Power{mapfile.AnyPower}
	}
	return k.Powers[dir]
}
