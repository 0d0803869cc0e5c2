//go:build !unix

package atomic

import "os"

// lock does nothing. Windows does not remove an open file, which protects it as a lock
// would, except in the moment between closing and renaming it.
func lock(*os.File) (unlock func(), kept bool, err error) { return func() {}, true, nil }

// removeUnlocked removes a file unless a process has it open.
func removeUnlocked(path string) { os.Remove(path) }

// syncDir does nothing: Windows flushes directories by itself.
func syncDir(string) error { return nil }
