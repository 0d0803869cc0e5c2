package store

import (
	"context"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A Kind is a kind of archive.
type Kind int

// The kinds of archives.
const (
	Tarball Kind = iota // a package's tarball
	Zip                 // what yarn 2 and later make from it
)

// Options say where a Store looks for archives. The zero value looks in the caches of the
// user and fetches nothing.
type Options struct {
	// Root is the absolute path of the project, whose settings count.
	Root string

	// Manager selects the settings for fetching: those of yarn for
	// manager.YarnBerry, and those of npm for all others.
	Manager manager.Manager

	// Fetch allows downloads from registries.
	Fetch bool

	// Hosts are additional hosts that the URLs of a lockfile may have.
	Hosts []string

	// EnvHosts are hosts to which the project's settings may send values of the
	// environment as credentials.
	EnvHosts []string

	// Cache is the directory of nodeint's own cache; "" for that of the user.
	Cache string

	// Env is the environment; nil for that of the process.
	Env []string

	// Limit is the most bytes of an archive; 0 for 512 MiB.
	Limit int64

	Network Network
}

// Network bounds the cost of one download. A field that is zero has the default in its
// comment.
type Network struct {
	Attempts int           // requests for one URL: 3
	Pause    time.Duration // after the first request, doubled each time: 500 ms
	Timeout  time.Duration // of one request: 5 minutes
	Silence  time.Duration // without a byte of the response: 30 s
}

// A Want is a wanted archive.
type Want struct {
	Name     string // of the package in its registry
	Version  string
	Resolved string // the URL in the lockfile; may be empty

	// Integrity is the digest that the archive must have.
	Integrity hasher.Metadata

	Kind     Kind
	CacheKey string // of a Zip: the prefix of the checksum in yarn.lock ("10c0")

	// Make makes a Zip from the package's tarball, which is untrusted. The zip is used
	// only if it has the digest. If Make is nil, no Zip is fetched.
	Make func(ctx context.Context, zip io.Writer, tarball io.ReadSeeker) error
}

// isFetched reports whether the archive or its tarball can be fetched.
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

// digests returns the digests by which the archive is found: the strongest.
func (w Want) digests() []hasher.Digest {
	if d := w.Integrity.Strongest(); len(d) > 0 {
		return d
	}
	return w.Integrity.Digests()
}

// An Archive is an archive that was found. It had the wanted digest when it was hashed;
// its readers must check the digest again. The caller must close it.
type Archive struct {
	Content
	Size int64

	// Attempts are the failed attempts before. An attempt with the result IsWrong means
	// that somebody has changed the archive in that place.
	Attempts []Attempt
}

// Content is the bytes of an Archive.
type Content interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// A Store finds archives. It is safe for concurrent use.
type Store struct {
	opt     Options
	own     cache
	npm     string   // the directory of npm's cache; may be empty
	classic []string // those of yarn 1
	zips    []string // those of yarn 2 and later
	dirs    sync.Map // *dirNames by path
	network *network // nil if nothing is fetched
}

// Open reads the settings that locate the caches. It reads the settings for fetching only
// if opt.Fetch is set. Every error is a [*problem.Error].
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
		return nil, err
	}
	yarn, err := yarnLevels(env, opt.Root)
	if err != nil {
		return nil, err
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
	if opt.Manager == manager.YarnBerry {
		c, err = b.yarnConfig(yarn)
	} else {
		c, err = b.npmConfig(npm)
	}
	if err != nil {
		return nil, err
	}
	s.network = newNetwork(c, env, opt)
	return s, nil
}

// Archive finds an archive in nodeint's own cache, in those of package managers, or
// in its registry, in this order. where is the successful attempt. The error is an
// [*Error], or that of ctx.
func (s *Store) Archive(ctx context.Context, w Want) (a *Archive, where Attempt, err error) {
	var attempts []Attempt
	for c := range s.candidates(w) {
		content, size, attempt := s.try(ctx, c, w)
		if err := ctx.Err(); err != nil {
			return nil, attempt, err
		}
		if attempt.Result == IsFound {
			return &Archive{content, size, attempts}, attempt, nil
		}
		attempts = append(attempts, attempt)
	}
	if s.network != nil && w.isFetched() {
		content, size, more := s.fetch(ctx, w)
		attempts = append(attempts, more...)
		if err := ctx.Err(); err != nil {
			return nil, Attempt{}, err
		}
		if last := len(attempts) - 1; content != nil {
			return &Archive{content, size, attempts[:last]}, attempts[last], nil
		}
	}
	return nil, Attempt{}, notFound(w, attempts, s.network != nil)
}

// try looks for the archive in one file.
func (s *Store) try(ctx context.Context, c candidate, w Want) (Content, int64, Attempt) {
	attempt := Attempt{Source: c.source, Place: c.path}
	if c.err != nil {
		attempt.Result, attempt.Detail = IsFailed, shortError(c.err).Error()
		return nil, 0, attempt
	}
	if c.path == "" {
		attempt.Result = IsAbsent
		return nil, 0, attempt
	}
	content, size, got, err := s.load(ctx, c.path, w.Integrity.Algorithms())
	switch {
	case safefile.IsAbsent(err):
		attempt.Result = IsAbsent
	case err != nil:
		attempt.Result, attempt.Detail = IsFailed, shortError(err).Error()
	case w.Integrity.Match(got):
		attempt.Result = IsFound
		return content, size, attempt
	case c.loose:
		attempt.Result = IsAbsent
	default:
		attempt.Result, attempt.Detail = IsWrong, "it is "+hasher.Format(got)
		if c.source == Own && os.Remove(c.path) == nil {
			attempt.Detail += ", and was removed"
		}
	}
	if content != nil {
		_ = content.Close()
	}
	return nil, 0, attempt
}

// load opens a file and hashes it.
func (s *Store) load(ctx context.Context, path string, set hasher.Set) (Content, int64, []hasher.Digest, error) {
	f, info, err := safefile.Open(path)
	if err != nil {
		return nil, 0, nil, err
	}
	got, err := hashFile(ctx, f, set, s.opt.Limit)
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	return f, info.Size(), got, nil
}

// hashFile hashes a file and seeks back to its beginning.
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
	path   string // "" if the source has no file
	err    error  // why the directory of the source could not be read
	loose  bool   // its name does not identify the archive, so another archive is not wrong
}

// candidates yields the files that may be the archive, in order.
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

// tarballs returns the candidates in the caches of npm and yarn 1.
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
		names, err := s.readDir(dir)
		if err != nil {
			all = append(all, candidate{source: Yarn, path: dir, err: err})
		}
		for _, name := range withPrefix(names, classicPrefix(w)) {
			path := filepath.Join(dir, name, "node_modules", filepath.FromSlash(w.Name), ".yarn-tarball.tgz")
			all = append(all, candidate{source: Yarn, path: path, loose: true})
		}
	}
	if len(all) == yarn {
		all = append(all, candidate{source: Yarn})
	}
	return all
}
