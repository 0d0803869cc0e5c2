package installs

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/problem"
)

func TestArchitectures(t *testing.T) {
	host := lockfile.Platform{OS: "linux", CPU: "x64", Libc: "glibc"}
	for names, want := range map[string]string{
		"linux-x64 darwin-arm64":                 "supportedArchitectures: {os: [current, darwin], cpu: [current, arm64]}",
		"linux-x64-musl":                         "supportedArchitectures: {libc: [current, musl]}",
		"win32-x64 darwin-x64 darwin-arm64":      "supportedArchitectures: {os: [current, win32, darwin], cpu: [current, arm64]}",
		"linux-arm64 linux-arm64-musl win32-x64": "supportedArchitectures: {os: [current, win32], cpu: [current, arm64], libc: [current, musl]}",
	} {
		platforms, err := lockfile.ParsePlatforms(strings.Fields(names))
		if err != nil {
			t.Fatal(err)
		}
		if got := architectures(host, platforms); got != want {
			t.Errorf("%s: %q, want %q", names, got, want)
		}
	}
}

const berryLock = `__metadata:
  version: 8
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    native: "npm:1.0.0"
  dependenciesMeta:
    native:
      optional: true
  languageName: unknown
  linkType: soft

"native@npm:1.0.0":
  version: 1.0.0
  resolution: "native@npm:1.0.0"
  conditions: os=sunos
  languageName: node
  linkType: hard
`

// Yarn 2 and later record no checksum of a package for some platforms only.
func TestUnlocked(t *testing.T) {
	lock, err := lockfile.Parse("yarn.lock", berryLock, lockfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(treeOf(t), lock)
	if err != nil {
		t.Fatal(err)
	}
	all := func(string) bool { return true }
	for _, platforms := range [][]lockfile.Platform{nil, {{OS: "sunos", CPU: "x64"}}} {
		o, err := p.Overlay(OverlayOptions{Platforms: platforms})
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Add(context.Background(), all)
		if platforms != nil {
			if e, ok := errors.AsType[*problem.Error](err); !ok || !strings.Contains(e.Hint, "supportedArchitectures: {os: [current, sunos]") {
				t.Errorf("error %v, want one with the setting of Yarn", err)
			}
			continue
		}
		if notes := o.Keep(&mapfile.Map{}, nil, nil); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "native@1.0.0") || !strings.Contains(notes[0], "supportedArchitectures in .yarnrc.yml") {
			t.Errorf("notes %q, error %v", notes, err)
		}
	}
}
