package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/signkey"
)

type keygenOptions struct {
	typ, out   string
	passphrase passphraseOptions
}

// generatedKey is what keygen puts into the document.
type generatedKey struct {
	Type      signkey.Type `json:"type"`
	ID        string       `json:"id"`
	Private   string       `json:"private"` // absolute paths
	Public    string       `json:"public"`
	Encrypted bool         `json:"encrypted"`
}

func newKeygen(u *ui) *cobra.Command {
	var opt keygenOptions
	cmd := &cobra.Command{
		Use:   "keygen",
		Short: "make a key that signs maps",
		Long: `keygen writes a private key into FILE, which nobody else may read, and its public
half into FILE.pub. Both are PEM, as openssl writes it. It does not write over
files that are there.

The private key is encrypted with a passphrase, if there is one: from
--passphrase-fd, from NODEINT_PASSPHRASE, or typed in, where it may be left empty.`,
		Example: `  nodeint keygen --out release.key
  nodeint keygen --type ecdsa-p256 --out release.key --passphrase-fd 3 3<passphrase`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runKeygen(cmd.Context(), u, opt) },
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.typ, "type", string(signkey.Ed25519), "the `KIND` of key: ed25519 or ecdsa-p256")
	fs.StringVar(&opt.out, "out", "", "the private key's `FILE`; the public key's is FILE.pub")
	opt.passphrase.register(fs)
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(signkey.Types, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runKeygen(ctx context.Context, u *ui, opt keygenOptions) error {
	if opt.out == "" {
		return usage("write --out FILE", "keygen was not told where to write the key")
	}
	if err := oneOf("type", opt.typ, signkey.Types); err != nil {
		return err
	}
	private, err := u.absolute(opt.out)
	if err != nil {
		return err
	}
	public := private + ".pub"
	for _, path := range []string{private, public} { // before a passphrase is typed
		if _, err := os.Lstat(path); err == nil {
			return keyExists(path)
		}
	}
	words, err := opt.passphrase.forNewKey(ctx, u)
	if err != nil {
		return err
	}
	key, err := signkey.Generate(signkey.Type(opt.typ))
	if err != nil {
		return err
	}
	if err := writeKey(key, words, private, public); err != nil {
		return err
	}
	k := &generatedKey{key.Public().Type(), key.Public().ID(), private, public, len(words) > 0}
	u.doc.Command, u.doc.Key = "keygen", k
	u.infof("%s %s and %s: %s", paint(u.paintOut, green, "wrote"), u.displayPath(private), u.displayPath(public), key.Public())
	if !k.Encrypted {
		u.doc.Notes = []string{"the private key has no passphrase: whoever reads " + u.displayPath(private) + " can sign"}
		u.printNotes(u.doc.Notes)
	}
	return nil
}

// writeKey writes both halves, or none.
func writeKey(key *signkey.Private, passphrase []byte, private, public string) error {
	text, err := key.PEM(passphrase)
	if err != nil {
		return err
	}
	if err := createKey(private, text, 0o600); err != nil {
		return err
	}
	if err := createKey(public, key.Public().PEM(), 0o644); err != nil {
		os.Remove(private)
		return err
	}
	return nil
}

func createKey(path string, text []byte, mode fs.FileMode) error {
	err := signkey.Create(path, text, mode)
	if errors.Is(err, fs.ErrExist) {
		return keyExists(path)
	}
	if err != nil {
		return &integrity.Error{Class: integrity.Failed, Code: "io", Path: path, Hint: "name a file in a folder that can be written", Err: err}
	}
	return nil
}

func keyExists(path string) error {
	return usage("choose another name, or move it away", "%s is there already, and is not written over", path)
}
