package execwatch

import "golang.org/x/sys/unix"

// abis are the interfaces that the filter knows: 64-bit and 32-bit programs. The numbers
// of x32 have bit 30.
var abis = []abi{
	{arch: unix.AUDIT_ARCH_X86_64, execve: unix.SYS_EXECVE, execveat: unix.SYS_EXECVEAT, pointer: 8, limit: 1 << 30},
	{arch: unix.AUDIT_ARCH_I386, execve: 11, execveat: 358, pointer: 4},
}
