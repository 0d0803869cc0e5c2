package trace

import (
	"errors"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// ReadFile reads the trace file at an absolute path. The error is a
// [*problem.Error].
func ReadFile(file string) (*Trace, error) {
	text, err := safefile.Read(file, MaxSize)
	var kind *safefile.KindError
	switch {
	case err == nil:
	case safefile.IsAbsent(err):
		return nil, unusable(file, "record it with nodeint trace node SCRIPT, or omit --trace", "the trace %s does not exist", file)
	case errors.As(err, &kind):
		return nil, unusable(file, "use a file that nodeint trace wrote", "reading the trace: %w", err)
	case errors.Is(err, safefile.ErrTooLarge):
		return nil, unusable(file, "record several smaller traces; generate merges them", "the trace %s is larger than the maximum of %d MiB", file, MaxSize>>20)
	default:
		return nil, problem.NotChecked(file, "", "reading the trace: %w", err)
	}
	t, err := Read(filepath.Base(file), text)
	if err != nil {
		return nil, unusable(file, "use a file that nodeint trace wrote, or record it again", "%w", err)
	}
	return t, nil
}

func unusable(file, hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodeTrace, file, hint, format, args...)
}

// WriteFile writes a trace to an absolute path, whole or not at all. With add it
// merges the trace with the one at that path, if there is one.
func WriteFile(file string, t *Trace, add bool) error {
	if add {
		exists, err := safefile.TargetExists(file)
		if err != nil {
			return problem.NotChecked(file, "", "reading the trace: %w", err)
		}
		if exists {
			old, err := ReadFile(file)
			if err != nil {
				return err
			}
			t = Merge(old, t)
		}
	}
	if err := atomic.Write(file, t.Format()); err != nil {
		return atomic.Problem(file, "the trace", err)
	}
	return nil
}
