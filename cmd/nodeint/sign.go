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
		Long: `sign signs the map with a private key and writes the signature to an envelope next
to the map: importmap.json.dsse.json. The signature covers the map's digest, its
coverage and entries, and a serial number.

The first serial is 1, and each new map gets the next one. If the envelope is
already for this map, sign adds the signature and keeps the serial.

sign does not check the files. Run nodeint verify first.`,
		Example: `  nodeint verify && nodeint sign --key release.key
  nodeint sign --key release.key --serial 42 --passphrase-fd 3 3<passphrase`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.serialSet = cmd.Flags().Changed("serial")
			return runSign(cmd.Context(), u, opt)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.key, "key", "", "sign with the private key in `FILE`")
	fs.Uint64Var(&opt.serial, "serial", 0, "use the serial number `N`, not lower than the last one (default: the last one plus 1)")
	opt.passphrase.register(fs)
	return cmd
}

func runSign(ctx context.Context, u *ui, opt signOptions) error {
	if opt.serialSet && opt.serial == 0 {
		return usage("use --serial 1, or omit the flag", "--serial 0: serial numbers start at 1")
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

// printSigned prints the result of sign.
func (u *ui) printSigned(s *integrity.Signed, path string) {
	if !s.Added {
		u.infof("%s: %s is already signed with this key", paint(u.paintOut, green, "nothing to do"), u.displayPath(path))
	} else {
		u.infof("%s %s: serial %d, key %s", paint(u.paintOut, green, "signed"), u.displayPath(path), s.Serial, s.Key)
	}
	u.infof("%s has %s", u.displayPath(s.Envelope), count(s.Signatures, "signature"))
	if s.Dropped > 0 {
		u.doc.Notes = []string{"removed " + count(s.Dropped, "signature") + " of the previous map or serial: its signers must sign this map"}
		u.printNotes(u.doc.Notes)
	}
}
