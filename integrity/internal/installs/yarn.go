package installs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/problem"
)

// isUnlocked reports whether a package is one of those for some platforms of which the
// lockfiles of Yarn 2 and later have no checksum. It can only be pinned if it is
// installed.
func (p *Plan) isUnlocked(pkg *lockfile.Package) bool {
	return p.lock.Manager == manager.YarnBerry && isBound(pkg) && len(pkg.Strongest()) == 0
}

// unlockedError returns the error for a package without checksum that is for one of
// the platforms of the configuration.
func unlockedError(dir, pkg string, platforms []lockfile.Platform) error {
	return problem.NotChecked(dir, "add this line to .yarnrc.yml, then run yarn install: "+architectures(lockfile.HostPlatform(), platforms),
		"pinning %s for the platforms in nodeint.platforms: it is not installed, and yarn.lock has no checksum of it", pkg)
}

// architectures returns the setting by which Yarn installs the packages of all platforms.
// current is what Yarn calls the one that it runs on.
func architectures(host lockfile.Platform, platforms []lockfile.Platform) string {
	list := func(what, here string, of func(lockfile.Platform) string) string {
		names := []string{"current"}
		for _, p := range platforms {
			if name := of(p); name != "" && name != here && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) == 1 {
			return ""
		}
		return fmt.Sprintf("%s: [%s]", what, strings.Join(names, ", "))
	}
	parts := slices.DeleteFunc([]string{
		list("os", host.OS, func(p lockfile.Platform) string { return p.OS }),
		list("cpu", host.CPU, func(p lockfile.Platform) string { return p.CPU }),
		list("libc", host.Libc, func(p lockfile.Platform) string { return p.Libc }),
	}, func(part string) bool { return part == "" })
	return "supportedArchitectures: {" + strings.Join(parts, ", ") + "}"
}
