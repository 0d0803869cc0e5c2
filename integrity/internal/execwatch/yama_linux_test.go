//go:build amd64 || arm64

package execwatch

import "testing"

func TestRestriction(t *testing.T) {
	for _, tt := range []struct {
		scope   string
		capable bool
		adopts  bool
		fails   bool
	}{
		{"0", false, false, false},
		{"1", false, true, false},
		{"1", true, false, false},
		{"2", false, false, true},
		{"2", true, false, false},
		{"3", false, false, true},
		{"3", true, false, true},
		{"", true, false, true},
	} {
		adopts, err := restriction(tt.scope, tt.capable)
		if adopts != tt.adopts || (err != nil) != tt.fails {
			t.Errorf("restriction(%q, %v) = %v, %v", tt.scope, tt.capable, adopts, err)
		}
	}
	if err := AllowReading(); err != nil {
		t.Log(err) // of this system
	}
}
