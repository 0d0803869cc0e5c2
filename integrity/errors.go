package integrity

import "github.com/nodeint/nodeint/integrity/problem"

func usageError(hint, format string, args ...any) error {
	return problem.BadUsage(hint, format, args...)
}

func failed(path, hint, format string, args ...any) error {
	return problem.NotChecked(path, hint, format, args...)
}
