package integrity_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/why"
)

// why follows imports by the tables of Plug'n'Play, into the zips.
func TestWhyPnP(t *testing.T) {
	s := layPnP(t, pnpProgram(t))
	p, err := project.Find(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	p.Config.Entries = []string{"app.js"}
	for target, want := range map[string]string{
		"dep":               "import app.js:1:9",
		"@s/peer":           "import app.js:1:9 " + inDep + "lib/main.js:1:29",
		inDep + "unused":    "absent",
		inPeer + "sub.js":   "import app.js:1:9 " + inDep + "lib/main.js:1:29",
		"rest":              "declared app.js:1:9 " + inDep + "package.json:0:0",
		".pnp.cjs":          "plug-n-play",
		inRest + "index.js": "package app.js:1:9 " + inDep + "package.json:0:0",
	} {
		answer, err := why.Find(t.Context(), why.Options{
			Generate: integrity.GenerateOptions{Project: p, Map: filepath.Join(s.dir, "importmap.json")},
			Target:   target, Path: filepath.Join(s.dir, filepath.FromSlash(target)),
		})
		if err != nil || len(answer.Items) != 1 {
			t.Errorf("%s: %+v (%v)", target, answer, err)
			continue
		}
		item := answer.Items[0]
		got := item.Code
		for _, way := range item.Ways[:min(1, len(item.Ways))] {
			for _, step := range way {
				got += " " + step.Path + ":" + strconv.Itoa(step.Line) + ":" + strconv.Itoa(step.Column)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", target, strings.TrimSpace(got), want)
		}
	}
}
