package launch

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// CheckStart returns an error if node would resolve names with other settings than
// those with which the map was generated: other conditions, another NODE_PATH or another
// package map. want is what the map says, and file names the map.
// known is false for a map that does not say; then node must have no package map.
func (p *Program) CheckStart(want nodeflags.Record, known bool, file string) error {
	got := p.record()
	if !known {
		got.Conditions, got.NodePath = want.Conditions, want.NodePath
	}
	if extra, lacking := difference(got.Conditions, nodeflags.OtherConditions(want.Conditions)); len(extra)+len(lacking) > 0 {
		return problem.BadUsage(p.startHint(want.Conditions), "node is started with %s, and the map %s was generated for %s",
			nameConditions(got.Conditions), file, nameConditions(want.Conditions))
	}
	if !slices.Equal(got.NodePath, want.NodePath) {
		hint := "unset NODE_PATH, or generate the map with it: nodeint generate -- env NODE_PATH=DIR node SCRIPT"
		if len(want.NodePath) > 0 {
			hint = "set NODE_PATH=" + strings.Join(want.NodePath, string(filepath.ListSeparator))
		}
		return problem.BadUsage(hint, "node is started with %s, and the map %s was generated for %s",
			nameNodePath(got.NodePath), file, nameNodePath(want.NodePath))
	}
	if got.PackageMap != "" && got.PackageMap != want.PackageMap {
		return problem.BadUsage("start node without --experimental-package-map, or generate the map with it: nodeint generate -- node --experimental-package-map=FILE SCRIPT",
			"node is started with the package map %s, and the map %s was generated for %s", got.PackageMap, file, cmp.Or(want.PackageMap, "none"))
	}
	return nil
}

// record returns the settings with which node is started.
func (p *Program) record() nodeflags.Record {
	var r nodeflags.Record
	for _, f := range slices.Concat(p.Options, p.Flags) {
		switch nodeflags.EffectOf(f.Name) {
		case nodeflags.Condition:
			r.Conditions = append(r.Conditions, f.Value)
		case nodeflags.PackageMap:
			r.PackageMap = realPath(f.Value)
		}
	}
	slices.Sort(r.Conditions)
	r.Conditions = slices.Compact(nodeflags.OtherConditions(r.Conditions))
	for _, dir := range p.NodePath {
		r.NodePath = append(r.NodePath, realPath(dir))
	}
	return r
}

// realPath returns the absolute path of a file, without links if it exists.
func realPath(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

// nodePath returns the directories of NODE_PATH, except those that pnpm's scripts in
// .bin set for the program that they start. For nodeint that is of no use to node.
func nodePath(env []string) []string {
	var dirs []string
	for _, dir := range filepath.SplitList(getenv(env, "NODE_PATH")) {
		if dir != "" && !isPnpmShim(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// dropShimPaths removes from NODE_PATH the directories that [nodePath] leaves out.
func dropShimPaths(env []string) []string {
	dirs := nodePath(env)
	if len(dirs) == len(filepath.SplitList(getenv(env, "NODE_PATH"))) {
		return env
	}
	env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, "NODE_PATH=") })
	if len(dirs) == 0 {
		return env
	}
	return append(env, "NODE_PATH="+strings.Join(dirs, string(filepath.ListSeparator)))
}

// pnpmStore is the directory of pnpm's store in a project, in a path.
const pnpmStore = "node_modules" + string(filepath.Separator) + ".pnpm" + string(filepath.Separator)

// isPnpmShim reports whether a directory of NODE_PATH is in pnpm's store of a project.
// pnpm 12 names it from the directory of the script: node_modules/.bin/../.pnpm/….
func isPnpmShim(dir string) bool {
	return strings.Contains(filepath.Clean(dir)+string(filepath.Separator), pnpmStore)
}

// withEnvFiles returns the environment with the variables of the files of --env-file that
// decide how node resolves names. A variable of the environment wins. Node gets
// NODE_OPTIONS of such a file in its environment, after nodeint's own words. It reads
// the file again, but ignores NODE_OPTIONS there: a changed file cannot remove the
// preload.
func withEnvFiles(flags []nodeflags.Flag, env []string) ([]string, error) {
	values, unread, err := nodeflags.EnvFiles(flags, func(name string) ([]byte, bool, error) {
		text, err := safefile.Read(name, maxEnvFile)
		return text, err == nil, nil // node itself reports a file that it cannot read
	})
	if err != nil {
		return nil, err
	}
	if unread != "" {
		return nil, problem.BadUsage("set the variable in the environment, or write it as NAME=VALUE in "+unread,
			"%s names NODE_OPTIONS, NODE_PATH or another variable that decides which code node loads in a line that nodeint does not understand", unread)
	}
	pairs := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") }) {
			pairs = append(pairs, name+"="+values[name])
		}
	}
	if v := nodeflags.Changed(nodeflags.FixedVariables(env), pairs, false); v != nil {
		return nil, problem.BadUsage("set it in the environment of nodeint run, or remove it from the file", "%s in a file of --env-file is refused: %s", v.Name, v.Reason)
	}
	return append(slices.Clone(env), pairs...), nil
}

// maxEnvFile is the size of the largest file of environment variables that is read, in
// bytes.
const maxEnvFile = 16 << 20

// difference returns the elements that only one of the lists has.
func difference(a, b []string) (onlyA, onlyB []string) {
	for _, e := range a {
		if !slices.Contains(b, e) {
			onlyA = append(onlyA, e)
		}
	}
	for _, e := range b {
		if !slices.Contains(a, e) {
			onlyB = append(onlyB, e)
		}
	}
	return onlyA, onlyB
}

func nameConditions(list []string) string {
	switch len(list) {
	case 0:
		return "no conditions"
	case 1:
		return "the condition " + list[0]
	}
	return "the conditions " + strings.Join(slices.Sorted(slices.Values(list)), ", ")
}

func nameNodePath(dirs []string) string {
	if len(dirs) == 0 {
		return "no NODE_PATH"
	}
	return "NODE_PATH=" + strings.Join(dirs, string(filepath.ListSeparator))
}

// startHint returns the two ways to make the conditions equal.
func (p *Program) startHint(want []string) string {
	script := cmp.Or(p.Script, "SCRIPT")
	how := "start node without --conditions"
	if len(want) > 0 {
		how = "start it as the map says: nodeint run " + command(want, script)
	}
	return how + ", or generate the map for this start: nodeint generate -- " + command(p.record().Conditions, script)
}

// command returns a command line of node.
func command(conditions []string, script string) string {
	words := []string{"node"}
	for _, c := range slices.Sorted(slices.Values(conditions)) {
		words = append(words, "-C", c)
	}
	return strings.Join(append(words, script), " ")
}
