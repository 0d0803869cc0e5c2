//go:build unix

package integrity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// FuzzWalk writes a tree, pins it and changes it. verify accepts the tree that generate
// has pinned, the same tree gives the same map, and verify rejects the tree if a pinned
// file has other bytes. The input has a line for each file before the change and, after
// an empty line, for each file after it, in the form of the table odd.
func FuzzWalk(f *testing.F) {
	for _, c := range odd {
		f.Add(strings.ReplaceAll(strings.Join(c.files, "\n"), "\n\n", "\n") + "\n\n" + c.later)
	}
	f.Add("app.js: require('p')\nnode_modules/p/package.json: {\"main\": \"lib\"}\nnode_modules/p/lib/index.js: 1\n\nnode_modules/p/lib/package.json: {\"main\": \"x\"}\nnode_modules/p/lib/x: 2")
	f.Add("app.js: import('./b.mjs')\nb.mjs: 1\n\nb.mjs -> app.js")
	f.Add("app.js: require('./b')\nb.js: 1\n\nb.js/x: 2")
	f.Fuzz(func(t *testing.T, script string) {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		before, after, _ := strings.Cut(script, "\n\n")
		follow(t, dir, "package.json: {\"name\": \"odd\"}\napp.js: 1\n"+before)
		text, ok := pinAndVerify(t, dir)
		if !ok {
			return // rejecting a tree that cannot be pinned is right
		}
		was := snapshot(t, dir)
		follow(t, dir, after)
		p, err := project.Locate(dir, integrity.MapName)
		if err != nil {
			return
		}
		r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p})
		accepted := err == nil && r.OK()
		if now := snapshot(t, dir); now == was && !accepted {
			t.Errorf("nothing changed, but: %v %+v", err, r)
		}
		if changed := firstChanged(t, dir, text); changed != "" && accepted {
			t.Errorf("%s is not what was pinned, but it is accepted", changed)
		}
	})
}

// pinAndVerify pins a tree twice and returns the map, or false if it is rejected.
func pinAndVerify(t *testing.T, dir string) (text []byte, ok bool) {
	t.Helper()
	p, err := project.Find(dir)
	if err != nil || p.Root != dir {
		return nil, false
	}
	opt := integrity.GenerateOptions{Project: p, Entries: []string{filepath.Join(p.Dir, "app.js")}}
	g, err := integrity.Generate(context.Background(), opt)
	if err != nil {
		return nil, false
	}
	if err := integrity.Write(g); err != nil {
		return nil, false // for example a directory with this name
	}
	if again, err := integrity.Generate(context.Background(), opt); err != nil || !bytes.Equal(again.Text, g.Text) {
		t.Errorf("a second run makes another map (%v)", err)
	}
	if r, err := integrity.Verify(context.Background(), integrity.VerifyOptions{Project: p}); err != nil || !r.OK() {
		t.Errorf("what was just pinned is not accepted: %v %+v", err, r)
	}
	return g.Text, true
}

// follow executes a script inside the directory, and ignores lines that fail.
func follow(t *testing.T, dir, script string) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for i, line := range strings.Split(script, "\n") {
		if i > 50 {
			return
		}
		name, text, isFile := strings.Cut(line, ": ")
		link, target, isLink := strings.Cut(line, " -> ")
		switch {
		case isLink:
			_ = root.MkdirAll(filepath.Dir(link), 0o777)
			_ = root.RemoveAll(link)
			_ = root.Symlink(target, link)
		case isFile:
			_ = root.MkdirAll(filepath.Dir(name), 0o777)
			if root.WriteFile(name, []byte(text), 0o666) != nil {
				_ = root.RemoveAll(name)
				_ = root.WriteFile(name, []byte(text), 0o666)
			}
		case strings.HasSuffix(line, "/"):
			_ = root.MkdirAll(line, 0o777)
		}
	}
}

// snapshot returns the content of a directory as text.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target, _ := os.Readlink(path)
		var text []byte
		if d.Type().IsRegular() {
			text, err = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%q %v %q %q\n", path, d.Type(), target, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// firstChanged returns a pinned file that does not have the pinned bytes at a path without
// links, or "".
func firstChanged(t *testing.T, dir string, text []byte) string {
	t.Helper()
	var m struct{ Integrity map[string]string }
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for key, want := range m.Integrity {
		path, err := importmap.PathOf(key)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, filepath.FromSlash(path))
		real, err := filepath.EvalSymlinks(file)
		if err != nil || real != file {
			return path
		}
		data, err := os.ReadFile(file)
		if err != nil || hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), data)) != want {
			return path
		}
	}
	return ""
}
