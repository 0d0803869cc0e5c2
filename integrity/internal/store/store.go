package store

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nodeint/nodeint/hasher"
)

// A Manager is a package manager, by the settings that it reads.
type Manager string

// The managers.
const (
	UsesNpmrc  Manager = "npmrc"  // npm, pnpm, bun, yarn 1
	UsesYarnrc Manager = "yarnrc" // yarn 2 and later
)

// A Kind is a kind of archive.
type Kind int

// The kinds.
const (
	Tarball Kind = iota // a package's tarball
	Zip                 // what yarn 2 and later make of it
)

// Options say where a Store looks. The zero value looks in the caches of the
// user, and fetches nothing.
type Options struct {
	// Root is the project's folder, absolute: its settings count.
	Root string

	// Manager says whose settings count for what is fetched.
	Manager Manager

	// Fetch lets archives be fetched from registries.
	Fetch bool

	// Hosts are further hosts that a lockfile's addresses may lead to.
	Hosts []string

	// EnvHosts are hosts to which the project's own settings may have values of the
	// environment sent, as credentials.
	EnvHosts []string

	// Cache is the folder of nodeint's own cache; without it the user's.
	Cache string

	// Env is the environment; nil for that of the process.
	Env []string

	// Limit is how many bytes an archive may have: 512 MiB if it is 0.
	Limit int64

	Network Network
}

// Network bounds what one archive costs. A member that is zero has the value in
// the comment.
type Network struct {
	Attempts int           // how often it is asked for: 3
	Pause    time.Duration // after the first attempt, then twice as long: 500 ms
	Timeout  time.Duration // of one attempt: 5 minutes
	Silence  time.Duration // until an answer begins, or goes on: 30 s
}

// A Want is an archive that is looked for.
type Want struct {
	Name     string // the package's, in its registry
	Version  string
	Resolved string // the address that the lockfile has; may be empty

	// Integrity is what the archive has to be.
	Integrity hasher.Metadata

	Kind     Kind
	CacheKey string // of a Zip: what yarn.lock has before the checksum ("10c0")

	// Make makes a Zip of the package's tarball, which may be anything: what it
	// writes counts if it has the digest. Where it is nil, no Zip is fetched.
	Make func(ctx context.Context, zip io.Writer, tarball io.ReadSeeker) error
}

// isFetched reports whether a registry has it, or what it is made of.
func (w Want) isFetched() bool { return w.Kind == Tarball || w.Make != nil }

func (w Want) label() string {
	switch {
	case w.Name == "":
		return w.Integrity.String()
	case w.Version == "":
		return w.Name
	}
	return w.Name + "@" + w.Version
}

// digests are what archives are found by: the strongest.
func (w Want) digests() []hasher.Digest {
	if d := w.Integrity.Strongest(); len(d) > 0 {
		return d
	}
	return w.Integrity.Digests()
}

// An Archive is the bytes of an archive that was found. They had the digest that
// was wanted when they were looked at; what reads it checks them again. Close it.
type Archive struct {
	Content
	Size int64

	// Looks are the places that were looked at in vain before. One with another
	// archive under this one's name is among them: somebody has changed it.
	Looks []Look
}

// Content is what an Archive can do.
type Content interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// A Store finds archives. It is safe for use by several goroutines at once.
type Store struct {
	opt     Options
	own     cache
	npm     string   // folder of npm's cache; may be empty
	classic []string // of yarn 1's
	zips    []string // of later ones
	folders sync.Map // path → *folder
	network *network // nil where nothing is fetched
}

// Open reads the settings that say where archives are. Those that say how they
// are fetched are read with Fetch alone.
func Open(opt Options) (*Store, error) {
	if opt.Limit <= 0 {
		opt.Limit = 512 << 20
	}
	if opt.Cache == "" {
		opt.Cache = defaultCache()
	}
	env := newEnvironment(opt.Env)
	npm, err := npmLevels(env, opt.Root)
	if err != nil {
		return nil, settingsError(err)
	}
	yarn, err := yarnLevels(env, opt.Root)
	if err != nil {
		return nil, settingsError(err)
	}
	s := &Store{
		opt: opt, own: cache{opt.Cache},
		npm: npmCache(env, npm, opt.Root), classic: classicCaches(env), zips: yarnCaches(env, yarn, opt.Root),
	}
	if !opt.Fetch {
		return s, nil
	}
	b := newBuilder(env, opt.Root, opt.EnvHosts)
	var c *config
	if opt.Manager == UsesYarnrc {
		c, err = b.yarnConfig(yarn)
	} else {
		c, err = b.npmConfig(npm)
	}
	if err != nil {
		return nil, settingsError(err)
	}
	s.network = newNetwork(c, env, opt)
	return s, nil
}

