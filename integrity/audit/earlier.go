package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/powers"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An earlier is what the earlier map says, and which packages the program has now.
type earlier struct {
	file    string       // "" without a map
	m       *mapfile.Map // nil without one
	now     map[string]bool
	files   map[string]hasher.Metadata
	names   map[string]bool                  // of packages
	powers  map[string]map[nodejs.Power]bool // by name; without packages whose powers are not known
	exclude *glob.List
}

// readBefore reads the earlier map. Only one that was given must exist.
func readBefore(opt Options) (*earlier, error) {
	b := &earlier{now: make(map[string]bool), files: make(map[string]hasher.Metadata), names: make(map[string]bool), powers: make(map[string]map[nodejs.Power]bool)}
	current, err := readMap(opt.Map)
	if err != nil {
		return nil, err
	}
	b.m, b.file = current, opt.Map
	if opt.Since != "" {
		if b.m, err = readMap(opt.Since); err != nil {
			return nil, err
		}
		if b.m == nil {
			return nil, problem.BadUsage("give the path of a map: git show HEAD:importmap.json > old.json", "the map %s does not exist", opt.Since)
		}
		b.file = opt.Since
	}
	if b.m == nil {
		b.file = ""
		return b, nil
	}
	if current != nil {
		for dir := range current.Packages {
			b.now[dir] = true
		}
	}
	for _, p := range b.m.Pinned {
		b.files[p.Path] = p.Metadata
	}
	if b.exclude, err = glob.New(b.m.Exclude); err != nil {
		return nil, problem.BadUsage("", "reading the map: %w", err)
	}
	b.readPowers()
	return b, nil
}

// readPowers reads the powers of the packages of the earlier map, by name: the directory of
// a package may have its version.
func (b *earlier) readPowers() {
	for dir, pkg := range b.m.Packages {
		if mapfile.InstalledName(dir) == "" {
			continue
		}
		b.names[pkg.Name] = true
		if b.powers[pkg.Name] == nil {
			b.powers[pkg.Name] = make(map[nodejs.Power]bool)
		}
		for _, power := range b.m.Powers[dir] {
			b.powers[pkg.Name][power] = true
		}
	}
	for name, known := range b.powers {
		if b.m.Powers == nil || known[mapfile.AnyPower] {
			delete(b.powers, name)
		}
	}
}

// readMap returns the map at a path, or nil if there is none.
func readMap(file string) (*mapfile.Map, error) {
	text, err := mapfile.ReadText(file)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Code == problem.MapMissing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, m, err := mapfile.Read(file, text)
	return m, err
}

// readManifest reads the package.json of the package: its name, and its install scripts.
func (s *scan) readManifest() error {
	file := tree.Join(s.pkg.dir, nodejs.PackageJSON)
	text, err := safefile.Read(s.tree.Abs(file), maxManifest)
	if safefile.IsAbsent(err) {
		if s.pkg.dir != "" {
			s.name = mapfile.InstalledName(s.pkg.dir)
		}
		return nil
	}
	if err != nil {
		return problem.NotChecked(file, "make this file readable", "reading a package.json: %w", err)
	}
	name := gjson.GetBytes(text, "name").Str
	if s.pkg.dir != "" {
		s.name = mapfile.Package{Name: name, Version: gjson.GetBytes(text, "version").Str}.NameVersion()
		if s.name == "" {
			s.name = mapfile.InstalledName(s.pkg.dir)
		}
		var known map[nodejs.Power]bool
		known, s.compare = s.before.powers[name]
		s.known = maps.Clone(known)
	}
	scripts := mapfile.InstallScripts[:]
	if s.pkg.dir == "" {
		scripts = append(slices.Clone(scripts), "prepare") // which is run for the project itself
	}
	commands := mapfile.ReadScripts(text, scripts)
	stateOf := s.before.scriptsOf(s.pkg.dir, name, text)
	found := false
	for _, script := range scripts {
		command := commands[script]
		if command == "" {
			continue
		}
		found = found || script != "postinstall"
		code, since := stateOf(script, command)
		s.add(file, code, fmt.Sprintf("%s: %s%s", script, command, since))
		for _, word := range strings.Fields(command) {
			s.addNamedTest(word, "scripts."+script)
		}
	}
	s.addNamedTest(gjson.GetBytes(text, "main").Str, "main")
	gyp, err := s.tree.Kind(tree.Join(s.pkg.dir, "binding.gyp"))
	if err != nil {
		return problem.NotChecked(file, "make this path readable", "%w", err)
	}
	if gyp == tree.File && !found && gjson.GetBytes(text, "gypfile").Type != gjson.False {
		code, since := stateOf("install", mapfile.BuildAddon)
		s.add(tree.Join(s.pkg.dir, "binding.gyp"), code, "install: "+mapfile.BuildAddon+", because there is a binding.gyp"+since)
	}
	return nil
}

