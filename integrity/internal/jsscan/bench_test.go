package jsscan

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// benchText returns a bundle of at least size bytes, in which some modules contain loads
// that the scanner finds.
func benchText(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d:(e,t,n)=>{\"use strict\";Object.defineProperty(t,\"__esModule\",{value:!0});var r=n(%d),o=/[/'\"]+/g,"+
			"i=`a${r.x(`${e}`)}b`;function s(e,t){return void 0===e&&(e={}),e.map((function(e){return e/2*t}))}t.default=s;"+
			"for(var a=0,c=e.length;a<c;a++){if(o.test(e[a]))continue;t[a]=r.default(e[a],{k:i,\"l-m\":[1,2.5e3,0xff]})}},\n", i, i+1)
		if i%50 == 0 {
			b.WriteString("9999:(e,t,n)=>{const p=require(\"path\");t.v=p.join(__dirname,\"views\",\"a\");require(t.name)},\n")
		}
	}
	return append([]byte("(()=>{var e={\n"), append(b.Bytes(), "}})();"...)...)
}

// BenchmarkScan scans a bundle of 20 MiB.
func BenchmarkScan(b *testing.B) {
	src := benchText(20 << 20)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		scan(src)
	}
}

// BenchmarkScanSmall scans a module of 3 kB.
func BenchmarkScanSmall(b *testing.B) {
	src := []byte(esmRequire + "require('./a'); require('b')" + strings.Repeat("exports.a = function (b) { return b + 1; };\n", 60))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		scan(src)
	}
}

// BenchmarkPrefilter rejects a module of 1 MiB.
func BenchmarkPrefilter(b *testing.B) {
	src := bytes.ReplaceAll(benchText(1<<20), []byte("__dirname"), []byte("__filenam"))
	src = bytes.ReplaceAll(src, []byte("require(t.name)"), []byte("require('name')"))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if passesPrefilter(src) {
			b.Fatal("accepted a source without loads")
		}
	}
}
