package lockfile

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestParsePlatform(t *testing.T) {
	for s, want := range map[string]Platform{
		"linux-x64":        {"linux", "x64", "glibc"},
		"linux-arm64-musl": {"linux", "arm64", "musl"},
		"linux-x64-glibc":  {"linux", "x64", "glibc"},
		"darwin-arm64":     {"darwin", "arm64", ""},
		"win32-ia32":       {"win32", "ia32", ""},
	} {
		got, err := ParsePlatform(s)
		if got != want || err != nil {
			t.Errorf("%s: got %+v, %v", s, got, err)
		}
		if again, err := ParsePlatform(got.String()); again != got || err != nil {
			t.Errorf("%s: %s is read as %+v, %v", s, got, again, err)
		}
	}
}

func TestParsePlatformErrors(t *testing.T) {
	for s, want := range map[string]string{
		"":                  `platform "" is not of the form OS-CPU or OS-CPU-LIBC: for example linux-x64-musl`,
		"linux":             `platform "linux" is not of the form OS-CPU or OS-CPU-LIBC: for example linux-x64-musl`,
		"linux-x64-musl-1":  `platform "linux-x64-musl-1" is not of the form OS-CPU or OS-CPU-LIBC: for example linux-x64-musl`,
		"windows-x64":       `platform "windows-x64": unknown operating system "windows": use win32`,
		"linux-amd64":       `platform "linux-amd64": unknown processor "amd64": use x64`,
		"linux-x64-gnu":     `platform "linux-x64-gnu": unknown C library "gnu": use glibc`,
		"linux-x64-":        `platform "linux-x64-": unknown C library "": use glibc, musl`,
		"darwin-arm64-musl": `platform "darwin-arm64-musl": only linux has a C library: use darwin-arm64`,
		"plan9-x64":         `platform "plan9-x64": unknown operating system "plan9": use aix, android, cygwin, darwin, freebsd, haiku, linux, netbsd, openbsd, sunos, win32`,
	} {
		if got, err := ParsePlatform(s); err == nil || err.Error() != want || got != (Platform{}) {
			t.Errorf("%s: got %+v, %v", s, got, err)
		}
	}
}

func TestInstalls(t *testing.T) {
	glibc, musl := Platform{"linux", "x64", "glibc"}, Platform{"linux", "x64", "musl"}
	mac, windows := Platform{"darwin", "arm64", ""}, Platform{"win32", "x64", ""}
	for _, tt := range []struct {
		pkg  Package
		want []Platform
	}{
		{Package{}, []Platform{glibc, musl, mac, windows}},
		{Package{OS: []string{"any"}, CPU: []string{"any"}}, []Platform{glibc, musl, mac, windows}},
		{Package{OS: []string{"linux"}}, []Platform{glibc, musl}},
		{Package{OS: []string{"linux", "darwin"}}, []Platform{glibc, musl, mac}},
		{Package{OS: []string{"!win32"}}, []Platform{glibc, musl, mac}},
		{Package{OS: []string{"!win32", "!darwin"}}, []Platform{glibc, musl}},
		{Package{OS: []string{"!win32", "darwin"}}, []Platform{mac}},
		{Package{OS: []string{"none"}}, nil},
		{Package{OS: []string{"any", "darwin"}}, []Platform{mac}},
		{Package{CPU: []string{"x64"}}, []Platform{glibc, musl, windows}},
		{Package{CPU: []string{"!arm64"}, OS: []string{"!linux"}}, []Platform{windows}},
		{Package{OS: []string{"linux"}, Libc: []string{"musl"}}, []Platform{musl}},
		{Package{Libc: []string{"glibc"}}, []Platform{glibc}},
		{Package{Libc: []string{"!musl"}}, []Platform{glibc}},
		{Package{Libc: []string{"any"}}, []Platform{glibc, musl}},
	} {
		for _, on := range []Platform{glibc, musl, mac, windows} {
			want := false
			for _, p := range tt.want {
				want = want || p == on
			}
			if got := tt.pkg.Installs(on); got != want {
				t.Errorf("os %q cpu %q libc %q on %s: got %v", tt.pkg.OS, tt.pkg.CPU, tt.pkg.Libc, on, got)
			}
		}
	}
}

// TestHostPlatform checks that the platform of this machine is one that can be written.
func TestHostPlatform(t *testing.T) {
	host := HostPlatform()
	if got, err := ParsePlatform(host.String()); got != host || err != nil {
		t.Errorf("%s is read as %+v, %v", host, got, err)
	}
	if runtime.GOOS == "linux" && host.Libc == "" {
		t.Errorf("%s has no C library", host)
	}
}

// program returns an ELF program with a loader.
func program(loader string) []byte {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01" + string(make([]byte, 9)))
	loader += "\x00"
	for _, v := range []any{
		uint16(2), uint16(62), uint32(1), uint64(0), uint64(64), uint64(0), uint32(0), // to the flags
		uint16(64), uint16(56), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(3), uint32(4), uint64(120), uint64(0), uint64(0), uint64(len(loader)), uint64(len(loader)), uint64(1),
	} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString(loader)
	return b.Bytes()
}

func TestHostLibc(t *testing.T) {
	musl, glibc := program("/lib/ld-musl-x86_64.so.1"), program("/lib64/ld-linux-x86-64.so.2")
	for name, tt := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"empty":                 {nil, "glibc"},
		"glibc":                 {map[string][]byte{"bin/sh": glibc, "lib64/ld-linux-x86-64.so.2": nil}, "glibc"},
		"Alpine":                {map[string][]byte{"bin/sh": musl, "lib/ld-musl-x86_64.so.1": nil}, "musl"},
		"Alpine with gcompat":   {map[string][]byte{"bin/sh": musl, "lib/ld-musl-x86_64.so.1": nil, "lib64/ld-linux-x86-64.so.2": nil}, "musl"},
		"Debian with musl":      {map[string][]byte{"bin/sh": glibc, "lib/ld-musl-x86_64.so.1": nil}, "glibc"},
		"a script as sh":        {map[string][]byte{"bin/sh": []byte("#!/bin/false"), "usr/bin/env": musl}, "musl"},
		"no programs, musl":     {map[string][]byte{"lib/ld-musl-aarch64.so.1": nil}, "musl"},
		"no programs, glibc":    {map[string][]byte{"lib/ld-linux-aarch64.so.1": nil}, "glibc"},
		"no programs, both":     {map[string][]byte{"lib/ld-musl-x86_64.so.1": nil, "lib64/ld-linux-x86-64.so.2": nil}, "glibc"},
		"a program cut in half": {map[string][]byte{"bin/sh": musl[:130], "lib/ld-musl-x86_64.so.1": nil}, "musl"},
	} {
		root := t.TempDir()
		for file, text := range tt.files {
			path := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if got := hostLibc(root); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}
