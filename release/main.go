// Command release says what a nodeint binary is made of:
//
//	go run ./release sbom FILE VERSION  a software bill of materials of the binary, CycloneDX 1.6
//	go run ./release licenses           the licence of each module that it is made of, on some system
//
// The bill of materials is made of what Go itself wrote into the binary: the modules
// and the versions that were linked, with their sums, and Go's own version, whose
// standard library is in it too. Its own version is not among that where paths are
// trimmed, and is told. The bill has no time and nothing of the machine: the same
// binary gives the same text.
//
// The licences are read from the modules' own files. One that is not known, or that
// binds whoever passes the binary on to more than a notice, is an error.
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
	return fmt.Errorf("what is to be made?\n%s", usage)
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
