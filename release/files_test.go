package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/release/npm"
)

// writeRelease writes a release for this system into a new directory, with a small program.
func writeRelease(t *testing.T) (dir string, targets []target) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no release build")
	}
	targets, err := parseTargets([]string{runtime.GOOS + "/" + runtime.GOARCH})
	if err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	dir = t.TempDir()
	file := filepath.Join(dir, targets[0].binary())
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-w", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := readSBOM(file, "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, targets[0].base()+".cdx.json"), text, 0o644), writeFiles(dir, "v1.2.3", targets), writeSums(dir))
	if err != nil {
		t.Fatal(err)
	}
	return dir, targets
}

// The check accepts what the release made, and reports each change of it.
func TestCheckFiles(t *testing.T) {
	dir, targets := writeRelease(t)
	if err := checkFiles(dir, "v1.2.3", targets); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sh", "-c", "cd \"$1\" && sha256sum --check --strict SHA256SUMS", "sh", dir).CombinedOutput(); err != nil && runtime.GOOS == "linux" {
		t.Errorf("%v\n%s", err, out)
	}
	before := map[string][]byte{}
	names, err := fileNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if before[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writeFiles(dir, "v1.2.3", targets), writeSums(dir)); err != nil {
		t.Fatal(err)
	}
	for name, data := range before {
		if again, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(again, data) {
			t.Errorf("a second time, %s has other bytes (%v)", name, err)
		}
	}
	own := targets[0]
	if err := checkFiles(dir, "v1.2.4", targets); err == nil || !strings.Contains(err.Error(), "npm-nodeint.tgz is not the package") {
		t.Errorf("as another version: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		changed(t, dir, name, before[name], targets)
	}
	if err := os.WriteFile(filepath.Join(dir, "more"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := checkFiles(dir, "v1.2.3", targets); err == nil || !strings.Contains(err.Error(), "more is not a file of a release") {
		t.Errorf("with another file: %v", err)
	}
	if err := checkFiles(dir, "v1.2.3", []target{own, {npm.Platform{GOOS: "plan9", GOARCH: "arm", OS: "plan9", CPU: "arm"}}}); err == nil || !strings.Contains(err.Error(), "nodeint-plan9-arm is missing") {
		t.Errorf("for another target: %v", err)
	}
}

// changed checks that a change of a file is found, both by SHA256SUMS and, where the file
// is made of others, although SHA256SUMS is right.
func changed(t *testing.T, dir, name string, data []byte, targets []target) {
	t.Helper()
	file := filepath.Join(dir, name)
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	other := slices.Clone(data)
	other[len(other)/2] ^= 1
	write(other)
	if err := checkFiles(dir, "v1.2.3", targets); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("with a changed %s: %v", name, err)
	}
	if name == sumsFile {
		write(data)
		return
	}
	if err := writeSums(dir); err != nil {
		t.Fatal(err)
	}
	// The text of the Dockerfile and most of that of the bill are in no other file.
	if err := checkFiles(dir, "v1.2.3", targets); err == nil && name != dockerfile && !strings.HasSuffix(name, ".cdx.json") {
		t.Errorf("with a changed %s, and its digest in SHA256SUMS: no error", name)
	}
	write(data)
	if err := writeSums(dir); err != nil {
		t.Fatal(err)
	}
}

// An archive has the program of its target, its manual pages and completions, and a
// package of Debian has them where Debian looks for them.
func TestArchives(t *testing.T) {
	dir, targets := writeRelease(t)
	list := func(argv ...string) string {
		t.Helper()
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", argv, err, out)
		}
		return string(out)
	}
	base := targets[0].base()
	files := list("tar", "-tzf", targets[0].archive())
	for _, want := range []string{"nodeint", "LICENSE", "NOTICES.txt", "README.md", "completions/_nodeint", "completions/nodeint.bash", "man/man1/nodeint.1", "man/man1/nodeint-hook-install.1", "completions/nodeint.fish", "completions/nodeint.ps1"} {
		if !strings.Contains("\n"+files, "\n"+base+"/"+want+"\n") {
			t.Errorf("the archive has no %s:\n%s", want, files)
		}
	}
	if targets[0].deb() == "" {
		return
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	info := list("dpkg-deb", "--info", targets[0].deb())
	for _, want := range []string{"Package: nodeint\n", "Version: 1.2.3\n", "Architecture: " + runtime.GOARCH + "\n"} {
		if !strings.Contains(info, want) {
			t.Errorf("the package of Debian has no %q:\n%s", want, info)
		}
	}
	list("dpkg-deb", "--extract", targets[0].deb(), "root")
	for _, want := range []string{"usr/bin/nodeint", "usr/share/man/man1/nodeint-hook-install.1.gz", "usr/share/bash-completion/completions/nodeint", "usr/share/doc/nodeint/copyright"} {
		if _, err := os.Stat(filepath.Join(dir, "root", want)); err != nil {
			t.Error(err)
		}
	}
	page, err := exec.Command("gzip", "-dc", filepath.Join(dir, "root", "usr/share/man/man1/nodeint-hook-install.1.gz")).Output()
	if want := ".TH NODEINT\\-HOOK\\-INSTALL 1 \"\"\nsecond\n"; string(page) != want || err != nil {
		t.Errorf("the page is %q, want %q (%v)", page, want, err)
	}
	if out := list(filepath.Join(dir, "root/usr/bin/nodeint"), "--version"); !strings.HasPrefix(out, "nodeint version ") {
		t.Errorf("the installed program prints %q", out)
	}
}

// npm's names of versions are those of tags, and below every tag for other commits.
func TestNPMVersion(t *testing.T) {
	for described, want := range map[string]string{
		"v1.2.3": "1.2.3", "v1.2.3-rc.1": "1.2.3-rc.1", "v1.2.3-4-gabcdef0": "1.2.3-4-gabcdef0", "1234567": "0.0.0-g1234567",
		"0123456-dirty": "0.0.0-g0123456-dirty", "v1.2": "0.0.0-gv1.2", "v01.2.3": "0.0.0-gv01.2.3",
	} {
		if got := npm.Version(described); got != want {
			t.Errorf("%s: %s, want %s", described, got, want)
		}
	}
	if _, err := npm.Main("1.2", npm.Texts{}); err == nil {
		t.Error("a package has the version 1.2")
	}
}

// The image has the programs for Linux of a release, and every other file that its
// Dockerfile copies is one of a release too.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile(dockerfile)
	if err != nil {
		t.Fatal(err)
	}
	targets, err := parseTargets(nil)
	if err != nil {
		t.Fatal(err)
	}
	known := []string{licenseFile, noticesFile}
	linux := 0
	for _, t := range targets {
		if t.GOOS == "linux" {
			linux++
			known = append(known, t.binary())
		}
	}
	copied := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "COPY" {
			continue
		}
		sources := slices.DeleteFunc(words[1:len(words)-1], func(w string) bool { return strings.HasPrefix(w, "--") })
		for _, source := range sources {
			for _, arch := range []string{"amd64", "arm64"} {
				name := strings.ReplaceAll(source, "${TARGETARCH}", arch)
				if !slices.Contains(known, name) {
					t.Errorf("%s copies %s, which is not a file of a release", dockerfile, name)
				}
			}
			copied++
		}
	}
	if copied != 3 || linux != 2 {
		t.Errorf("%d files are copied, and there are %d programs for Linux", copied, linux)
	}
}
