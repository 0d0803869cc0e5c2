package lockfile

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A Platform is a system that packages can be made for, in the words of Node and of
// package.json.
type Platform struct {
	OS   string // process.platform: "linux", "darwin", "win32"
	CPU  string // process.arch: "x64", "arm64"
	Libc string // the C library of Linux: "glibc" or "musl"; "" on every other system
}

// The words that a platform may have: those of Node and, for os and cpu, of the package
// managers.
var (
	systems    = []string{"aix", "android", "cygwin", "darwin", "freebsd", "haiku", "linux", "netbsd", "openbsd", "sunos", "win32"}
	processors = []string{"arm", "arm64", "ia32", "loong64", "mips", "mipsel", "ppc", "ppc64", "riscv64", "s390", "s390x", "x64"}
	libcs      = []string{"glibc", "musl"}
)

// ParsePlatform parses OS-CPU or OS-CPU-LIBC, as in linux-x64-musl. Linux without LIBC
// is Linux with glibc.
func ParsePlatform(s string) (Platform, error) {
	parts := strings.Split(s, "-")
	if len(parts) < 2 || len(parts) > 3 {
		return Platform{}, fmt.Errorf("platform %s is not of the form OS-CPU or OS-CPU-LIBC: for example linux-x64-musl", quote(s))
	}
	p := Platform{OS: parts[0], CPU: parts[1]}
	switch {
	case !slices.Contains(systems, p.OS):
		return Platform{}, unknownPart(s, "operating system", p.OS, systems)
	case !slices.Contains(processors, p.CPU):
		return Platform{}, unknownPart(s, "processor", p.CPU, processors)
	case len(parts) == 3 && p.OS != "linux":
		return Platform{}, fmt.Errorf("platform %s: only linux has a C library: use %s-%s", quote(s), p.OS, p.CPU)
	case len(parts) == 3 && !slices.Contains(libcs, parts[2]):
		return Platform{}, unknownPart(s, "C library", parts[2], libcs)
	case len(parts) == 3:
		p.Libc = parts[2]
	case p.OS == "linux":
		p.Libc = "glibc"
	}
	return p, nil
}

// ParsePlatforms parses several platforms.
func ParsePlatforms(names []string) ([]Platform, error) {
	var list []Platform
	for _, name := range names {
		p, err := ParsePlatform(name)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// nodeNames are Go's names, and other usual ones, of what Node names differently.
var nodeNames = strings.NewReplacer("windows", "win32", "macos", "darwin", "amd64", "x64", "x86_64", "x64", "aarch64", "arm64", "386", "ia32", "gnu", "glibc")

func unknownPart(s, what, part string, known []string) error {
	use := strings.Join(known, ", ")
	if name := nodeNames.Replace(part); slices.Contains(known, name) {
		use = name
	}
	return fmt.Errorf("platform %s: unknown %s %s: use %s", quote(s), what, quote(part), use)
}

// String returns the platform in the form that ParsePlatform reads.
func (p Platform) String() string {
	s := p.OS + "-" + p.CPU
	if p.Libc != "" {
		s += "-" + p.Libc
	}
	return s
}

// HostPlatform returns the platform of this program.
func HostPlatform() Platform { return host() }

var host = sync.OnceValue(readHost)

func readHost() Platform {
	p := Platform{OS: nodeOS(runtime.GOOS), CPU: nodeCPU(runtime.GOARCH)}
	if p.OS == "linux" {
		p.Libc = hostLibc("/")
	}
	return p
}

func nodeOS(goos string) string {
	switch goos {
	case "windows":
		return "win32"
	case "solaris", "illumos":
		return "sunos"
	}
	return goos
}

func nodeCPU(goarch string) string {
	switch goarch {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	case "ppc64le":
		return "ppc64"
	case "mipsle":
		return "mipsel"
	}
	return goarch
}

// hostLibc returns the C library of the Linux system below root: the one whose loader
// the system's own programs name. Both loaders may be installed: Alpine has packages
// with that of glibc, and Debian has one with that of musl. In an image without these
// programs, it is glibc unless only musl's loader exists.
func hostLibc(root string) string {
	for _, program := range []string{"bin/sh", "usr/bin/env", "bin/busybox"} {
		switch loader := interpreter(filepath.Join(root, program)); {
		case strings.Contains(loader, "/ld-musl-"):
			return "musl"
		case loader != "":
			return "glibc"
		}
	}
	musl, _ := filepath.Glob(filepath.Join(root, "lib/ld-musl-*.so.1"))
	glibc, _ := filepath.Glob(filepath.Join(root, "lib*/ld-linux*.so.*"))
	if len(musl) > 0 && len(glibc) == 0 {
		return "musl"
	}
	return "glibc"
}

// maxInterpreter is the most bytes of the path of a loader.
const maxInterpreter = 4096

// interpreter returns the loader that an ELF program names, or "" if there is none.
func interpreter(program string) string {
	if info, err := os.Stat(program); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := elf.Open(program)
	if err != nil {
		return ""
	}
	defer f.Close()
	for _, segment := range f.Progs {
		if segment.Type == elf.PT_INTERP && segment.Filesz <= maxInterpreter {
			path, err := io.ReadAll(segment.Open())
			if err != nil || uint64(len(path)) != segment.Filesz {
				return ""
			}
			return strings.TrimRight(string(path), "\x00")
		}
	}
	return ""
}

// Installs reports whether the package is made for a platform, by npm's rules
// (npm-install-checks). A package manager leaves out an optional package that is not.
// npm refuses to install a required one.
func (p *Package) Installs(on Platform) bool {
	return allows(p.OS, on.OS) && allows(p.CPU, on.CPU) && (len(p.Libc) == 0 || on.Libc != "" && allows(p.Libc, on.Libc))
}

// allows reports whether a list of package.json allows a value: none of the elements
// with "!" names it, and if there are others, one of them does.
func allows(list []string, value string) bool {
	if len(list) == 1 && list[0] == "any" {
		return true
	}
	refused, named := 0, false
	for _, element := range list {
		name, not := strings.CutPrefix(element, "!")
		switch {
		case not && name == value:
			return false
		case not:
			refused++
		case name == value:
			named = true
		}
	}
	return named || refused == len(list)
}
