package project

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"
)

// A Config is the member nodeint of package.json. Every member is optional.
type Config struct {
	Entries    []string // files that are started or imported, relative to the project's folder
	Coverage   string   // "graph", "packages", "dependencies" or "tree"
	Algorithms []string // "sha256", "sha384", "sha512", and "blake3" beside one of those
	Include    []string // patterns of further files to pin, see package glob
	Exclude    []string // patterns of files to leave out, see package glob
	Conditions []string // as given to node --conditions
	Trace      []string // trace files, relative to the project's folder
	Lockfile   string   // "" or, as generate's flags: "lockfile", "fetch" for both --lockfile and --fetch
	Scripts    []string // packages whose install scripts may write, see package anchor
}

var (
	coverages  = []string{"graph", "packages", "dependencies", "tree"}
	algorithms = []string{"sha256", "sha384", "sha512", "blake3"}
)

// setters reads each member of the configuration: the value into c, or an
// error about what it should be, to be put behind the member's name.
var setters = map[string]func(c *Config, v gjson.Result) *mistake{
	"entries":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Entries, v, `["server.js"]`, isPath) },
	"coverage":   setCoverage,
	"algorithms": setAlgorithms,
	"include":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Include, v, `["views/**"]`, isInside) },
	"exclude":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Exclude, v, `["test/**"]`, isInside) },
	"conditions": func(c *Config, v gjson.Result) *mistake { return setList(&c.Conditions, v, `["production"]`, isWord) },
	"lockfile":   setLockfile,
	"scripts":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Scripts, v, `["esbuild"]`, isWord) },
	"trace": func(c *Config, v gjson.Result) *mistake {
		return setList(&c.Trace, v, `["nodeint-trace.json"]`, isPath)
	},
}

// A mistake says what is wrong with a value and what to write instead.
type mistake struct{ wrong, hint string }

// readConfig reads the member nodeint of the package.json at path.
func readConfig(path string, v gjson.Result) (Config, error) {
	var c Config
	if !v.Exists() {
		return c, nil
	}
	if !v.IsObject() {
		return c, configError(path, `write it as "nodeint": {"entries": ["server.js"]}`, "%s: nodeint is not an object", path)
	}
	known := slices.Sorted(maps.Keys(setters))
	seen := map[string]bool{}
	var err error
	v.ForEach(func(k, v gjson.Result) bool {
		set := setters[k.Str]
		switch {
		case set == nil:
			err = configError(path, didYouMean(k.Str, known), "%s: nodeint.%s is not known", path, k.Str)
		case seen[k.Str]:
			err = configError(path, "keep one of them", "%s: nodeint.%s is there twice", path, k.Str)
		default:
			if m := set(&c, v); m != nil {
				err = configError(path, m.hint, "%s: nodeint.%s %s", path, k.Str, m.wrong)
			}
		}
		seen[k.Str] = true
		return err == nil
	})
	return c, err
}

func setList(to *[]string, v gjson.Result, example string, check func(string) *mistake) *mistake {
	all, ok := list(v)
	if !ok {
		return &mistake{"is not a list of strings", "write it as " + example}
	}
	for _, s := range all {
		if m := check(s); m != nil {
			return m
		}
	}
	*to = all
	return nil
}

func setCoverage(c *Config, v gjson.Result) *mistake {
	if v.Type != gjson.String {
		return &mistake{"is not a string", "choose one of " + strings.Join(coverages, ", ")}
	}
	if !slices.Contains(coverages, v.Str) {
		return &mistake{quote(v.Str) + " is not known", didYouMean(v.Str, coverages)}
	}
	c.Coverage = v.Str
	return nil
}

func setLockfile(c *Config, v gjson.Result) *mistake {
	switch {
	case v.Type == gjson.True:
		c.Lockfile = "lockfile"
	case v.Type == gjson.String && v.Str == "fetch":
		c.Lockfile = "fetch"
	case v.Type != gjson.False:
		return &mistake{"is neither true nor \"fetch\"", "write it as true, or \"fetch\" to get archives from the registry too"}
	}
	return nil
}

func setAlgorithms(c *Config, v gjson.Result) *mistake {
	m := setList(&c.Algorithms, v, `["sha256"]`, func(s string) *mistake {
		if !slices.Contains(algorithms, s) {
			return &mistake{quote(s) + " is not known", didYouMean(s, algorithms)}
		}
		return nil
	})
	if m == nil && !slices.ContainsFunc(c.Algorithms, func(s string) bool { return s != "blake3" }) {
		// Browsers know the SHA-2 family alone, and read the map too.
		return &mistake{"names no sha256, sha384 or sha512", `add one of them, as in ["sha256", "blake3"]`}
	}
	return m
}

func isWord(s string) *mistake {
	if s == "" || strings.ContainsAny(s, " \t\r\n,\x00") {
		return &mistake{"holds " + quote(s) + ", which is no name", "name one in each string"}
	}
	return nil
}

func isPath(s string) *mistake {
	if s == "" || strings.ContainsRune(s, 0) {
		return &mistake{"holds " + quote(s) + ", which is no path", "name files, relative to package.json"}
	}
	return nil
}

func isGlob(s string) *mistake {
	if s == "" || !validGlob(strings.TrimPrefix(s, "!")) {
		return &mistake{"holds " + quote(s) + ", which is no glob", "globs are *, ?, [a-z], {a,b} and ** for any folders"}
	}
	return nil
}

// isInside is isGlob for patterns of files, which lie in the root.
func isInside(s string) *mistake {
	if m := isGlob(s); m != nil {
		return m
	}
	if slices.Contains(strings.Split(strings.TrimPrefix(s, "!"), "/"), "..") {
		return &mistake{"holds " + quote(s) + ", which leads out of the root", "patterns are relative to the root, and stay within it"}
	}
	return nil
}

// validGlob reports whether doublestar takes the pattern, and in a bounded
// time: alternatives in braces multiply.
func validGlob(pattern string) bool {
	return len(pattern) <= 1000 && strings.Count(pattern, "{") <= 8 && doublestar.ValidatePattern(pattern)
}

func didYouMean(name string, known []string) string {
	if n := Nearest(name, known); n != "" {
		return "did you mean " + n + "?"
	}
	return "choose one of " + strings.Join(known, ", ")
}

// Nearest returns the one of known that name was most likely meant to be, or ""
// if none is near. The distance is Damerau and Levenshtein's: letters added,
// left out, changed or swapped with their neighbour.
func Nearest(name string, known []string) string {
	if len(name) > 64 {
		return ""
	}
	name = strings.ToLower(name)
	near := func(k string) int { return distance(name, strings.ToLower(k)) }
	if len(known) == 0 {
		return ""
	}
	best := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(near(a), near(b)) })
	if near(best) > max(1, len(best)/3) {
		return ""
	}
	return best
}

func distance(a, b string) int {
	var before []int // the row before last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
