// Command release lists the components of a nodeint binary:
//
//	go run ./release sbom FILE VERSION  a software bill of materials of the binary, CycloneDX 1.6
//	go run ./release licenses           the licence of each module that is linked on any system
//
// The bill of materials is read from the build information that Go writes into a
// binary: the linked modules, their versions and sums, and the version of Go, for the
// standard library. With -trimpath, Go does not record nodeint's own version, so it is
// an argument. The bill contains no time and nothing about the machine: the same binary
// gives the same text.
//
// The licences are read from the modules' own files. A licence is an error if it is not
// known, or if it requires more than a notice from those who distribute the binary.
package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
)

const usage = "usage: go run ./release sbom FILE VERSION\n       go run ./release licenses"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "sbom":
		return printSBOM(args[1], args[2])
	case len(args) == 1 && args[0] == "licenses":
		return printLicenses()
	}
	return fmt.Errorf("missing command\n%s", usage)
}

func printSBOM(file, version string) error {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading what %s is made of: %w", file, err)
	}
	binary, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	licenses, err := readLicenses()
	if err != nil {
		return err
	}
	text, err := sbom(info, binary, version, licenses)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

func printLicenses() error {
	licenses, err := readLicenses()
	if err != nil {
		return err
	}
	for _, l := range licenses {
		fmt.Printf("%-40s %-10s %s\n", l.module, l.version, l.id)
	}
	return nil
}
