package main

import (
	"bufio"
	"fmt"
	"os"
	"syscall"
)

// loop is the role of peers/loop.c, for machines without a C compiler: it opens
// each file that a list names, reads it to its end through one 256 KiB buffer,
// and closes it, by system calls alone.
func loop(args []string) (exit int) {
	list, err := os.Open(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	buffer := make([]byte, 256<<10)
	var files, bytes int
	paths := bufio.NewScanner(list)
	for paths.Scan() {
		n, err := drain(paths.Text(), buffer)
		if err != nil {
			fmt.Fprintf(os.Stderr, "reading %s: %v\n", paths.Text(), err)
			return 1
		}
		files++
		bytes += n
	}
	if err := paths.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("%d files, %d bytes\n", files, bytes)
	return 0
}

func drain(path string, buffer []byte) (bytes int, err error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer syscall.Close(fd)
	for {
		n, err := syscall.Read(fd, buffer)
		if n <= 0 || err != nil {
			return bytes, err
		}
		bytes += n
	}
}
