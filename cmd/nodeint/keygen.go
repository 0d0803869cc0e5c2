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

// A generatedKey is the result of keygen in the JSON document.
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
		Short: "create a key pair for signing maps",
		Long: `keygen writes a new private key to FILE, readable only by you, and the public key
to FILE.pub. Both are PEM files that openssl can read. keygen does not overwrite
existing files.

If you give a passphrase, the private key is encrypted with it. The passphrase
comes from --passphrase-fd, else from NODEINT_PASSPHRASE, else from a prompt on the
terminal. Press Enter at the prompt for a key without a passphrase.`,
		Example: `  nodeint keygen --out release.key
  nodeint keygen --type ecdsa-p256 --out release.key --passphrase-fd 3 3<passphrase`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runKeygen(cmd.Context(), u, opt) },
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.typ, "type", string(signkey.Ed25519), "the key type: `KIND` is ed25519 or ecdsa-p256 (default ed25519)")
	fs.StringVar(&opt.out, "out", "", "write the private key to `FILE` and the public key to FILE.pub")
	opt.passphrase.register(fs)
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(signkey.Types, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runKeygen(ctx context.Context, u *ui, opt keygenOptions) error {
	if opt.out == "" {
		return usage("run "+u.commandLine("keygen --out release.key"), "keygen requires --out FILE")
	}
	if err := oneOf("type", opt.typ, signkey.Types); err != nil {
		return err
	}
	private, err := u.absolute(opt.out)
	if err != nil {
		return err
	}
	public := private + ".pub"
	for _, path := range []string{private, public} { // before asking for a passphrase
		if _, err := os.Lstat(path); err == nil {
			return keyExists(path)
		}
	}
	passphrase, err := opt.passphrase.forNewKey(ctx, u)
	if err != nil {
		return err
	}
	key, err := signkey.Generate(signkey.Type(opt.typ))
	if err != nil {
		return err
	}
	if err := writeKey(key, passphrase, private, public); err != nil {
		return err
	}
	k := &generatedKey{key.Public().Type(), key.Public().ID(), private, public, len(passphrase) > 0}
	u.doc.Command, u.doc.Key = "keygen", k
	u.infof("%s %s and %s: %s", paint(u.paintOut, green, "wrote"), u.displayPath(private), u.displayPath(public), key.Public())
	if !k.Encrypted {
		u.doc.Notes = []string{"the private key has no passphrase: anyone who can read " + u.displayPath(private) + " can sign maps"}
		u.printNotes(u.doc.Notes)
	}
	return nil
}

// writeKey writes the private key and the public key, or neither.
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
		return &integrity.Error{Class: integrity.Failed, Code: "io", Path: path, Hint: "choose a file in a writable directory with --out", Err: err}
	}
	return nil
}

func keyExists(path string) error {
	return usage("choose another file name with --out", "cannot write the key: %s already exists", path)
}
