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

// digestVariable is the environment variable that may contain an expected digest.
const digestVariable = "NODEINT_MAP_INTEGRITY"

// trustOptions are the flags of the trust policy: they decide whether a verb trusts
// the map.
type trustOptions struct {
	digests, digestFiles []string
	keys                 []string
	threshold            int
	minSerial            uint64
	given                func(flag string) bool
}

func (o *trustOptions) register(fs *pflag.FlagSet) {
	fs.StringArrayVar(&o.digests, "map-integrity", nil, "trust the map only if its bytes match the digest `SRI`, which generate prints; can be repeated")
	fs.StringArrayVar(&o.digestFiles, "map-integrity-file", nil, "like --map-integrity, with the digest read from `FILE`")
	fs.StringArrayVar(&o.keys, "key", nil, "trust the map only if it has a valid signature by the public key in `FILE`; can be repeated")
	fs.IntVar(&o.threshold, "threshold", 1, "with --key: require valid signatures by `N` different keys (default 1)")
	fs.Uint64Var(&o.minSerial, "min-serial", 0, "with --key: trust the map only if its serial is `N` or higher")
	o.given = fs.Changed
}

// policy returns the trust policy that the flags and the environment set. An empty
// value is an error, because it was set to restrict something.
func (o *trustOptions) policy(u *ui) (integrity.TrustPolicy, error) {
	a := integrity.TrustPolicy{Threshold: o.threshold, MinSerial: o.minSerial}
	for _, read := range []func(*ui, *integrity.TrustPolicy) error{o.readDigests, o.readKeys} {
		if err := read(u, &a); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (o *trustOptions) readDigests(u *ui, a *integrity.TrustPolicy) error {
	add := func(source, text string) error {
		md, err := hasher.ParseMetadata(text)
		if err != nil {
			return usage("use the value that nodeint generate prints as map-integrity", "%s: %w", source, err)
		}
		a.Digests = append(a.Digests, integrity.ExpectedDigest{Source: source, Metadata: md})
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

// readDigestFile returns the text of a file with an expected digest. It reads one byte
// more than any metadata has, so that ParseMetadata rejects a longer file.
func (u *ui) readDigestFile(file string) (string, error) {
	if file == "" {
		return "", usage("use --map-integrity-file FILE", "--map-integrity-file: the file name is empty")
	}
	path, err := u.input(file)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", &integrity.Error{Class: integrity.Failed, Code: "io", Path: path, Hint: "check the path and the permissions of this file", Err: err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 8<<10+1))
	return string(text), err
}

func (o *trustOptions) readKeys(u *ui, a *integrity.TrustPolicy) error {
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
				return usage("use --key FILE --"+flag+" N", "--%s requires --key", flag)
			}
		}
		return nil
	}
	switch n := len(signkey.Distinct(a.Keys)); {
	case o.threshold < 1:
		return usage("use --threshold 1 or more", "--threshold %d would accept a map without signatures", o.threshold)
	case o.threshold > n:
		return usage("add a --key, or lower --threshold", "--threshold %d requires %[1]d different keys; %[2]d given", o.threshold, n)
	}
	return nil
}

// keyPath returns the absolute path of a file given with --key.
func (u *ui) keyPath(file string) (string, error) {
	if file == "" {
		return "", usage("use --key FILE", "--key: the file name is missing")
	}
	return u.input(file)
}

// printTrust prints the checks of the trust policy that the map has passed.
func (u *ui) printTrust(t *integrity.TrustResult) {
	if t == nil {
		return
	}
	var by []string
	if t.Pinned {
		by = append(by, "matches the expected digest")
	}
	if t.Serial > 0 {
		by = append(by, fmt.Sprintf("has %s (serial %d)", count(len(t.Keys), "valid signature"), t.Serial))
	}
	u.infof("the map %s", strings.Join(by, " and "))
	if u.verbose {
		for _, id := range t.Keys {
			u.infof("key %s", id)
		}
	}
}
