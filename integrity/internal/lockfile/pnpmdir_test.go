package lockfile

import "testing"

// pnpmNames are what the functions of pnpm 9.15, 10.34 and 11.28 that name a directory
// of the virtual store give for these keys and lengths.
var pnpmNames = []struct {
	key                   string
	most                  int
	pnpm9, pnpm10, pnpm11 string
}{
	{"ms@2.0.0", 120, "ms@2.0.0", "ms@2.0.0", "ms@2.0.0"},
	{"ms@2.0.0", 60, "ms@2.0.0", "ms@2.0.0", "ms@2.0.0"},
	{"@s/a@1.0.0(b@2.0.0(@c/d@1.0.0))(e@1.0.0)", 120, "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0", "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0", "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0"},
	{"@s/a@1.0.0(b@2.0.0(@c/d@1.0.0))(e@1.0.0)", 60, "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0", "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0", "@s+a@1.0.0_b@2.0.0_@c+d@1.0.0__e@1.0.0"},
	{"JSONStream@1.3.5", 120, "JSONStream@1.3.5_r3os6ifnv5rfzwtsmjig3b325i", "JSONStream@1.3.5_fb8f73c374dcf7070ffed90b688edabd", "JSONStream@1.3.5_fb8f73c374dcf7070ffed90b688edabd"},
	{"JSONStream@1.3.5", 60, "JSONStream@1.3.5_r3os6ifnv5rfzwtsmjig3b325i", "JSONStream@1.3.5_fb8f73c374dcf7070ffed90b688edabd", "JSONStream@1.3.5_fb8f73c374dcf7070ffed90b688edabd"},
	{"file:Vendor/Pkg(x)", 120, "file+Vendor+Pkg_x", "file+Vendor+Pkg_x", "file+Vendor+Pkg_x"},
	{"file:Vendor/Pkg(x)", 60, "file+Vendor+Pkg_x", "file+Vendor+Pkg_x", "file+Vendor+Pkg_x"},
	{"a@file:vendor/a b.tgz", 120, "a@file+vendor+a b.tgz", "a@file+vendor+a b.tgz", "a@file+vendor+a b.tgz"},
	{"a@file:vendor/a b.tgz", 60, "a@file+vendor+a b.tgz", "a@file+vendor+a b.tgz", "a@file+vendor+a b.tgz"},
	{"web@https://web.example/a+b.tgz", 120, "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz_1310976636166cddf9a4b24b57058886"},
	{"web@https://web.example/a+b.tgz", 60, "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b_1310976636166cddf9a4b24b57058886"},
	{"web@https://web.example/a/b.tgz", 120, "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz"},
	{"web@https://web.example/a/b.tgz", 60, "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz", "web@https+++web.example+a+b.tgz"},
	{"web@https://web.example/a.tgz?x=1#y", 120, "web@https+++web.example+a.tgz+x=1#y", "web@https+++web.example+a.tgz+x=1+y", "web@https+++web.example+a.tgz+x=1+y_d93a387fa367a1f95c613d32b88c5a18"},
	{"web@https://web.example/a.tgz?x=1#y", 60, "web@https+++web.example+a.tgz+x=1#y", "web@https+++web.example+a.tgz+x=1+y", "web@https+++web.example+a.t_d93a387fa367a1f95c613d32b88c5a18"},
	{"g@git+ssh://git@git.example:22/u/g.git#d908", 120, "g@git+ssh+++git@git.example+22+u+g.git#d908", "g@git+ssh+++git@git.example+22+u+g.git+d908", "g@git+ssh+++git@git.example+22+u+g.git+d908_4f63964cd02e6311cd50a132dd0829d7"},
	{"g@git+ssh://git@git.example:22/u/g.git#d908", 60, "g@git+ssh+++git@git.example+22+u+g.git#d908", "g@git+ssh+++git@git.example+22+u+g.git+d908", "g@git+ssh+++git@git.example_4f63964cd02e6311cd50a132dd0829d7"},
	{"work@named:1.0.0", 120, "work@named+1.0.0", "work@named+1.0.0", "work@named+1.0.0"},
	{"work@named:1.0.0", 60, "work@named+1.0.0", "work@named+1.0.0", "work@named+1.0.0"},
	{"work@named:1.0", 120, "work@named+1.0", "work@named+1.0", "work@named+1.0"},
	{"work@named:1.0", 60, "work@named+1.0", "work@named+1.0", "work@named+1.0"},
	{"node@runtime:24.0.0", 120, "node@runtime+24.0.0", "node@runtime+24.0.0", "node@runtime+24.0.0"},
	{"node@runtime:24.0.0", 60, "node@runtime+24.0.0", "node@runtime+24.0.0", "node@runtime+24.0.0"},
	{"x@1.0.0(y@link:../..)", 120, "x@1.0.0_y@link+..+..", "x@1.0.0_y@link+..+..", "x@1.0.0_y@link+..+++_c88a1db1afec864fa2b2b2e6a4130fc4"},
	{"x@1.0.0(y@link:../..)", 60, "x@1.0.0_y@link+..+..", "x@1.0.0_y@link+..+..", "x@1.0.0_y@link+..+++_c88a1db1afec864fa2b2b2e6a4130fc4"},
	{"dots@file:vendor/dots...", 120, "dots@file+vendor+dots...", "dots@file+vendor+dots...", "dots@file+vendor+dots+++_fad96de88a27c9bd677a6ab609a47576"},
	{"dots@file:vendor/dots...", 60, "dots@file+vendor+dots...", "dots@file+vendor+dots...", "dots@file+vendor+dots+++_fad96de88a27c9bd677a6ab609a47576"},
	{"space@file:vendor/x ", 120, "space@file+vendor+x ", "space@file+vendor+x ", "space@file+vendor+x+_e83764ebbebaa4a284dc13c7220c15cd"},
	{"space@file:vendor/x ", 60, "space@file+vendor+x ", "space@file+vendor+x ", "space@file+vendor+x+_e83764ebbebaa4a284dc13c7220c15cd"},
	{"é@file:vendor/é", 120, "é@file+vendor+é", "é@file+vendor+é", "é@file+vendor+é"},
	{"é@file:vendor/é", 60, "é@file+vendor+é", "é@file+vendor+é", "é@file+vendor+é"},
	{"emoji@file:😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", 120, "emoji@file+😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀_5sxhhgb6b7fnqottgbagi46chi", "emoji@file+😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀_7a847350abb6f0ecc7b18fd3de462ec0", "emoji@file+😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀_7a847350abb6f0ecc7b18fd3de462ec0"},
	{"emoji@file:😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", 60, "emoji@file+😀😀😀😀😀😀😀😀😀😀😀_5sxhhgb6b7fnqottgbagi46chi", "emoji@file+😀😀😀😀😀😀😀😀_7a847350abb6f0ecc7b18fd3de462ec0", "emoji@file+😀😀😀😀😀😀😀😀_7a847350abb6f0ecc7b18fd3de462ec0"},
	{"long@1.0.0(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(last@1.0.0)", 120, "long@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-name@1.0._xpymrszgidkonh6p43apyatji4", "long@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-nam_cc12a93b6abc9b54bd70e04a035a722a", "long@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-name@1.0.0_peer-with-a-long-nam_cc12a93b6abc9b54bd70e04a035a722a"},
	{"long@1.0.0(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(peer-with-a-long-name@1.0.0)(last@1.0.0)", 60, "long@1.0.0_peer-with-a-long-name@_xpymrszgidkonh6p43apyatji4", "long@1.0.0_peer-with-a-long_cc12a93b6abc9b54bd70e04a035a722a", "long@1.0.0_peer-with-a-long_cc12a93b6abc9b54bd70e04a035a722a"},
	{"exact@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 120, "exact@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "exact@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "exact@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"exact@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60, "exact@1.0.0-aaaaaaaaaaaaaaaaaaaaa_q4fjza4ahzvazriqukol57yhvy", "exact@1.0.0-aaaaaaaaaaaaaaa_39eb025c29a25758700ac570073f7b97", "exact@1.0.0-aaaaaaaaaaaaaaa_39eb025c29a25758700ac570073f7b97"},
	{"over@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 120, "over@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_ujpcbmmjmv54e6hcvhl3d42pge", "over@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_b00166e4c974a09b5029f10cc038f439", "over@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_b00166e4c974a09b5029f10cc038f439"},
	{"over@1.0.0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60, "over@1.0.0-aaaaaaaaaaaaaaaaaaaaaa_ujpcbmmjmv54e6hcvhl3d42pge", "over@1.0.0-aaaaaaaaaaaaaaaa_b00166e4c974a09b5029f10cc038f439", "over@1.0.0-aaaaaaaaaaaaaaaa_b00166e4c974a09b5029f10cc038f439"},
	{"a@https://codeload.example/u/a/tar.gz/d908(b@1.0.0+build)", 120, "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build", "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build", "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build"},
	{"a@https://codeload.example/u/a/tar.gz/d908(b@1.0.0+build)", 60, "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build", "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build", "a@https+++codeload.example+u+a+tar.gz+d908_b@1.0.0+build"},
	{"a@1.0.0+Build", 120, "a@1.0.0+Build_mfmcqlbf55b6bipcv3qj5fqouu", "a@1.0.0+Build_e95e8cdb985302f805460bd5448cb045", "a@1.0.0+Build_e95e8cdb985302f805460bd5448cb045"},
	{"a@1.0.0+Build", 60, "a@1.0.0+Build_mfmcqlbf55b6bipcv3qj5fqouu", "a@1.0.0+Build_e95e8cdb985302f805460bd5448cb045", "a@1.0.0+Build_e95e8cdb985302f805460bd5448cb045"},
	{"pre@1.0.0-rc.1+x(b@1.0.0-RC)", 120, "pre@1.0.0-rc.1+x_b@1.0.0-RC_m4omcajhzcsqg6bzccqqa2fq5i", "pre@1.0.0-rc.1+x_b@1.0.0-RC_8de0c4161a0a558d188c5376f2947abe", "pre@1.0.0-rc.1+x_b@1.0.0-RC_8de0c4161a0a558d188c5376f2947abe"},
	{"pre@1.0.0-rc.1+x(b@1.0.0-RC)", 60, "pre@1.0.0-rc.1+x_b@1.0.0-RC_m4omcajhzcsqg6bzccqqa2fq5i", "pre@1.0.0-rc.1+x_b@1.0.0-RC_8de0c4161a0a558d188c5376f2947abe", "pre@1.0.0-rc.1+x_b@1.0.0-RC_8de0c4161a0a558d188c5376f2947abe"},
	{"noversion", 120, "noversion", "noversion", "noversion"},
	{"noversion", 60, "noversion", "noversion", "noversion"},
	{"ÀB@1.0.0", 120, "ÀB@1.0.0_h3hucdgl4mkwi5vp3tvuemydqq", "ÀB@1.0.0_41d1565e8181b047ceff066685a02704", "ÀB@1.0.0_41d1565e8181b047ceff066685a02704"},
	{"ÀB@1.0.0", 60, "ÀB@1.0.0_h3hucdgl4mkwi5vp3tvuemydqq", "ÀB@1.0.0_41d1565e8181b047ceff066685a02704", "ÀB@1.0.0_41d1565e8181b047ceff066685a02704"},
	{"star@https://x.example/*<>|\"", 120, "star@https+++x.example++++++", "star@https+++x.example++++++", "star@https+++x.example++++++_b4feaf6fa5b84835354b5d9565d6432b"},
	{"star@https://x.example/*<>|\"", 60, "star@https+++x.example++++++", "star@https+++x.example++++++", "star@https+++x.example+++++_b4feaf6fa5b84835354b5d9565d6432b"},
}

func TestPNPMDirs(t *testing.T) {
	for _, tt := range pnpmNames {
		for _, rule := range []struct {
			name      string
			got, want string
		}{
			{"pnpm 9", pnpm9Dir(tt.key, tt.most), tt.pnpm9},
			{"pnpm 10", pnpm10Dir(tt.key, tt.most), tt.pnpm10},
			{"pnpm 11", pnpm11Dir(tt.key, tt.most), tt.pnpm11},
		} {
			if rule.got != rule.want {
				t.Errorf("%s, %q, %d:\ngot  %q\nwant %q", rule.name, tt.key, tt.most, rule.got, rule.want)
			}
		}
	}
}
