package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// digestVariable is a pin in the environment.
const digestVariable = "NODEINT_MAP_INTEGRITY"

// trustOptions are the flags of the verbs that believe a map, which say which one.
type trustOptions struct {
	digests, digestFiles []string
	keys           []string
	threshold      int
	minSerial      uint64
	given          func(flag string) bool
}

func (o *trustOptions) register(fs *pflag.FlagSet) {
	fs.StringArrayVar(&o.digests, "map-integrity", nil, "take the map only if its bytes have the digest `SRI`, which generate prints")
	fs.StringArrayVar(&o.digestFiles, "map-integrity-file", nil, "the same, with the digest in `FILE`")
	fs.StringArrayVar(&o.keys, "key", nil, "take the map only if it is signed with the private half of the public key in `FILE`; may be repeated")
	fs.IntVar(&o.threshold, "threshold", 1, "with --key: `N` different ones of the keys have to have signed")
	fs.Uint64Var(&o.minSerial, "min-serial", 0, "with --key: refuse a map whose serial is below `N`")
	o.given = fs.Changed
}

// authority reads what the flags and the environment name. What is given and names
// nothing is an error: it was meant to refuse something.
func (o *trustOptions) policy(u *ui) (integrity.Authority, error) {
	a := integrity.Authority{Threshold: o.threshold, MinSerial: o.minSerial}
	for _, read := range []func(*ui, *integrity.Authority) error{o.readDigests, o.readKeys} {
		if err := read(u, &a); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (o *trustOptions) readDigests(u *ui, a *integrity.Authority) error {
	add := func(source, text string) error {
		md, err := hasher.ParseMetadata(text)
		if err != nil {
			return usage("give the value that nodeint generate prints, or leave it out", "%s: %w", source, err)
		}
		a.Pins = append(a.Pins, integrity.Pin{Source: source, Metadata: md})
		return nil
	}
	for _, text := range o.digests {
		if err := add("--map-integrity", text); err != nil {
			return err
		}
	}
	for _, file := range o.digestFiles {
		text, err := u.readDigestFile(file)
		if err != nil {
			return err
		}
		if err := add(file, text); err != nil {
			return err
		}
	}
	if text, ok := os.LookupEnv(digestVariable); ok {
		return add(digestVariable, text)
	}
	return nil
}

// readDigestFile gives the text of a file with a pin. It reads one byte more than any pin
// has, for ParseMetadata to refuse.
func (u *ui) readDigestFile(file string) (string, error) {
	if file == "" {
		return "", usage("write --map-integrity-file FILE", "--map-integrity-file names no file")
	}
	path, err := u.absolute(file)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", &integrity.Error{Class: integrity.Failed, Code: "io", Path: path, Hint: "name a file that can be read, with what nodeint generate prints", Err: err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 8<<10+1))
	return string(text), err
}

func (o *trustOptions) readKeys(u *ui, a *integrity.Authority) error {
	for _, file := range o.keys {
		path, err := u.keyPath(file)
		if err != nil {
			return err
		}
		key, err := signkey.ReadPublic(path)
		if err != nil {
			return err
		}
		a.Keys = append(a.Keys, key)
	}
	if len(o.keys) == 0 {
		for _, flag := range []string{"threshold", "min-serial"} {
			if o.given(flag) {
				return usage("write --key FILE --"+flag+" N", "--%s is for --key", flag)
			}
		}
		return nil
	}
	switch n := len(signkey.Distinct(a.Keys)); {
	case o.threshold < 1:
		return usage("write --threshold 1 or more", "--threshold %d would take a map that nobody has signed", o.threshold)
	case o.threshold > n:
		return usage("give more keys, or a smaller threshold", "--threshold %d cannot be reached with %s", o.threshold, count(n, "different key"))
	}
	return nil
}

// keyPath gives the absolute path of a file that --key names.
func (u *ui) keyPath(file string) (string, error) {
	if file == "" {
		return "", usage("write --key FILE", "--key names no file")
	}
	return u.absolute(file)
}

// vouched says what vouched for the map.
func (u *ui) printTrust(t *integrity.Trust) {
	if t == nil {
		return
	}
	var by []string
	if t.Pinned {
		by = append(by, "pinned")
	}
	if t.Serial > 0 {
		by = append(by, fmt.Sprintf("signed by %s as serial %d", count(len(t.Keys), "key"), t.Serial))
	}
	u.infof("the map is %s", strings.Join(by, ", and "))
	if u.verbose {
		for _, id := range t.Keys {
			u.infof("key %s", id)
		}
	}
}
