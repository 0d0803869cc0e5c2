// Package npm packs nodeint for package managers of Node.js: one package for each
// platform, with the program alone, and the package nodeint, which depends on all of them
// and starts the one that was installed.
//
// Package managers install of optional dependencies those whose members os and cpu name
// the platform. So no install script chooses or downloads anything, and an install reads
// one program. The programs for Linux are static and need no C library: glibc and musl
// have the same package.
package npm

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/nodeint/nodeint/release/archive"
)

// Name is the name of the package that people install.
const Name = "nodeint"

// launcher is the program bin/nodeint.js of the package [Name].
//
//go:embed nodeint.js
var launcher []byte

// A Platform is a system for which there is a package.
type Platform struct {
	GOOS, GOARCH string
	OS, CPU      string // as Node.js names them: process.platform, process.arch
}

// Platforms returns all platforms, in the order of [Platform.Package].
func Platforms() []Platform {
	return []Platform{
		{"darwin", "arm64", "darwin", "arm64"},
		{"darwin", "amd64", "darwin", "x64"},
		{"linux", "arm64", "linux", "arm64"},
		{"linux", "amd64", "linux", "x64"},
		{"windows", "arm64", "win32", "arm64"},
		{"windows", "amd64", "win32", "x64"},
	}
}

// Package returns the name of the platform's package.
func (p Platform) Package() string { return "@" + Name + "/" + p.OS + "-" + p.CPU }

// Tarball returns the name of the tarball of a package, of [Name] or a platform's, among
// the files of a release.
func Tarball(pkg string) string {
	return "npm-" + strings.ReplaceAll(strings.TrimPrefix(pkg, "@"), "/", "-") + ".tgz"
}

// Program returns the path of the program in the platform's package.
func (p Platform) Program() string {
	if p.OS == "win32" {
		return "bin/nodeint.exe"
	}
	return "bin/nodeint"
}

// A manifest is a package.json. Its members have the order in which npm shows them.
type manifest struct {
	Name                 string            `json:"name"`
	Version              string            `json:"version"`
	Description          string            `json:"description"`
	Keywords             []string          `json:"keywords,omitempty"`
	Homepage             string            `json:"homepage"`
	Repository           repository        `json:"repository"`
	License              string            `json:"license"`
	OS                   []string          `json:"os,omitempty"`
	CPU                  []string          `json:"cpu,omitempty"`
	Bin                  map[string]string `json:"bin,omitempty"`
	Engines              map[string]string `json:"engines,omitempty"`
	OptionalDependencies map[string]string `json:"optionalDependencies,omitempty"`
	PreferUnplugged      bool              `json:"preferUnplugged,omitempty"`
}

type repository struct {
	Type string `json:"type"`
	URL  string `json:"url"` // npm compares it with that of the provenance
}

func newManifest(name, version, description string) manifest {
	const home = "https://github.com/nodeint/nodeint"
	return manifest{
		Name: name, Version: version, Description: description,
		Homepage: home, Repository: repository{"git", "git+" + home + ".git"}, License: "Apache-2.0",
	}
}

// Texts are files that are in every package.
type Texts struct {
	License, Notices, Readme []byte
}

// Main returns the tarball of the package [Name].
func Main(version string, texts Texts) ([]byte, error) {
	m := newManifest(Name, version, "Pins the files that a Node.js program may load, and checks them before it starts and when they are loaded.")
	m.Keywords = []string{"integrity", "security", "supply-chain", "import-map", "lockfile", "verify"}
	m.Bin = map[string]string{Name: "bin/nodeint.js"}
	m.Engines = map[string]string{"node": ">=18"}
	m.OptionalDependencies = make(map[string]string)
	for _, p := range Platforms() {
		m.OptionalDependencies[p.Package()] = version
	}
	return pack(m, texts.Readme, archive.File{Path: "bin/nodeint.js", Executable: true, Data: launcher}, archive.File{Path: "LICENSE", Data: texts.License})
}

// Pack returns the tarball of the platform's package.
func (p Platform) Pack(version string, program []byte, texts Texts) ([]byte, error) {
	m := newManifest(p.Package(), version, fmt.Sprintf("The program of %s for %s on %s. Install the package %s instead.", Name, p.OS, p.CPU, Name))
	m.OS, m.CPU = []string{p.OS}, []string{p.CPU}
	// No program can be started in a zip file of Plug'n'Play.
	m.PreferUnplugged = true
	readme := fmt.Appendf(nil, "# %s\n\n%s\n", m.Name, m.Description)
	return pack(m, readme, archive.File{Path: p.Program(), Executable: true, Data: program},
		archive.File{Path: "LICENSE", Data: texts.License}, archive.File{Path: "NOTICES.txt", Data: texts.Notices})
}

// pack returns the tarball of a package.
func pack(m manifest, readme []byte, files ...archive.File) ([]byte, error) {
	if !semver.MatchString(m.Version) {
		return nil, fmt.Errorf("packing %s: %q is not a version of npm", m.Name, m.Version)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	files = append(files, archive.File{Path: "package.json", Data: text.Bytes()}, archive.File{Path: "README.md", Data: readme})
	return archive.TarGzip("package/", files)
}

// semver is the grammar of versions: https://semver.org/#semantic-versioning-200.
var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?$`)

// Version returns the version of packages for the output of git describe: that of the
// tag, or one below all versions for a commit without a tag.
func Version(described string) string {
	if v, ok := strings.CutPrefix(described, "v"); ok && semver.MatchString(v) {
		return v
	}
	return "0.0.0-g" + described
}
