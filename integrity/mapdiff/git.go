package mapdiff

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// maxMap is the size limit of a map in a revision, in bytes: that of package mapfile.
const maxMap = 128 << 20

// ReadRevision returns the text of the map at the absolute path file in a revision of Git.
// A revision with a colon names the file itself: "main:apps/web/importmap.json".
//
// It runs git without a shell. The revision is one argument that cannot be an option. The
// blob is read as it is: no filter and no text conversion of the repository applies.
func ReadRevision(ctx context.Context, file, revision string) ([]byte, error) {
	if strings.HasPrefix(revision, "-") || strings.ContainsAny(revision, "\x00\n") {
		return nil, problem.BadUsage("give a branch, a tag or a commit", "%q is not a revision of Git", revision)
	}
	dir, object := filepath.Dir(file), revision
	if !strings.Contains(revision, ":") {
		object += ":./" + filepath.ToSlash(filepath.Base(file))
	}
	text, err := runGit(ctx, dir, maxMap, "cat-file", "blob", object)
	if err == nil || ctx.Err() != nil {
		return text, errors.Join(ctx.Err(), err)
	}
	if errors.Is(err, exec.ErrNotFound) {
		return nil, problem.NotChecked("", "install git, or give the path of a map", "reading the map of %s: %w", revision, err)
	}
	if errors.Is(err, errTooLarge) {
		return nil, problem.NotTrusted(problem.MapSyntax, file, "", "the map of %s: %w", revision, err)
	}
	commit, _, _ := strings.Cut(revision, ":")
	if _, err2 := runGit(ctx, dir, 1<<16, "rev-parse", "--verify", "--quiet", commit+"^{commit}"); err2 != nil {
		return nil, problem.BadUsage("fetch the revision (git fetch), or give the path of a map",
			"%q is neither the path of a map nor a revision of Git that is here: %w", revision, err)
	}
	return nil, problem.NotTrusted(problem.MapMissing, file, "give a revision that has the map, or the path of the map with --map",
		"the revision %s has no map %s: %w", commit, filepath.Base(file), err)
}

var errTooLarge = errors.New("it is too large")

// runGit returns what git prints, at most limit bytes.
func runGit(ctx context.Context, dir string, limit int64, args ...string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	var stderr bytes.Buffer
	cmd.Stderr = &limitedWriter{w: &stderr, left: 1 << 12}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(out, limit+1))
	if int64(len(text)) > limit {
		cancel()
		_ = cmd.Wait()
		return nil, errTooLarge
	}
	if waitErr := cmd.Wait(); waitErr != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if first = strings.TrimPrefix(first, "fatal: "); first != "" {
			return nil, errors.New(first)
		}
		return nil, waitErr
	}
	return text, err
}

// A limitedWriter writes the first bytes, and drops the others.
type limitedWriter struct {
	w    io.Writer
	left int
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
