package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/release/archive"
	"github.com/nodeint/nodeint/release/npm"
)

// checkFiles compares the files of a release with each other. Each package and archive has
// the program of its target, byte for byte, the packages of npm are those that this
// checkout makes of it, and SHA256SUMS has the digest of every file. It returns an error
// for each difference.
func checkFiles(dir, described string, targets []target) error {
	errs := []error{checkNames(dir, targets), checkSums(dir)}
	texts, err := readTexts(dir)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	version := npm.Version(described)
	want, err := npm.Main(version, texts)
	errs = append(errs, err, sameFile(dir, npm.Tarball(npm.Name), want))
	for _, t := range targets {
		if err := t.check(dir, version, texts); err != nil {
			errs = append(errs, fmt.Errorf("%s/%s: %w", t.GOOS, t.GOARCH, err))
		}
	}
	return errors.Join(errs...)
}

// readTexts reads the texts that the packages have too. The readme is that of the
// checkout: a release has it only in packages.
func readTexts(dir string) (texts npm.Texts, err error) {
	root, err := checkout()
	if err != nil {
		return texts, err
	}
	for name, text := range map[string]*[]byte{
		filepath.Join(dir, licenseFile): &texts.License, filepath.Join(dir, noticesFile): &texts.Notices, filepath.Join(root, "README.md"): &texts.Readme,
	} {
		if *text, err = os.ReadFile(name); err != nil {
			return texts, err
		}
	}
	return texts, nil
}

// check compares the files of one target with its program.
func (t target) check(dir, version string, texts npm.Texts) error {
	file := filepath.Join(dir, t.binary())
	program, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	errs := []error{t.checkBuild(file), checkBill(dir, t.base()+".cdx.json", program)}
	want, err := t.Pack(version, program, texts)
	errs = append(errs, err, sameFile(dir, npm.Tarball(t.Package()), want))
	errs = append(errs, sameProgram(dir, t.archive(), "nodeint"+t.exe(), program, func(text []byte) ([]archive.File, error) {
		if t.GOOS == "windows" {
			return archive.ReadZip(text, t.base()+"/")
		}
		return archive.ReadTarGzip(text, t.base()+"/")
	}))
	if t.deb() != "" {
		errs = append(errs, sameProgram(dir, t.deb(), "usr/bin/nodeint", program, archive.ReadDeb))
	}
	return errors.Join(errs...)
}

// checkBuild compares the system for which the program was built with the target.
func (t target) checkBuild(file string) error {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading what %s is made of: %w", t.binary(), err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if got := settings["GOOS"] + "/" + settings["GOARCH"]; got != t.GOOS+"/"+t.GOARCH {
		return fmt.Errorf("%s was built for %s", t.binary(), got)
	}
	return nil
}

// checkBill compares the digest in a bill of materials with the program.
func checkBill(dir, name string, program []byte) error {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	var b bill
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	want := fmt.Sprintf("%x", sha256.Sum256(program))
	if !slices.Contains(b.Metadata.Component.Hashes, digest{"SHA-256", want}) {
		return fmt.Errorf("%s is the bill of another program", name)
	}
	return nil
}

// sameFile compares a file with the bytes that it must have.
func sameFile(dir, name string, want []byte) error {
	got, err := os.ReadFile(filepath.Join(dir, name))
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("%s is not the package that this checkout makes of the program", name)
	}
	return err
}

// sameProgram compares the program in an archive with the one beside it.
func sameProgram(dir, name, member string, program []byte, read func([]byte) ([]archive.File, error)) error {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	files, err := read(text)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	found := 0
	for _, f := range files {
		if f.Executable && (f.Path != member || !bytes.Equal(f.Data, program)) {
			return fmt.Errorf("%s has another program: %s", name, f.Path)
		}
		if f.Path == member {
			found++
		}
	}
	if found != 1 {
		return fmt.Errorf("%s has %d files %s", name, found, member)
	}
	return nil
}

// checkNames compares the names of the files with those that a release of the targets has.
func checkNames(dir string, targets []target) error {
	want := []string{licenseFile, noticesFile, dockerfile, sumsFile, npm.Tarball(npm.Name)}
	for _, t := range targets {
		want = append(want, t.binary(), t.base()+".cdx.json", t.archive(), npm.Tarball(t.Package()))
		if t.deb() != "" {
			want = append(want, t.deb())
		}
	}
	got, err := fileNames(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range got {
		if !slices.Contains(want, name) {
			errs = append(errs, fmt.Errorf("%s is not a file of a release", name))
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			errs = append(errs, fmt.Errorf("%s is missing", name))
		}
	}
	return errors.Join(errs...)
}

// checkSums compares SHA256SUMS with the files.
func checkSums(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if _, twice := sums[name]; !ok || twice {
			return fmt.Errorf("%s: invalid line %q", sumsFile, line)
		}
		sums[name] = sum
	}
	names, err := fileNames(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		if name == sumsFile {
			continue
		}
		sum, err := sumOf(filepath.Join(dir, name))
		if err == nil && sum != sums[name] {
			err = fmt.Errorf("%s: the digest of %s is %s, not %q", sumsFile, name, sum, sums[name])
		}
		errs = append(errs, err)
		delete(sums, name)
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		errs = append(errs, fmt.Errorf("%s names %s, which is missing", sumsFile, name))
	}
	return errors.Join(errs...)
}

// fileNames returns the names of the entries of a directory, sorted.
func fileNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func sumOf(file string) (string, error) {
	data, err := os.ReadFile(file)
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}
