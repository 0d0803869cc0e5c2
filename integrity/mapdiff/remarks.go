package mapdiff

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// add adds a remark.
func (p *Package) add(alert bool, code string, items []string, format string, args ...any) {
	p.Remarks = append(p.Remarks, Remark{Code: code, Text: fmt.Sprintf(format, args...), Items: items, Alert: alert})
}

// remark adds the remarks on a package. old is nil if it is added, new if it is removed.
func (c *comparison) remark(p *Package, old, new *instance) {
	if new == nil {
		return
	}
	if old == nil {
		c.remarkReplaced(p, new)
		old = &instance{}
	} else {
		c.remarkVersion(p, old, new)
	}
	c.remarkPowers(p, old, new)
	remarkScripts(p, old, new)
	remarkBinaries(p)
	remarkGaps(p, old, new)
}

// remarkReplaced says under which name an added package is installed.
func (c *comparison) remarkReplaced(p *Package, new *instance) {
	if p.Own {
		return
	}
	if was := c.was.byDir[new.dir]; was != nil && was.name != new.name {
		p.add(true, Replaced, []string{title(was.name, was.version)}, "in the directory of another package")
	} else if name := mapfile.InstalledName(new.dir); name != "" && name != new.name {
		p.add(false, Alias, []string{name}, "installed as")
	}
}

// remarkVersion compares what the map says about the package as a whole.
func (c *comparison) remarkVersion(p *Package, old, new *instance) {
	a, b := old.info, new.info
	switch {
	case p.Own:
	case old.version != new.version:
		if isDowngrade(old.version, new.version) {
			p.add(true, Downgrade, nil, "the new version is lower than the old one")
		}
	case len(p.Changed) > 0, len(p.Added)+len(p.Removed) > 0 && c.samePackages():
		p.add(true, SameVersion, nil, "the version is the same, but its files are not")
	}
	if a.Version == b.Version && a.Integrity != "" && b.Integrity != "" && a.Integrity != b.Integrity {
		p.add(true, ArchiveChanged, []string{b.Integrity}, "the lockfile names another archive for the same version")
	}
	if a.Class != "" && b.Class != "" && a.Class != b.Class {
		rank := func(class string) int { return slices.Index(lockcheck.Classes, lockcheck.Class(class)) }
		if rank(b.Class) > rank(a.Class) {
			p.add(true, ClassWeaker, nil, "the lockfile accounts for less of it: %s → %s", a.Class, b.Class)
		} else {
			p.add(false, ClassStronger, nil, "the lockfile accounts for more of it: %s → %s", a.Class, b.Class)
		}
	}
	if !a.Equal(b.Condition) {
		p.add(false, Condition, []string{conditionText(a.Condition) + " → " + conditionText(b.Condition)}, "other installs have it")
	}
}

// samePackages reports whether both maps pin packages whole, by the same rule.
func (c *comparison) samePackages() bool {
	return c.was.m.Coverage == c.is.m.Coverage && c.is.m.Coverage != mapfile.Graph
}

// conditionText says which installs have a package.
func conditionText(c mapfile.Condition) string {
	var parts []string
	if c.Dev {
		parts = append(parts, "development")
	}
	if c.Optional {
		parts = append(parts, "optional")
	}
	for _, list := range [][]string{c.OS, c.CPU, c.Libc} {
		if len(list) > 0 {
			parts = append(parts, strings.Join(list, " "))
		}
	}
	if parts == nil {
		return "every install"
	}
	return strings.Join(parts, ", ")
}

// powerPhrases are the powers in sentences, the most dangerous first.
var powerPhrases = []struct {
	power  nodejs.Power
	phrase string
}{
	{nodejs.ChildProcess, "child processes"}, {nodejs.Network, "the network"}, {nodejs.Eval, "eval"}, {nodejs.VM, "vm"},
	{nodejs.FSWrite, "writing files"}, {nodejs.Addons, "native addons"}, {nodejs.FFI, "foreign functions"}, {nodejs.Binding, "internals of Node"},
	{nodejs.Engine, "OpenSSL engines"}, {nodejs.ModuleHooks, "module hooks"}, {nodejs.Inspector, "the inspector"},
	{nodejs.V8Flags, "flags of V8"}, {nodejs.SQLiteExtension, "SQLite extensions"}, {nodejs.SQLite, "SQLite"},
	{nodejs.WASI, "WASI"}, {nodejs.Wasm, "WebAssembly"}, {nodejs.Worker, "worker threads"}, {nodejs.Test, "node:test"},
	{nodejs.Environment, "environment variables"},
}

