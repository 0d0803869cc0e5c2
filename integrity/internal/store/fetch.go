package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nodeint/nodeint/hasher"
)

// fetch downloads an archive from its registry. If it succeeds, the last attempt is the
// successful one.
func (s *Store) fetch(ctx context.Context, w Want) (Content, int64, []Attempt) {
	var attempts []Attempt
	for _, u := range s.network.urls(w) {
		content, size, attempt := s.fetchURL(ctx, u, w)
		attempts = append(attempts, attempt)
		if attempt.Result == IsFound || ctx.Err() != nil {
			return content, size, attempts
		}
	}
	if len(attempts) == 0 {
		attempts = append(attempts, Attempt{Source: Registry, Result: IsFailed, Detail: "neither the URL in the lockfile nor the name and version lead to it"})
	}
	return nil, 0, attempts
}

// fetchURL downloads an archive from a URL. It repeats the request after a failure that may
// be temporary.
func (s *Store) fetchURL(ctx context.Context, u *url.URL, w Want) (Content, int64, Attempt) {
	attempt := Attempt{Source: Registry, Place: shown(u)}
	for n := 1; ; n++ {
		content, size, err := s.download(ctx, u, w)
		var f *fetchError
		switch {
		case err == nil:
			attempt.Result = IsFound
			return content, size, attempt
		case !errors.As(err, &f):
			f = &fetchError{reason: shortError(err).Error()}
		}
		if attempt.Result, attempt.Detail = f.result, f.reason; f.result == "" {
			attempt.Result = IsFailed
		}
		if !f.again || n == s.network.opt.Attempts || !wait(ctx, s.network.pause(n, f.after)) {
			if n > 1 && f.again {
				attempt.Detail += fmt.Sprintf(" (%d attempts)", n)
			}
			return nil, 0, attempt
		}
	}
}

// pause returns how long to wait after a number of requests. It is random, so that many
// clients do not repeat their requests at the same time.
func (n *network) pause(requests int, after time.Duration) time.Duration {
	d := n.opt.Pause << (requests - 1)
	d += rand.N(d/4 + 1)
	return min(max(d, after), maxRetryWait)
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// A fetchError says why one request failed. Its reason never contains a credential.
type fetchError struct {
	result Outcome // IsFailed if it is empty
	reason string
	again  bool          // another request may succeed
	after  time.Duration // the least time to wait before it
}

func (e *fetchError) Error() string { return e.reason }

// download sends one request, and keeps the archive if it has the wanted digest.
func (s *Store) download(whole context.Context, u *url.URL, w Want) (Content, int64, error) {
	ctx, cancel := context.WithTimeout(whole, s.network.opt.Timeout)
	defer cancel()
	ctx, alive, stop := watch(ctx, s.network.opt.Silence)
	defer stop()
	res, err := s.network.send(ctx, u)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	response := &body{r: res.Body, alive: alive}
	p, err := s.own.create(w.Integrity.Algorithms())
	if err != nil && w.Make != nil {
		return nil, 0, s.unwritable(err)
	}
	if err != nil {
		return s.keepInMemory(ctx, response, w, err)
	}
	if err := copyTo(ctx, p, response, s.network.limit); err != nil {
		p.discard()
		return nil, 0, s.bodyError(ctx, response, err)
	}
	if w.Make != nil {
		if p, err = s.make(whole, p, w); err != nil {
			return nil, 0, err
		}
	}
	got := p.hash.Append(nil)
	if w.Make != nil && !w.Integrity.Match(got) {
		p.discard()
		return nil, 0, &fetchError{reason: "nodeint cannot make the zip that yarn made from its tarball"}
	}
	if !w.Integrity.Match(got) {
		p.discard()
		return nil, 0, wrongDigest(got)
	}
	d := matching(w, got)
	if err := s.own.keep(p, d); err != nil {
		return nil, 0, s.unwritable(err)
	}
	content, size, again, err := s.load(ctx, s.own.path(d), w.Integrity.Algorithms())
	if err == nil && !w.Integrity.Match(again) {
		return nil, 0, wrongDigest(again)
	}
	if err != nil && ctx.Err() == nil {
		err = &fetchError{reason: "cannot read nodeint's cache in " + s.own.dir + ": " + shortError(err).Error()}
	}
	return content, size, err
}

// make makes the zip from a tarball, and discards the tarball.
func (s *Store) make(ctx context.Context, tarball *pending, w Want) (*pending, error) {
	defer tarball.discard()
	if _, err := tarball.file.Seek(0, io.SeekStart); err != nil {
		return nil, s.unwritable(err)
	}
	zip, err := s.own.create(w.Integrity.Algorithms())
	if err != nil {
		return nil, s.unwritable(err)
	}
	if err := w.Make(ctx, zip, tarball.file); err != nil {
		zip.discard()
		return nil, &fetchError{reason: "make the zip of yarn: " + clip(err.Error())}
	}
	return zip, nil
}

// matching returns the digest under which an archive is kept.
func matching(w Want, got []hasher.Digest) hasher.Digest {
	for _, d := range w.digests() {
		if slices.Contains(got, d) {
			return d
		}
	}
	return w.digests()[0]
}

// maxInMemory is the most bytes of an archive that is kept in memory.
const maxInMemory = 8 << 20

// keepInMemory downloads an archive to memory, if the cache cannot be written.
func (s *Store) keepInMemory(ctx context.Context, response *body, w Want, cause error) (Content, int64, error) {
	var b strings.Builder
	err := copyTo(ctx, &b, response, min(maxInMemory, s.network.limit))
	if errors.Is(err, errTooLarge) {
		return nil, 0, &fetchError{reason: "it is too large for the memory, and nodeint " + s.unwritable(cause).Error()}
	}
	if err != nil {
		return nil, 0, s.bodyError(ctx, response, err)
	}
	if got := hasher.Sum(w.Integrity.Algorithms(), []byte(b.String())); !w.Integrity.Match(got) {
		return nil, 0, wrongDigest(got)
	}
	return textContent{strings.NewReader(b.String())}, int64(b.Len()), nil
}

type textContent struct{ *strings.Reader }

// Close does nothing.
func (textContent) Close() error { return nil }

func wrongDigest(got []hasher.Digest) error {
	return &fetchError{result: IsWrong, reason: "it is " + hasher.Format(got)}
}

// A body is the body of a response. It records its own errors, to tell them from those of
// the writer.
type body struct {
	r     io.Reader
	alive func()
	err   error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.alive()
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

func (s *Store) bodyError(ctx context.Context, response *body, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return &fetchError{reason: "the response is larger than the limit for archives"}
	case response.err != nil || ctx.Err() != nil:
		return transportError(ctx, err)
	}
	return s.unwritable(err)
}

func (s *Store) unwritable(err error) error {
	return &fetchError{reason: "cannot write nodeint's cache in " + s.own.dir + ": " + shortError(err).Error()}
}

// watch returns a context that is canceled if alive is not called for a time.
func watch(ctx context.Context, silence time.Duration) (watched context.Context, alive, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	t := time.AfterFunc(silence, func() { cancel(errSilent) })
	return watched, func() { t.Reset(silence) }, func() { t.Stop(); cancel(nil) }
}

var errSilent = errors.New("the registry did not respond in time")
