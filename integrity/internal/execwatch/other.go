//go:build !linux || !(amd64 || arm64)

package execwatch

import "errors"

// Install returns [errors.ErrUnsupported].
func Install() (listener int, err error) { return -1, errors.ErrUnsupported }
