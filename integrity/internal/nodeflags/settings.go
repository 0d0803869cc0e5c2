package nodeflags

import (
	"path/filepath"
	"slices"
	"strings"
)

// Settings are what the start of node decides about resolution, beside the text of the
// program: which file a name means, and which files node reads before the program.
type Settings struct {
	Conditions  []string // of exports and imports, beside Node's own; sorted
	NodePath    []string // directories of NODE_PATH, absolute
	Preloads    []string // specifiers of --require, --import and --loader, in their order
	Files       []string // absolute paths of files that node reads for its own settings
	PackageMap  string   // absolute path of the file of --experimental-package-map, or ""
	NotModelled []string // flags and variables that may change resolutions in another way
	Code        string   // the flag with which node runs something other than a file, or ""
}

// A Start is a start of node.
type Start struct {
	Dir   string   // absolute path of the working directory
	Words []string // after node
	Env   []string // NAME=value, as far as it is known

	// Options is the text of NODE_OPTIONS if Env does not have it.
	Options string

	// Read returns the content of a file. exists is false if there is none.
	Read func(path string) (text []byte, exists bool, err error)
}

// Settings returns the settings of a start, and the words after the flags of node: the
// script and its arguments. Env wins over Options, which wins over files of environment
// variables. The error is for a command line that node rejects, and for files that
// cannot be read.
func (s Start) Settings() (Settings, []string, error) {
	r := &reader{start: s, table: Flags(Allow{Inspector: true})}
	flags, rest, err := r.table.Scan(s.Words)
	if err != nil {
		return r.out, nil, err
	}
	if err := r.readEnvironment(flags); err != nil {
		return r.out, nil, err
	}
	options, _, err := r.options()
	if err != nil {
		return r.out, nil, err
	}
	for _, f := range slices.Concat(options, flags) {
		if err := r.add(f); err != nil {
			return r.out, nil, err
		}
	}
	r.addVariables()
	r.out.NotModelled = unique(r.out.NotModelled)
	r.out.Files = unique(r.out.Files)
	r.out.Conditions = unique(OtherConditions(r.out.Conditions))
	return r.out, rest, nil
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// A reader is one call of Start.Settings.
type reader struct {
	start Start
	table Table
	env   map[string]string // variables that node reads, by name
	out   Settings
}

// readVariables are the variables that decide about resolution.
var readVariables = []string{"NODE_OPTIONS", "NODE_PATH", "NODE_PRESERVE_SYMLINKS", "NODE_PRESERVE_SYMLINKS_MAIN"}

// readEnvironment finds the values of readVariables.
func (r *reader) readEnvironment(flags []Flag) error {
	values, unread, err := EnvFiles(flags, func(name string) ([]byte, bool, error) { return r.start.Read(r.path(name)) })
	if err != nil {
		return err
	}
	if unread != "" {
		r.out.NotModelled = append(r.out.NotModelled, "--env-file="+unread)
	}
	r.env = values
	if r.start.Options != "" {
		r.env["NODE_OPTIONS"] = r.start.Options
	}
	for _, pair := range r.start.Env {
		name, value, _ := strings.Cut(pair, "=")
		if slices.Contains(readVariables, name) {
			r.env[name] = value
		}
	}
	return nil
}

// options returns the flags in NODE_OPTIONS. A value that a shell or a package manager
// would expand is not modelled.
func (r *reader) options() (flags []Flag, rest []string, err error) {
	text := r.env["NODE_OPTIONS"]
	if strings.Contains(text, "$") {
		r.out.NotModelled = append(r.out.NotModelled, "NODE_OPTIONS="+text)
		return nil, nil, nil
	}
	words, err := Split(text)
	if err != nil {
		return nil, nil, err
	}
	return r.table.Scan(words)
}

// add adds the effect of a flag.
func (r *reader) add(f Flag) error {
	rule := r.table.rule(f.Name)
	effect := rule.Effect
	if rule.Kind == "" {
		effect = NotModelled
	}
	if strings.HasPrefix(f.Name, "--no-") {
		effect = None // the opposite, which is the default
	}
	switch effect {
	case Condition:
		r.out.Conditions = append(r.out.Conditions, f.Value)
	case Loader:
		r.out.NotModelled = append(r.out.NotModelled, strings.Join(f.Words, " "))
		r.out.Preloads = append(r.out.Preloads, f.Value)
	case Preload:
		r.out.Preloads = append(r.out.Preloads, f.Value)
	case EnvFile:
		r.out.Files = append(r.out.Files, r.path(f.Value))
	case ConfigFile:
		return r.addConfig(f)
	case PackageMap:
		r.out.PackageMap = r.path(f.Value)
	case Code:
		r.out.Code = f.Name
	case NotModelled:
		r.out.NotModelled = append(r.out.NotModelled, strings.Join(f.Words, " "))
	}
	return nil
}

// addVariables adds the effect of variables other than NODE_OPTIONS.
func (r *reader) addVariables() {
	for _, dir := range filepath.SplitList(r.env["NODE_PATH"]) {
		if dir != "" {
			r.out.NodePath = append(r.out.NodePath, r.path(dir))
		}
	}
	for _, name := range []string{"NODE_PRESERVE_SYMLINKS", "NODE_PRESERVE_SYMLINKS_MAIN"} {
		if r.env[name] == "1" {
			r.out.NotModelled = append(r.out.NotModelled, name+"=1")
		}
	}
}

// path returns the absolute path of a file that a flag names.
func (r *reader) path(name string) string {
	if name = filepath.FromSlash(name); !filepath.IsAbs(name) {
		name = filepath.Join(r.start.Dir, name)
	}
	return filepath.Clean(name)
}
