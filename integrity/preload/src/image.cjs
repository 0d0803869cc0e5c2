// The image that the launcher sealed: the configuration, the names of the packages,
// a digest for each pinned file, and what names mean (names.cjs). The comment of package launch specifies it.
'use strict';

const { image } = require('./input.cjs');
const {
  SafeDataView, SafeSet, assign, base64Slice, charAt, create, endsWith, freeze, hexSlice, indexOf, lastIndexOf, parseJSON, parseNumber,
  separator, setAdd, setHas, slice, startsWith, utf8Slice,
} = require('./primordials.cjs');
const { digestOf } = require('./digest.cjs');

const view = new SafeDataView(image.buffer, image.byteOffset, image.byteLength);
const word = (at) => view.getUint32(at, true); // eslint-disable-line preload/primordials -- called below, before the program runs
const scriptEnd = 32 + word(8);
const configEnd = scriptEnd + word(12);
const packagesEnd = configEnd + word(16);
const records = word(20);
const digestSize = word(24);
const recordSize = 24 + digestSize;
const firstRecord = (packagesEnd + 7) & ~7;
const namesAt = firstRecord + records * recordSize;

const config = freeze(assign(create(null), parseJSON(utf8Slice(image, scriptEnd, configEnd))));
const allowed = create(null); // powers that --allow gives, by name
for (const power of config.allow) allowed[power] = true;
const root = config.root === separator ? '' : config.root;

// packageOf names the package that contains a file. A package in node_modules that is
// not in the map is named as it is installed, without a version.
let packages;
function packageOf(path) {
  packages ??= assign(create(null), parseJSON(utf8Slice(image, configEnd, packagesEnd)));
  for (let dir = path; dir !== ''; ) {
    dir = slice(dir, 0, lastIndexOf(dir, '/') < 0 ? 0 : lastIndexOf(dir, '/'));
    if (packages[dir] !== undefined) return packages[dir];
    if (dir === 'node_modules' || endsWith(dir, '/node_modules')) return installedName(slice(path, dir.length + 1));
  }
  return undefined;
}

// installedName returns the name that a path below node_modules begins with, or
// undefined for a file in node_modules itself.
function installedName(path) {
  let end = indexOf(path, '/');
  if (end >= 0 && startsWith(path, '@')) end = indexOf(path, '/', end + 1);
  return end < 0 ? undefined : slice(path, 0, end);
}

// relative returns the path relative to the root, with slashes, as the map's keys
// have it. It returns undefined for a path outside the root.
function relative(path) {
  if (!startsWith(path, root + separator)) return undefined;
  return withSlashes(slice(path, root.length + 1));
}

function withSlashes(path) {
  if (separator === '/') return path;
  let out = '';
  for (let i = 0; i < path.length; i++) out += charAt(path, i) === separator ? '/' : charAt(path, i);
  return out;
}

const algorithms = [undefined, 'sha256', 'sha384', 'sha512'];
const sizes = [0, 32, 48, 64];

// recordOf returns the offset of the first record of a path, or -1.
function recordOf(below) {
  const key = slice(digestOf('sha256', below, 'hex'), 0, 32);
  const wanted = parseNumber(slice(key, 0, 8), 16);
  let low = 0;
  let high = records;
  while (low < high) { // find the first record whose key begins with wanted or a larger number
    const middle = (low + high) >>> 1;
    if (prefixAt(firstRecord + middle * recordSize) < wanted) low = middle + 1;
    else high = middle;
  }
  for (let at = firstRecord + low * recordSize; low < records && prefixAt(at) === wanted; low++, at += recordSize) {
    if (hexSlice(image, at, at + 16) === key) return at;
  }
  return -1;
}

function prefixAt(at) {
  return ((image[at] << 24) | (image[at + 1] << 16) | (image[at + 2] << 8) | image[at + 3]) >>> 0;
}

// matches reports whether bytes, or a text in UTF-8, have one of the digests of the
// path whose first record is at the offset.
function matches(at, bytes) {
  const key = hexSlice(image, at, at + 16);
  const algorithm = image[at + 16];
  const got = digestOf(algorithms[algorithm], bytes, 'hex');
  const end = firstRecord + records * recordSize;
  for (; at < end && hexSlice(image, at, at + 16) === key; at += recordSize) {
    if (hexSlice(image, at + 24, at + 24 + sizes[algorithm]) === got) return true;
  }
  return false;
}

// metadata returns the integrity metadata of a record, in the map's form.
function metadata(at) {
  const algorithm = image[at + 16];
  return algorithms[algorithm] + '-' + base64Slice(image, at + 24, at + 24 + sizes[algorithm]);
}

// metadataOf returns the integrity metadata of bytes, by the record's algorithm.
function metadataOf(at, bytes) {
  const algorithm = algorithms[at < 0 ? 1 : image[at + 16]];
  return algorithm + '-' + digestOf(algorithm, bytes, 'base64');
}

// isPinnedSomewhere reports whether any pinned file has these bytes.
let everyDigest; // in hexadecimal
function isPinnedSomewhere(bytes) {
  if (everyDigest === undefined) {
    everyDigest = new SafeSet();
    for (let i = 0, at = firstRecord; i < records; i++, at += recordSize) {
      setAdd(everyDigest, hexSlice(image, at + 24, at + 24 + sizes[image[at + 16]]));
    }
  }
  for (let a = 1; a < algorithms.length; a++) {
    if (sizes[a] <= digestSize && setHas(everyDigest, digestOf(algorithms[a], bytes, 'hex'))) return true;
  }
  return false;
}

module.exports = {
  __proto__: null, config, allowed, root, packageOf, relative, withSlashes, recordOf, matches, metadata, metadataOf, isPinnedSomewhere, namesAt,
};
