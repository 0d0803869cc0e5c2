// A package.json decides what a name means, and Node reads it where no hook sees
// it. So the preload compares each that may have had a part in a resolution with the
// map, after the resolution: those of the directories from the file up to the root,
// the one of the directory that was named, and that of the package. Node caches what
// it has read, so once for each is enough.
'use strict';

const { charAt, create, dirname, existsSync, indexOf, lastIndexOf, separator, slice, startsWith } = require('./primordials.cjs');
const { matches, metadata, metadataOf, recordOf, relative, root } = require('./image.cjs');
const { isPnpPath, pnpFileExists, read, readText, realOf } = require('./files.cjs');
const { packageName, pathOf } = require('./urls.cjs');
const { violation } = require('./violations.cjs');

const checkedDirs = create(null); // true by directory
const hasManifest = create(null); // by directory, of those checked: there is a package.json

// checkManifests checks the package.json files of one resolution.
function checkManifests(specifier, parentURL, url) {
  let path = pathOf(url);
  if (path === undefined) return;
  if (isPnpPath(path)) path = realOf(path);
  checkUpward(dirname(path));
  const first = charAt(specifier, 0);
  if (first === '.' || first === '/' || first === '#' || startsWith(specifier, 'file:')) {
    checkNamed(specifier, parentURL, path);
    return;
  }
  const name = packageName(specifier);
  const at = lastIndexOf(path, separator + 'node_modules' + separator + name + separator);
  const parent = pathOf(parentURL);
  if (at >= 0) checkSubpath(slice(path, 0, at + 14 + name.length), slice(specifier, name.length), path);
  else if (parent !== undefined) findPackage(dirname(parent), name, slice(specifier, name.length), path);
}

// checkUpward checks the directory and those above it, as far as the root.
function checkUpward(dir) {
  while (checkedDirs[dir] === undefined) {
    checkedDirs[dir] = true;
    checkManifest(dir);
    if (dir === root || !startsWith(dir, root)) return;
    dir = dirname(dir);
  }
}

// checkNamed checks the directory that a relative specifier names, if it is a
// directory whose package.json led elsewhere.
function checkNamed(specifier, parentURL, path) {
  let parent = pathOf(parentURL);
  if (charAt(specifier, 0) !== '.' || parent === undefined) return;
  if (isPnpPath(parent)) parent = realOf(parent);
  checkSubpath(dirname(parent), '/' + specifier, path);
}

function checkSubpath(base, subpath, path) {
  let dir = base;
  for (let rest = subpath; rest !== ''; ) {
    const end = indexOf(rest, '/', 1);
    const part = slice(rest, charAt(rest, 0) === '/' ? 1 : 0, end < 0 ? rest.length : end);
    rest = end < 0 ? '' : slice(rest, end);
    if (part === '..') dir = dirname(dir);
    else if (part !== '' && part !== '.') dir += separator + part;
  }
  if (!startsWith(path, dir) || charAt(path, dir.length) === separator) checkUpward(dir);
}

// findPackage checks the packages of a name in the directories upward: one of them
// led to path, through a link or by a main outside itself.
function findPackage(dir, name, subpath, path) {
  for (; ; dir = dirname(dir)) {
    const place = dir + separator + 'node_modules' + separator + name;
    const real = realOf(place);
    checkUpward(real);
    if (hasManifest[real] === true) {
      checkSubpath(real, subpath, path);
      return;
    }
    if (dir === root || dir === '') return;
  }
}

function checkManifest(dir) {
  const path = dir + separator + 'package.json';
  const below = relative(path);
  if (below === undefined) return;
  const at = recordOf(below);
  // Few directories have one, and an exception takes longer than all else here.
  const text = at >= 0 || existsSync(path) ? readText(path) : undefined;
  const inPnp = isPnpPath(path) && pnpFileExists(path);
  if (text === undefined && at < 0 && !inPnp) return;
  hasManifest[dir] = text !== undefined || inPnp;
  if (text !== undefined && at >= 0 && matches(at, text)) return;
  const bytes = read(path);
  if (bytes !== undefined && at >= 0 && matches(at, bytes)) return;
  const v = { __proto__: null, path, code: at < 0 ? 'unlisted' : 'mismatch' };
  v.detail = at < 0 ? 'not in the map, and it changes what names mean' : 'not what was pinned';
  if (at >= 0) v.want = metadata(at);
  v.got = bytes === undefined ? 'nothing' : metadataOf(at, bytes);
  violation(v);
}

module.exports = { __proto__: null, checkManifests };
