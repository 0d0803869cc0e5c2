package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/release/archive"
	"github.com/nodeint/nodeint/release/npm"
)

// A target is a system that releases are made for.
type target struct{ npm.Platform }

// parseTargets returns the targets of names like "linux/amd64", and all without names.
func parseTargets(names []string) ([]target, error) {
	var targets []target
	for _, p := range npm.Platforms() {
		if len(names) == 0 || slices.Contains(names, p.GOOS+"/"+p.GOARCH) {
			targets = append(targets, target{p})
		}
	}
	if len(names) > 0 && len(targets) != len(names) {
		return nil, fmt.Errorf("not all of %s are systems that releases are made for", strings.Join(names, ", "))
	}
	return targets, nil
}

// base is the name of the target's files, without the extension.
func (t target) base() string { return "nodeint-" + t.GOOS + "-" + t.GOARCH }

// exe is the extension of the target's programs.
func (t target) exe() string {
	if t.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// binary is the name of the program among the files of a release.
func (t target) binary() string { return t.base() + t.exe() }

func (t target) archive() string {
	if t.GOOS == "windows" {
		return t.base() + ".zip"
	}
	return t.base() + ".tar.gz"
}

func (t target) deb() string {
	if t.GOOS != "linux" {
		return ""
	}
	return t.base() + ".deb"
}

// The names of files that every release has.
const (
	licenseFile = "LICENSE"
	noticesFile = "NOTICES.txt"
	dockerfile  = "Dockerfile"
	sumsFile    = "SHA256SUMS"
)

// A pages is what the program prints about itself.
type pages struct {
	manual     []archive.File // nodeint.1 and so on
	bash, zsh  []byte         // completions
	fish, pwsh []byte
}

// writeFiles adds to a directory with the binaries of the targets what a release has
// besides them: archives, packages of Debian and of npm, licences and the Dockerfile.
func writeFiles(dir, described string, targets []target) error {
	texts, err := writeTexts(dir)
	if err != nil {
		return err
	}
	about, err := readPages(dir, targets)
	if err != nil {
		return err
	}
	version := npm.Version(described)
	files := map[string][]byte{}
	if files[npm.Tarball(npm.Name)], err = npm.Main(version, texts); err != nil {
		return err
	}
	for _, t := range targets {
		program, err := os.ReadFile(filepath.Join(dir, t.binary()))
		if err != nil {
			return err
		}
		if files[npm.Tarball(t.Package())], err = t.Pack(version, program, texts); err != nil {
			return err
		}
		if files[t.archive()], err = t.pack(program, texts, about); err != nil {
			return err
		}
		if t.deb() != "" {
			if files[t.deb()], err = t.packDeb(version, program, texts, about); err != nil {
				return err
			}
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeTexts copies the files of the checkout that are in a release as they are.
func writeTexts(dir string) (npm.Texts, error) {
	var texts npm.Texts
	root, err := checkout()
	if err != nil {
		return texts, err
	}
	if texts.Notices, err = notices(); err != nil {
		return texts, err
	}
	if texts.License, err = os.ReadFile(filepath.Join(root, licenseFile)); err != nil {
		return texts, err
	}
	if texts.Readme, err = os.ReadFile(filepath.Join(root, "README.md")); err != nil {
		return texts, err
	}
	image, err := os.ReadFile(filepath.Join(root, "release", dockerfile))
	if err != nil {
		return texts, err
	}
	for name, data := range map[string][]byte{licenseFile: texts.License, noticesFile: texts.Notices, dockerfile: image} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return texts, err
		}
	}
	return texts, nil
}

// checkout returns the directory of the module.
func checkout() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nodeint/nodeint").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// readPages reads the manual pages and the completions from the program of this system,
// which must be among the targets.
func readPages(dir string, targets []target) (*pages, error) {
	i := slices.IndexFunc(targets, func(t target) bool { return t.GOOS == runtime.GOOS && t.GOARCH == runtime.GOARCH })
	if i < 0 {
		return nil, fmt.Errorf("a release needs a program of this system, %s/%s, which prints the manual pages", runtime.GOOS, runtime.GOARCH)
	}
	program, err := filepath.Abs(filepath.Join(dir, targets[i].binary()))
	if err != nil {
		return nil, err
	}
	out, err := exec.Command(program, "man").Output()
	if err != nil {
		return nil, fmt.Errorf("nodeint man: %w", err)
	}
	about := pages{manual: splitPages(out)}
	for shell, text := range map[string]*[]byte{"bash": &about.bash, "zsh": &about.zsh, "fish": &about.fish, "powershell": &about.pwsh} {
		if *text, err = exec.Command(program, "completion", shell).Output(); err != nil {
			return nil, fmt.Errorf("nodeint completion %s: %w", shell, err)
		}
	}
	return &about, nil
}

// splitPages splits the output of nodeint man. Each page begins with its title.
func splitPages(text []byte) []archive.File {
	var files []archive.File
	starts := titles.FindAllSubmatchIndex(text, -1)
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name := strings.ToLower(strings.ReplaceAll(string(text[m[2]:m[3]]), `\-`, "-"))
		files = append(files, archive.File{Path: name + ".1", Data: text[m[0]:end]})
	}
	return files
}

var titles = regexp.MustCompile(`(?m)^\.TH (\S+) `)

// pack returns the archive of a target: a directory with everything for one machine.
func (t target) pack(program []byte, texts npm.Texts, about *pages) ([]byte, error) {
	files := []archive.File{
		{Path: "nodeint" + t.exe(), Executable: true, Data: program},
		{Path: licenseFile, Data: texts.License},
		{Path: noticesFile, Data: texts.Notices},
		{Path: "README.md", Data: texts.Readme},
		{Path: "completions/nodeint.bash", Data: about.bash},
		{Path: "completions/_nodeint", Data: about.zsh},
		{Path: "completions/nodeint.fish", Data: about.fish},
		{Path: "completions/nodeint.ps1", Data: about.pwsh},
	}
	for _, page := range about.manual {
		files = append(files, archive.File{Path: "man/man1/" + page.Path, Data: page.Data})
	}
	if t.GOOS == "windows" {
		return archive.Zip(t.base()+"/", files)
	}
	return archive.TarGzip(t.base()+"/", files)
}

// packDeb returns the package of Debian of a target.
func (t target) packDeb(version string, program []byte, texts npm.Texts, about *pages) ([]byte, error) {
	copyright := slices.Concat([]byte("nodeint: https://github.com/nodeint/nodeint\n\n"), texts.License, []byte("\n"), texts.Notices)
	files := []archive.File{
		{Path: "usr/bin/nodeint", Executable: true, Data: program},
		{Path: "usr/share/doc/nodeint/copyright", Data: copyright},
		{Path: "usr/share/bash-completion/completions/nodeint", Data: about.bash},
		{Path: "usr/share/zsh/vendor-completions/_nodeint", Data: about.zsh},
		{Path: "usr/share/fish/vendor_completions.d/nodeint.fish", Data: about.fish},
	}
	for _, page := range about.manual {
		text, err := archive.Gzip(page.Data)
		if err != nil {
			return nil, err
		}
		files = append(files, archive.File{Path: "usr/share/man/man1/" + page.Path + ".gz", Data: text})
	}
	return archive.Deb(archive.Control{
		Package: "nodeint", Architecture: t.GOARCH,
		// Debian sorts "~" before everything, and splits the version at "-".
		Version:    strings.ReplaceAll(version, "-", "~"),
		Maintainer: "nodeint <nodeint@users.noreply.github.com>",
		Homepage:   "https://github.com/nodeint/nodeint",
		Section:    "devel",
		Synopsis:   "pins the files that a Node.js program may load",
		Description: []string{
			"nodeint pins the bytes that a Node.js program may load in an import map, and",
			"reports files that were changed, removed or added: before the program starts,",
			"and whenever it loads a module.",
		},
	}, files)
}

// writeSums writes the digests of all files of a directory in the format of sha256sum.
func writeSums(dir string) error {
	names, err := fileNames(dir)
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, name := range names {
		if name == sumsFile {
			continue
		}
		sum, err := sumOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, name)
	}
	return os.WriteFile(filepath.Join(dir, sumsFile), sums.Bytes(), 0o644)
}
