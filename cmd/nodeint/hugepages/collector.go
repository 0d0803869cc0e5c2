package hugepages

import "syscall"

// CollectorIsSet reports whether the environment sets the garbage collector. (Package os would
// be initialized before this one.)
func CollectorIsSet() bool {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value, _ := syscall.Getenv(name); value != "" {
			return true
		}
	}
	return false
}
