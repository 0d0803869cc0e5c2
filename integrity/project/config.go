package project

import (
	"cmp"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"
)

// A Config is the member nodeint of package.json. Every member is optional.
type Config struct {
	Entries    []string // files that are started or imported, relative to the project's directory
	Coverage   string   // "graph", "packages", "dependencies" or "tree"
	Algorithms []string // "sha256", "sha384", "sha512", and "blake3" in addition to one of those
	Include    []string // patterns of further files to pin, see package glob
	Exclude    []string // patterns of files to leave out, see package glob
	Browser    bool     // the map is for a web page
	Conditions []string // as given to node --conditions
	Trace      []string // trace files, relative to the project's directory
	Lockfile   string   // "", "lockfile" for --lockfile, or "fetch" for --lockfile and --fetch
	Platforms  []string // "linux-x64", "linux-x64-musl": the platforms of other installs
	Scripts    []string // packages whose install scripts may write files
	Writable   []string // directories that the program may write, relative to the project's directory
}

var (
	coverages  = []string{"graph", "packages", "dependencies", "tree"}
	algorithms = []string{"sha256", "sha384", "sha512", "blake3"}
)

// setters set the field of each member of the configuration, or return the mistake in
// its value.
var setters = map[string]func(c *Config, v gjson.Result) *mistake{
	"entries":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Entries, v, `["server.js"]`, isPath) },
	"coverage":   setCoverage,
	"algorithms": setAlgorithms,
	"include":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Include, v, `["views/**"]`, isInside) },
	"exclude":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Exclude, v, `["test/**"]`, isInside) },
	"conditions": func(c *Config, v gjson.Result) *mistake { return setList(&c.Conditions, v, `["production"]`, isWord) },
	"browser":    setBrowser,
	"lockfile":   setLockfile,
	"scripts":    func(c *Config, v gjson.Result) *mistake { return setList(&c.Scripts, v, `["esbuild"]`, isWord) },
	"platforms":  func(c *Config, v gjson.Result) *mistake { return setList(&c.Platforms, v, `["linux-x64"]`, isWord) },
	"writable":   func(c *Config, v gjson.Result) *mistake { return setList(&c.Writable, v, `["uploads"]`, isBelow) },
	"trace": func(c *Config, v gjson.Result) *mistake {
		return setList(&c.Trace, v, `["nodeint-trace.json"]`, isPath)
	},
}

// A mistake is a wrong value: wrong follows the member's name in the message, and hint
// is what to write instead.
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
			err = configError(path, "keep one of them", "%s: nodeint.%s occurs twice", path, k.Str)
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

func setBrowser(c *Config, v gjson.Result) *mistake {
	if !v.IsBool() {
		return &mistake{"is neither true nor false", `write it as "browser": true`}
	}
	c.Browser = v.Bool()
	return nil
}

func setLockfile(c *Config, v gjson.Result) *mistake {
	switch {
	case v.Type == gjson.True:
		c.Lockfile = "lockfile"
	case v.Type == gjson.String && v.Str == "fetch":
		c.Lockfile = "fetch"
	case v.Type != gjson.False:
		return &mistake{"is neither true nor \"fetch\"", "write true, or \"fetch\" to also download archives from the registry"}
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
		// A browser reads the map too, and supports only the SHA-2 family.
		return &mistake{"contains none of sha256, sha384 and sha512", `add one of them, as in ["sha256", "blake3"]`}
	}
	return m
}

func isWord(s string) *mistake {
	if s == "" || strings.ContainsAny(s, " \t\r\n,\x00") {
		return &mistake{"contains " + quote(s) + ", which is not a name", "write one name per string"}
	}
	return nil
}

func isPath(s string) *mistake {
	if s == "" || strings.ContainsRune(s, 0) {
		return &mistake{"contains " + quote(s) + ", which is not a path", "name files relative to the directory of package.json"}
	}
	return nil
}

// isBelow is isPath for directories that must be below the project's directory.
func isBelow(s string) *mistake {
	if m := isPath(s); m != nil {
		return m
	}
	if clean := path.Clean(s); !filepath.IsLocal(s) || clean == "." {
		return &mistake{"contains " + quote(s) + ", which is not below the directory of package.json", "name directories below it"}
	}
	return nil
}

func isGlob(s string) *mistake {
	if s == "" || !validGlob(strings.TrimPrefix(s, "!")) {
		return &mistake{"contains " + quote(s) + ", which is not a glob pattern", "use *, ?, [a-z], {a,b}, and ** for any directories"}
	}
	return nil
}

// isInside is isGlob for patterns of files, which are inside the root.
func isInside(s string) *mistake {
	if m := isGlob(s); m != nil {
		return m
	}
	if slices.Contains(strings.Split(strings.TrimPrefix(s, "!"), "/"), "..") {
		return &mistake{"contains " + quote(s) + ", which leads out of the root", "write a pattern relative to the root, without .."}
	}
	return nil
}

// validGlob reports whether doublestar accepts the pattern and matches it in bounded
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

// Nearest returns the element of known that is most similar to name, or "" if none is
// similar. It uses the Damerau-Levenshtein distance: the number of letters that are
// added, omitted, changed or swapped with their neighbour.
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
	var beforeLast []int
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
				row[j+1] = min(row[j+1], beforeLast[j-1]+1)
			}
		}
		beforeLast, last = last, row
	}
	return last[len(b)]
}
