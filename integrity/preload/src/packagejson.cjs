// A package.json decides what a name means, and Node reads it where no hook sees it.
// Most names are answered without it (resolve.cjs). If Node was asked, each that may have
// had a say in the resolution is compared with the map afterwards: the one of the module
// that asked, the one of the directory that was named, and that of the package. This is
// done each time, because Node may have read one of them only now.
'use strict';

const { charAt, create, dirname, endsWith, existsSync, indexOf, lastIndexOf, separator, slice, startsWith } = require('./primordials.cjs');
const { matches, metadata, metadataOf, packageOf, recordOf, relative, root } = require('./image.cjs');
const { isPnpPath, pnpFileExists, read, readText, realOf } = require('./files.cjs');
const { followLinks, hasNames } = require('./names.cjs');
const { packageName, pathOf } = require('./urls.cjs');
const { violation } = require('./violations.cjs');

const modules = separator + 'node_modules';

// checkManifests checks the package.json files of one resolution. parent is the path of
// the module that asked, and url the URL or path that Node found.
function checkManifests(specifier, parent, url) {
  const first = charAt(specifier, 0);
  const asker = parent !== undefined && isPnpPath(parent) ? realOf(parent) : parent;
  if (first === '#' && asker !== undefined) checkNearest(dirname(asker));
  let path = startsWith(url, 'node:') ? undefined : pathOf(url);
  if (path === undefined) return;
  if (isPnpPath(path)) path = realOf(path);
  if (!hasNames) checkNearest(dirname(path)); // else the load hook checks the format
  if (first === '#') {
    checkPackageOf(path);
  } else if (first === '.' || first === separator || startsWith(specifier, 'file:')) {
    if (first === '.' && asker !== undefined) checkSubpath(dirname(asker), '/' + specifier, path);
    else if (first === separator) checkSubpath('', specifier, path);
  } else {
    checkBare(specifier, asker, path);
  }
}

// checkBare checks the packages in which Node may have looked for a name: the one that
// asks, if it names itself, and the one of that name.
function checkBare(specifier, asker, path) {
  const name = packageName(specifier);
  if (asker !== undefined && isSelf(checkNearest(dirname(asker)), name, path)) return;
  const subpath = slice(specifier, name.length);
  const at = lastIndexOf(path, modules + separator + name + separator);
  if (at >= 0) checkPackage(slice(path, 0, at + 14 + name.length), subpath, path);
  else if (asker !== undefined) findPackage(dirname(asker), name, subpath, path);
}

// isSelf reports whether a file is in the package of a directory, and that has the name.
function isSelf(dir, name, path) {
  if (dir === undefined || !startsWith(path, dir + separator) || indexOf(path, modules + separator, dir.length) >= 0) return false;
  const below = dir === root ? '' : relative(dir) + '/';
  return startsWith(packageOf(below + 'package.json') ?? '', name + '@');
}

// findPackage checks the packages of a name in the directories upward: one of them
// led to path, through a link or by a main outside itself.
function findPackage(dir, name, subpath, path) {
  for (; ; dir = dirname(dir)) {
    if (checkPackage(realOf(dir + modules + separator + name), subpath, path) || dir === root || dir === '') return;
  }
}

// checkPackage checks the package.json of a package, and that of the directory in it that
// was named. It reports whether the package has one.
function checkPackage(dir, subpath, path) {
  if (!checkManifest(dir)) return false;
  checkSubpath(dir, subpath, path);
  return true;
}

// checkPackageOf checks the package that contains a file, if it is installed.
function checkPackageOf(path) {
  const at = lastIndexOf(path, modules + separator);
  if (at < 0) return;
  let end = indexOf(path, separator, at + 14);
  if (end >= 0 && charAt(path, at + 14) === '@') end = indexOf(path, separator, end + 1);
  if (end >= 0) checkManifest(slice(path, 0, end));
}

// checkNearest checks the package.json that Node uses for the files of a directory, and
// that none is nearer. It returns the directory that has it.
function checkNearest(dir) {
  while (!endsWith(dir, modules)) {
    if (checkManifest(dir)) return dir;
    if (dir === root || !startsWith(dir, root)) return undefined;
    dir = dirname(dir);
  }
  return undefined;
}

// checkSubpath checks the directory that was named, unless the file is not from it.
function checkSubpath(base, subpath, path) {
  let dir = base;
  for (let rest = subpath; rest !== ''; ) {
    const end = indexOf(rest, '/', 1);
    const part = slice(rest, charAt(rest, 0) === '/' ? 1 : 0, end < 0 ? rest.length : end);
    rest = end < 0 ? '' : slice(rest, end);
    if (part === '..') dir = dirname(dir);
    else if (part !== '' && part !== '.') dir += separator + part;
  }
  if (dir !== base && dir !== path) checkManifest(dir);
}

// checkStarted checks the package.json of what a process or thread was started with, if
// Node started another file.
function checkStarted(named) {
  checkManifest(realOf(named));
}

// refused are the package.json files that were wrong once: Node reads each once, and
// may go on with what it read then.
const refused = create(null);

// checkManifest checks the package.json of a directory, and reports whether it has one.
function checkManifest(dir) {
  const path = dir + separator + 'package.json';
  const below = relative(path);
  if (below === undefined) return false;
  let at = recordOf(below);
  // Few directories have one, and an exception takes longer than all else here.
  const text = at >= 0 || existsSync(path) ? readText(path) : undefined;
  const inPnp = isPnpPath(path) && pnpFileExists(path);
  const isRefused = refused[path] === true;
  if (text === undefined && at < 0 && !inPnp && !isRefused) return false;
  if (at < 0) at = recordOfLink(path, below);
  if (!isRefused && text !== undefined && at >= 0 && matches(at, text)) return true;
  compare(path, at, read(path));
  return true;
}

// checkText checks the bytes of a package.json that were read, or undefined if it could
// not be read.
function checkText(path, bytes) {
  const below = relative(path);
  if (below === undefined) return;
  let at = recordOf(below);
  if (at < 0 && bytes === undefined) return;
  if (at < 0) at = recordOfLink(path, below);
  compare(path, at, bytes);
}

// compare compares the bytes of a package.json with the record at an offset.
function compare(path, at, bytes) {
  const isRefused = refused[path] === true;
  if (!isRefused && bytes !== undefined && at >= 0 && matches(at, bytes)) return;
  refused[path] = true;
  const v = { __proto__: null, path, code: at < 0 ? 'unlisted' : 'mismatch' };
  v.detail = isRefused ? 'was not what was pinned when Node may have read it' : at < 0 ? 'not in the map, and it changes what names mean' : 'not what was pinned';
  if (at >= 0) v.want = metadata(at);
  v.got = bytes === undefined ? 'nothing' : metadataOf(at, bytes);
  violation(v);
}

// recordOfLink returns the offset of the record of the file behind a link, if the map has
// the link, or -1.
function recordOfLink(path, below) {
  const target = followLinks(below);
  return target !== undefined && relative(realOf(path)) === target ? recordOf(target) : -1;
}

module.exports = { __proto__: null, checkManifests, checkNearest, checkStarted, checkText };
