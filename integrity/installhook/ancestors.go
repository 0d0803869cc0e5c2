package installhook

import "os"

// maxAncestors is the number of processes that are looked at: a manager, a shell
// or two, and a wrapper such as corepack.
const maxAncestors = 6

// Ancestors returns the command lines of the processes that have started this
// one, the nearest first. It returns none for processes that the system does not
// show, and none on Windows.
func Ancestors() [][]string {
	var all [][]string
	for pid := os.Getppid(); pid > 1 && len(all) < maxAncestors; {
		words, parent, ok := process(pid)
		if !ok {
			break
		}
		all = append(all, words)
		pid = parent
	}
	return all
}