// phrase lists powers in a sentence: "child processes and the network".
func phrase(powers []nodejs.Power) string {
	var words []string
	for _, p := range powerPhrases {
		if slices.Contains(powers, p.power) {
			words = append(words, p.phrase)
		}
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

func (c *comparison) remarkPowers(p *Package, old, new *instance) {
	if c.is.m.Powers == nil || c.was.m.Powers == nil && p.Kind == Changed {
		return
	}
	isUnknown := slices.Contains(new.powers, mapfile.AnyPower)
	if isUnknown && !slices.Contains(old.powers, mapfile.AnyPower) {
		p.add(true, PowersUnknown, nil, "its powers are not known, because its files are not here")
	}
	var gained, lost []nodejs.Power
	for _, power := range new.powers {
		if power != mapfile.AnyPower && !slices.Contains(old.powers, power) && !slices.Contains(old.powers, mapfile.AnyPower) {
			gained = append(gained, power)
		}
	}
	for _, power := range old.powers {
		if power != mapfile.AnyPower && !slices.Contains(new.powers, power) && !isUnknown {
			lost = append(lost, power)
		}
	}
	if len(gained) > 0 {
		verb := "now uses"
		if p.Kind == Added {
			verb = "uses"
		}
		isMore := slices.ContainsFunc(gained, func(power nodejs.Power) bool { return power != nodejs.Environment })
		p.add(isMore, PowersGained, nil, "%s %s", verb, phrase(gained))
		p.Remarks[len(p.Remarks)-1].Powers = gained
	}
	if len(lost) > 0 {
		p.add(false, PowersLost, nil, "no longer uses %s", phrase(lost))
		p.Remarks[len(p.Remarks)-1].Powers = lost
	}
}

func remarkScripts(p *Package, old, new *instance) {
	for _, script := range mapfile.InstallScripts {
		was, is := old.info.Install[script], new.info.Install[script]
		switch {
		case was == is:
		case was == "" && p.Kind == Added:
			p.add(true, ScriptAdded, []string{is}, "has the install script %s", script)
		case was == "":
			p.add(true, ScriptAdded, []string{is}, "has a new install script %s", script)
		case is == "":
			p.add(false, ScriptRemoved, []string{was}, "no longer has the install script %s", script)
		default:
			p.add(true, ScriptAdded, []string{was + " → " + is}, "has another command in the install script %s", script)
		}
	}
}

// isBinary reports whether the name of a file is that of machine code or WebAssembly.
func isBinary(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".node", ".wasm", ".exe", ".com", ".bin":
		return true
	}
	return nodejs.IsLibraryName(path.Base(name))
}

func remarkBinaries(p *Package) {
	binaries := func(files []string) (list []string) {
		for _, f := range files {
			if isBinary(f) {
				list = append(list, f)
			}
		}
		return list
	}
	if list := binaries(p.Added); len(list) > 0 {
		p.add(true, BinaryAdded, list, "%s", count(len(list), "new binary", "new binaries"))
	}
	if list := binaries(p.Changed); len(list) > 0 {
		p.add(false, BinaryChanged, list, "%s with other bytes", count(len(list), "binary", "binaries"))
	}
}

// remarkGaps compares the gaps by file, reason and text: lines move.
func remarkGaps(p *Package, old, new *instance) {
	added, removed := missingGaps(new.gaps, old.gaps), missingGaps(old.gaps, new.gaps)
	if len(added) > 0 {
		isBroken := slices.ContainsFunc(added, func(g problem.Gap) bool { return g.Reason == problem.GapUnresolved })
		p.add(isBroken, GapsAdded, gapTexts(added), "%s", count(len(added), "new gap", "new gaps"))
	}
	if len(removed) > 0 {
		p.add(false, GapsRemoved, gapTexts(removed), "%s", count(len(removed), "gap is gone", "gaps are gone"))
	}
}

// missingGaps returns the gaps of a that b does not have.
func missingGaps(a, b []problem.Gap) []problem.Gap {
	plain := func(g problem.Gap) problem.Gap { return problem.Gap{Path: g.Path, Reason: g.Reason, Text: g.Text} }
	left := make(map[problem.Gap]int)
	for _, g := range b {
		left[plain(g)]++
	}
	var list []problem.Gap
	for _, g := range a {
		if left[plain(g)]--; left[plain(g)] < 0 {
			list = append(list, g)
		}
	}
	return list
}

func gapTexts(gaps []problem.Gap) []string {
	var list []string
	for _, g := range gaps {
		s := g.Path
		if g.Line > 0 {
			s += fmt.Sprintf(":%d:%d", g.Line, g.Column)
		}
		if s += " " + g.Reason; g.Text != "" {
			s += ": " + g.Text
		}
		list = append(list, s)
	}
	return list
}

func count(n int, one, many string) string { return problem.CountOf(n, one, many) }
