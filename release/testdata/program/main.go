// Command program stands for nodeint in tests of releases: it is small, and prints what
// the release asks nodeint for.
package main

import (
	"fmt"
	"os"
)

func main() {
	switch os.Args[1] {
	case "man":
		fmt.Println(".TH NODEINT 1 \"\"\nfirst\n.TH NODEINT\\-HOOK\\-INSTALL 1 \"\"\nsecond")
	case "completion":
		fmt.Println("completion for", os.Args[2])
	case "--version":
		fmt.Println("nodeint version v1.2.3")
	}
}
