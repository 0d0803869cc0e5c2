package jsscan

import "testing"

func TestIsModule(t *testing.T) {
	tests := []struct {
		src  string
		want bool
	}{
		{"import a from 'a'", true},
		{"var e;export{e as x}", true},
		{"export default 1", true},
		{"export * from './a.js'", true},
		{"import'./a.js';", true},
		{"x = import.meta.url", true},
		{"", false},
		{"import('./a.js')", false},
		{"module.exports = 1", false},
		{"module.exports.import = require('a')", false},
		{"// export default 1\nmodule.exports = 1", false},
		{"x = `export default ${1} import a from 'a'`", false},
		{"module.exports = { export: 1, import: 2 }", false},
		{"exports.import.meta = 1", false},
		{"x = /export default/", false},
	}
	for _, test := range tests {
		if got := IsModule([]byte(test.src)); got != test.want {
			t.Errorf("IsModule(%q) = %v, want %v", test.src, got, test.want)
		}
	}
}
