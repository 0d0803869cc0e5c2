package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is set by release builds: go build -ldflags "-X main.version=v1.2.3".
var version string

// versions are the versions that affect a map's bytes, and those of the compiler and
// the platform.
type versions struct {
	Nodeint  string `json:"nodeint"`
	Go       string `json:"go"`
	Esbuild  string `json:"esbuild"`
	Platform string `json:"platform"`
}

func newVersion(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of nodeint, esbuild and Go",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersions()
			u.doc.Command, u.doc.Version = "version", &v
			u.printf("nodeint %s", v.Nodeint)
			u.printf("esbuild %s", v.Esbuild)
			u.printf("%s %s", v.Go, v.Platform)
			return nil
		},
	}
}

func readVersions() versions {
	v := versions{version, runtime.Version(), "unknown", runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if v.Nodeint == "" {
		v.Nodeint = strings.Trim(info.Main.Version, "()") // "(devel)" under go run
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/evanw/esbuild" {
			v.Esbuild = dep.Version
		}
	}
	return v
}