func settingsError(err error) error {
	e := &Error{Code: Settings, Reason: "reading settings: " + err.Error(), Err: err}
	var s *SettingError
	if errors.As(err, &s) {
		e.Hint = s.Hint
	}
	return e
}

// Archive looks for an archive: in nodeint's own cache, in those of package
// managers, and at last in its registry. where says in which of them it was. The
// error is an *Error, or that of ctx.
func (s *Store) Archive(ctx context.Context, w Want) (a *Archive, where Look, err error) {
	var looks []Look
	for c := range s.candidates(w) {
		content, size, look := s.try(ctx, c, w)
		if err := ctx.Err(); err != nil {
			return nil, look, err
		}
		if look.Result == IsFound {
			return &Archive{content, size, looks}, look, nil
		}
		looks = append(looks, look)
	}
	if s.network != nil && w.isFetched() {
		content, size, more := s.fetch(ctx, w)
		looks = append(looks, more...)
		if err := ctx.Err(); err != nil {
			return nil, Look{}, err
		}
		if last := len(looks) - 1; content != nil {
			return &Archive{content, size, looks[:last]}, looks[last], nil
		}
	}
	return nil, Look{}, nowhere(w, looks, s.network != nil)
}

// try looks at one file.
func (s *Store) try(ctx context.Context, c candidate, w Want) (Content, int64, Look) {
	look := Look{Source: c.source, Place: c.path}
	if c.path == "" {
		look.Result = IsAbsent
		return nil, 0, look
	}
	content, size, got, err := s.load(ctx, c.path, w.Integrity.Algorithms())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		look.Result = IsAbsent
	case err != nil:
		look.Result, look.Detail = IsFailed, reasonOf(err)
	case w.Integrity.Match(got):
		look.Result = IsFound
		return content, size, look
	case c.loose:
		look.Result = IsAbsent
	default:
		look.Result, look.Detail = IsWrong, "it is "+hasher.Format(got)
		if c.source == Own && os.Remove(c.path) == nil {
			look.Detail += ", and was removed"
		}
	}
	if content != nil {
		_ = content.Close()
	}
	return nil, 0, look
}

// load opens a file and hashes it.
func (s *Store) load(ctx context.Context, path string, set hasher.Set) (Content, int64, []hasher.Digest, error) {
	f, size, err := openFile(path)
	if err != nil {
		return nil, 0, nil, err
	}
	got, err := hashFile(ctx, f, set, s.opt.Limit)
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	return f, size, got, nil
}

// hashFile hashes a file, which is at its beginning afterwards.
func hashFile(ctx context.Context, f *os.File, set hasher.Set, limit int64) ([]hasher.Digest, error) {
	var h hasher.Hasher
	h.Reset(set)
	if err := copyTo(ctx, &h, f, limit); err != nil {
		return nil, err
	}
	_, err := f.Seek(0, io.SeekStart)
	return h.Append(nil), err
}

// A candidate is a file that may be the archive.
type candidate struct {
	source Source
	path   string // "" where the source has nothing to look at
	loose  bool   // its name does not say which archive it is: another is no fault
}

// candidates gives the files to look at, in order.
func (s *Store) candidates(w Want) func(yield func(candidate) bool) {
	return func(yield func(candidate) bool) {
		if s.own.dir != "" {
			for _, d := range w.digests() {
				if !yield(candidate{source: Own, path: s.own.path(d)}) {
					return
				}
			}
		}
		more := s.tarballs
		if w.Kind == Zip {
			more = s.zipFiles
		}
		for _, c := range more(w) {
			if !yield(c) {
				return
			}
		}
	}
}

// tarballs are the candidates in the caches of npm and yarn 1.
func (s *Store) tarballs(w Want) []candidate {
	var all []candidate
	if s.npm != "" {
		for _, d := range w.digests() {
			digits := hex.EncodeToString(d.Bytes())
			path := filepath.Join(s.npm, "content-v2", d.Algorithm().String(), digits[:2], digits[2:4], digits[4:])
			all = append(all, candidate{source: NPM, path: path})
		}
	}
	yarn := len(all)
	for _, dir := range s.classic {
		dir = filepath.Join(dir, "v6")
		for _, name := range s.folder(dir).with(classicPrefix(w)) {
			all = append(all, candidate{Yarn, filepath.Join(dir, name, "node_modules", filepath.FromSlash(w.Name), ".yarn-tarball.tgz"), true})
		}
	}
	if len(all) == yarn {
		all = append(all, candidate{source: Yarn})
	}
	return all
}