// scriptsOf returns a function that compares an install script of a package with the earlier
// map: it returns the code, and a reason if the script is new or changed since. If the
// package has moved to another directory, the package of that name counts.
func (b *earlier) scriptsOf(dir, name string, manifest []byte) func(script, command string) (code, since string) {
	all := func(code, since string) func(string, string) (string, string) {
		return func(string, string) (string, string) { return code, since }
	}
	if b.m == nil {
		return all(InstallScript, "")
	}
	file := tree.Join(dir, nodejs.PackageJSON)
	metadata, pinned := b.files[file]
	if pinned && metadata.Match(hasher.Sum(metadata.Algorithms(), manifest)) {
		return all(InstallScript, "")
	}
	was := b.installsOf(dir, name)
	switch {
	case len(was) == 0 && !pinned && b.now[dir]:
		return all(NewInstallScript, " (the earlier map does not have the package)")
	case len(was) == 0 && !pinned:
		return all(InstallScript, "")
	}
	return func(script, command string) (code, since string) {
		if script == "prepare" {
			return ChangedInstallScript, " (the map has another package.json of it)" // it does not record this script
		}
		other := ""
		for _, install := range was {
			if install[script] == command {
				return InstallScript, ""
			}
			other = cmp.Or(other, install[script])
		}
		if other == "" {
			return ChangedInstallScript, " (the map has no such script of it)"
		}
		return ChangedInstallScript, " (the map has: " + other + ")"
	}
}

// installsOf returns the install scripts of a package in the earlier map: those of the
// directory, or else of every package of the name.
func (b *earlier) installsOf(dir, name string) (list []map[string]string) {
	if pkg, ok := b.m.Packages[dir]; ok {
		return append(list, pkg.Install)
	}
	if dir == "" || !b.names[name] {
		return nil
	}
	for _, at := range slices.Sorted(maps.Keys(b.m.Packages)) {
		if pkg := b.m.Packages[at]; pkg.Name == name && mapfile.InstalledName(at) != "" {
			list = append(list, pkg.Install)
		}
	}
	return list
}

// addPowers lists the powers that a file uses and that its package did not use when the
// earlier map was made.
func (s *scan) addPowers(f string, src []byte) {
	if !s.compare || !s.before.wouldPin(f) {
		return
	}
	var uses []powers.Use
	switch path.Ext(f) {
	case ".node":
		uses = []powers.Use{{Power: nodejs.Addons}}
	case ".wasm":
		uses = []powers.Use{{Power: nodejs.Wasm}}
	default:
		if !nodejs.IsMachineCode(src[:min(len(src), nodejs.HeadSize)]) {
			uses = powers.Scan(src, s.known)
		}
	}
	for _, u := range uses {
		if s.known[u.Power] {
			continue
		}
		s.known[u.Power] = true
		detail := "uses " + string(u.Power) + ", which the package did not"
		if u.Line > 0 {
			detail += fmt.Sprintf(": line %d, %s", u.Line, u.Word)
		}
		s.add(f, MorePowers, detail)
	}
}

// wouldPin reports whether a map with the coverage of the earlier one pins a file of a
// package, as far as its name decides.
func (b *earlier) wouldPin(f string) bool {
	if _, pinned := b.files[f]; pinned {
		return path.Ext(f) != ".json"
	}
	if b.m.Coverage == mapfile.Graph || b.exclude.Match(f, false) {
		return false
	}
	ext := path.Ext(f)
	return ext == ".node" || ext == ".wasm" || ext != "" && powers.MayUse(f) && !strings.HasSuffix(f, ".d.ts")
}
