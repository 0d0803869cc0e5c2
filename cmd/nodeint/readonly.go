package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// readOnly returns what the system protects from the program, with --read-only.
func (u *ui) readOnly(p *project.Project, r *integrity.Report, config launch.Config) (*launch.ReadOnly, error) {
	writable, err := writableDirs(p.Dir, r)
	if err != nil {
		return nil, err
	}
	if config.Report != "" {
		if real, err := filepath.EvalSymlinks(config.Report); err == nil {
			writable = append(writable, real)
		}
	}
	protected := &launch.ReadOnly{Root: r.Root, Writable: writable, Protect: append([]string{r.Map}, config.Trust...)}
	linked := 0
	for i := range r.Pinned {
		file := filepath.Join(r.Root, filepath.FromSlash(r.Pinned[i].Path))
		info, err := os.Lstat(file)
		if err != nil || !info.Mode().IsRegular() { // it may be in a package that is not installed here
			continue
		}
		const executable = 0o111
		if info.Mode()&executable != 0 {
			protected.Programs = append(protected.Programs, file)
		}
		if hardLinks(info) > 1 {
			linked++
		}
	}
	if linked > 0 {
		u.printNotes([]string{fmt.Sprintf("--read-only does not protect %s that also have another name (hard links): install with package-import-method=copy in .npmrc", count(linked, "pinned file"))})
	}
	return protected, nil
}

// writableDirs returns the real paths of the directories of nodeint.writable in the
// package.json of dir. That file must be pinned, because it weakens --read-only.
func writableDirs(dir string, r *integrity.Report) ([]string, error) {
	p, err := project.Find(dir)
	if err != nil || p.Dir != dir || len(p.Config.Writable) == 0 {
		return nil, err
	}
	manifest, text := p.Manifest()
	if pin := findPin(r, manifest); pin == nil || !matches(pin.Metadata, text) {
		return nil, problem.BadConfig(manifest, "pin it: add package.json to nodeint.include, and run nodeint generate",
			"the map %s does not pin %s, so its nodeint.writable cannot be trusted", r.Map, manifest)
	}
	var real []string
	for _, name := range p.Config.Writable {
		path, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, problem.BadConfig(manifest, "mkdir -p "+filepath.Join(dir, name), "the directory %s of nodeint.writable does not exist", name)
		}
		if err != nil {
			return nil, err
		}
		if !isInside(r.Root, path) {
			return nil, problem.BadConfig(manifest, "leave it out: what is outside the root can be written anyway",
				"the directory %s of nodeint.writable is outside the root %s", name, r.Root)
		}
		if file := pinnedBelow(r, path); file != "" {
			return nil, problem.BadConfig(manifest, "name a directory without pinned files, or leave its files out with nodeint.exclude",
				"the directory %s of nodeint.writable contains the pinned file %s", name, file)
		}
		real = append(real, path)
	}
	return real, nil
}

// pinnedBelow returns a pinned file in a directory, or "".
func pinnedBelow(r *integrity.Report, dir string) string {
	rel, err := filepath.Rel(r.Root, dir)
	if err != nil {
		return ""
	}
	prefix := filepath.ToSlash(rel) + "/"
	for i := range r.Pinned {
		if path := r.Pinned[i].Path; rel == "." || strings.HasPrefix(path, prefix) {
			return path
		}
	}
	return ""
}
