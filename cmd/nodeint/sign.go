package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/signkey"
)

type signOptions struct {
	key        string
	serial     uint64
	serialSet  bool
	passphrase passphraseOptions
}

func newSign(u *ui) *cobra.Command {
	var opt signOptions
	cmd := &cobra.Command{
		Use:   "sign",
		Short: "sign the map, for verify --key and run --key",
		Long: `sign signs the map with a private key, and writes the envelope with the signature
beside the map: importmap.json.dsse.json. What is signed is the map's digest, what
it covers, and a serial, which is one more than that of the envelope that is
there. If that is for the very same map, the signature is added to it.

It signs the map that is there, and does not look at the files: verify them first.`,
		Example: `  nodeint verify && nodeint sign --key release.key
  nodeint sign --key release.key --serial 42 --passphrase-fd 3 3<passphrase`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.serialSet = cmd.Flags().Changed("serial")
			return runSign(cmd.Context(), u, opt)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.key, "key", "", "the private key's `FILE`")
	fs.Uint64Var(&opt.serial, "serial", 0, "sign as map number `N`, which is not to be below the last one (default: one more than the last one)")
	opt.passphrase.register(fs)
	return cmd
}

func runSign(ctx context.Context, u *ui, opt signOptions) error {
	if opt.serialSet && opt.serial == 0 {
		return usage("leave --serial out, or count from 1", "--serial 0 is no serial")
	}
	p, err := project.Locate(u.cwd, integrity.MapName)
	if err != nil {
		return err
	}
	u.doc.Command, u.doc.Root = "sign", p.Root
	path, err := u.mapOf(p.Dir)
	if err != nil {
		return err
	}
	u.doc.Map = path
	key, err := u.privateKey(ctx, opt)
	if err != nil {
		return err
	}
	s, err := integrity.Sign(integrity.SignOptions{Root: p.Root, Map: path, Key: key, Serial: opt.serial, Version: readVersions().Nodeint})
	if err != nil {
		return err
	}
	u.doc.Signed = s
	u.printSigned(s, path)
	return nil
}

func (u *ui) privateKey(ctx context.Context, opt signOptions) (*signkey.Private, error) {
	file, err := u.keyPath(opt.key)
	if err != nil {
		return nil, err
	}
	return signkey.ReadPrivate(file, func() ([]byte, error) { return opt.passphrase.forKey(ctx, u, file) })
}

// signed reports what was signed.
func (u *ui) printSigned(s *integrity.Signed, path string) {
	if !s.Added {
		u.infof("%s: %s is signed with this key already", paint(u.paintOut, green, "nothing to do"), u.displayPath(path))
	} else {
		u.infof("%s %s: serial %d, key %s", paint(u.paintOut, green, "signed"), u.displayPath(path), s.Serial, s.Key)
	}
	u.infof("%s has %s", u.displayPath(s.Envelope), count(s.Signatures, "signature"))
	if s.Dropped > 0 {
		u.doc.Notes = []string{count(s.Dropped, "signature") + " of what was there before went: whoever signed that has to sign this one"}
		u.printNotes(u.doc.Notes)
	}
}
