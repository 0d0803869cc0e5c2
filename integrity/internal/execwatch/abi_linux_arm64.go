package execwatch

import "golang.org/x/sys/unix"

// abis are the interfaces that the filter knows: 64-bit and 32-bit programs.
var abis = []abi{
	{arch: unix.AUDIT_ARCH_AARCH64, execve: unix.SYS_EXECVE, execveat: unix.SYS_EXECVEAT, pointer: 8},
	{arch: unix.AUDIT_ARCH_ARM, execve: 11, execveat: 387, pointer: 4},
}
