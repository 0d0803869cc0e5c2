//go:build !unix

package atomic

import "os"

// lock does nothing: a file that is open cannot be removed on Windows, which is
// lock enough, but for the moment before it is renamed.
func lock(*os.File) (unlock func(), kept bool, err error) { return func() {}, true, nil }

// removeAbandoned removes a file that nobody has open.
func removeAbandoned(path string) { os.Remove(path) }

// syncDir does nothing: Windows writes names to the disk by itself.
func syncDir(string) error { return nil }
