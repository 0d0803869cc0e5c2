// Command release makes and checks the files of a release:
//
//	go run ./release sbom FILE VERSION             a software bill of materials of the binary, CycloneDX 1.6
//	go run ./release licenses                      the licence of each module that is linked on any system
//	go run ./release files DIR VERSION [TARGET…]   adds to the binaries in DIR archives, packages and SHA256SUMS
//	go run ./release check DIR VERSION [TARGET…]   compares the binaries, archives, packages and SHA256SUMS
//
// VERSION is the output of git describe. TARGET is a system such as linux/amd64; without
// one, all systems. .ci/release calls all of them.
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

const usage = `usage: go run ./release sbom FILE VERSION
       go run ./release licenses
       go run ./release files DIR VERSION [TARGET…]
       go run ./release check DIR VERSION [TARGET…]`

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
	case len(args) >= 3 && (args[0] == "files" || args[0] == "check"):
		targets, err := parseTargets(args[3:])
		if err != nil {
			return err
		}
		if args[0] == "check" {
			return checkFiles(args[1], args[2], targets)
		}
		if err := writeFiles(args[1], args[2], targets); err != nil {
			return err
		}
		return writeSums(args[1])
	}
	return fmt.Errorf("missing command\n%s", usage)
}

func printSBOM(file, version string) error {
	text, err := readSBOM(file, version)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// readSBOM returns the bill of materials of a binary.
func readSBOM(file, version string) ([]byte, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading what %s is made of: %w", file, err)
	}
	binary, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	licenses, err := readLicenses()
	if err != nil {
		return nil, err
	}
	return sbom(info, binary, version, licenses)
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
