package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// A Map is what reports use of a map. A nil Map knows nothing.
type Map struct {
	parsed   *mapfile.Map
	lines    map[string]int // of the keys of integrity, and of nodeint.packages and nodeint.links
	packages []Package
	byDir    map[string]int // index in packages
}

// A Package is a package that has pinned files.
type Package struct {
	Dir     string // relative to the root; "" for the project's own files outside of any package
	Name    string // name@version; may be empty
	Class   string // the provenance class; "" if the map was not compared with a lockfile
	Install string // when an install may leave the package out: "dev", "optional"; "" if never
	Powers  []string
	Files   []string // the pinned files
	Bytes   int64    // the size of the files that exist; 0 if [Map.Measure] was not called
}

// ReadMap returns the map in a file.
func ReadMap(file string) (*Map, error) {
	text, err := mapfile.ReadText(file)
	if err != nil {
		return nil, err
	}
	return ParseMap(file, text)
}

// ParseMap returns the map with the given text; file is for errors.
func ParseMap(file, text string) (*Map, error) {
	_, parsed, err := mapfile.Read(file, text)
	if err != nil {
		return nil, err
	}
	m := &Map{parsed: parsed, lines: lines([]byte(text)), byDir: make(map[string]int)}
	m.addPackages()
	return m, nil
}

// addPackages sorts the pinned files by the package that contains them.
func (m *Map) addPackages() {
	files := make(map[string][]string)
	for p := range m.parsed.Paths() {
		dir, _ := m.parsed.Owner(p)
		if !mapfile.IsOwn(p) && mapfile.IsOwn(dir) {
			dir, _ = mapfile.InstalledDir(p)
		}
		files[dir] = append(files[dir], p)
	}
	for _, dir := range slices.SortedFunc(maps.Keys(files), cmp.Compare[string]) {
		info := m.parsed.Packages[dir]
		p := Package{Dir: dir, Name: info.NameVersion(), Class: info.Class, Files: files[dir]}
		switch {
		case info.Optional:
			p.Install = "optional"
		case info.Dev:
			p.Install = "dev"
		case !info.Condition.IsZero():
			p.Install = "platform"
		}
		for _, power := range m.parsed.Powers[dir] {
			p.Powers = append(p.Powers, string(power))
		}
		m.byDir[dir] = len(m.packages)
		m.packages = append(m.packages, p)
	}
}

// Measure sets the sizes of the packages. size returns the size of a file below the root,
// and false if it does not exist.
func (m *Map) Measure(size func(file string) (int64, bool)) {
	for i := range m.packages {
		for _, f := range m.packages[i].Files {
			if n, ok := size(f); ok {
				m.packages[i].Bytes += n
			}
		}
	}
}

// packageDir returns the directory of the installed package that contains a file, also if
// the map does not have it; "" for an own file.
func (m *Map) packageDir(file string) string {
	if m != nil {
		if dir, ok := m.parsed.Owner(file); ok && !mapfile.IsOwn(dir) {
			return dir
		}
	}
	dir, _ := mapfile.InstalledDir(file)
	return dir
}

// owner names the package that contains a file: name@version.
func (m *Map) owner(file string) string {
	if m == nil {
		return ""
	}
	return Printable(m.parsed.PackageOf(file))
}

// line returns the line of a key; 0 if the map does not have it.
func (m *Map) line(key string) int {
	if m == nil {
		return 0
	}
	return m.lines[key]
}

// lineOfPath returns the line that pins a file, or else that of the nearest directory
// above that the map has a line or a file for; 0 if there is none.
func (m *Map) lineOfPath(file string) int {
	for p := file; p != "" && p != "."; p = path.Dir(p) {
		if n := m.line(mapfile.KeyOf(p)); n > 0 {
			return n
		}
	}
	return 0
}

// lines returns the lines of the keys in the section integrity and in the members packages
// and links of nodeint, from 1. The text may be any. It stops where the text is not JSON.
func lines(text []byte) map[string]int {
	found := make(map[string]int)
	dec := json.NewDecoder(bytes.NewReader(text))
	var open []container
	line, counted := 1, int64(0)
	for {
		token, err := dec.Token()
		if err != nil {
			return found
		}
		at := dec.InputOffset()
		line += bytes.Count(text[counted:at], []byte("\n"))
		counted = at
		if d, ok := token.(json.Delim); ok && (d == '}' || d == ']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].object {
			top := &open[n-1]
			if top.value = !top.value; top.value { // token is a key
				top.key, _ = token.(string)
				if _, again := found[top.key]; !again && hasLines(open) {
					found[top.key] = line
				}
				continue
			}
		}
		if d, ok := token.(json.Delim); ok {
			open = append(open, container{object: d == '{'})
		}
	}
}

// A container is an object or array that lines is in.
type container struct {
	object bool
	key    string
	value  bool // the value of key follows
}

// hasLines reports whether the keys of the innermost object are the ones whose lines count.
func hasLines(open []container) bool {
	switch len(open) {
	case 2:
		return open[0].key == "integrity"
	case 3:
		return open[0].key == "nodeint" && (open[1].key == "packages" || open[1].key == "links")
	}
	return false
}
