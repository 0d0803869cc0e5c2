// The image that the launcher sealed: the configuration, a digest for each pinned file, what
// names mean (names.cjs), and the names of the packages. The comment of package launch
// specifies it.
'use strict';

const { image } = require('./input.cjs');
const {
  SafeDataView, SafeSet, assign, base64Slice, charAt, create, endsWith, freeze, hexSlice, indexOf, lastIndexOf, parseJSON, parseNumber,
  separator, setAdd, setHas, slice, startsWith, utf8Slice,
} = require('./primordials.cjs');
const { imageSize, need, useBody } = require('./blocks.cjs');
const { digestOf, useNative } = require('./digest.cjs');

const view = new SafeDataView(image.buffer, image.byteOffset, image.byteLength);
const word = (at) => view.getUint32(at, true); // eslint-disable-line preload/primordials -- called below, before the program runs
const scriptEnd = 32 + word(8);
const configEnd = scriptEnd + word(12);
const records = word(16);
const digestSize = word(20);
const recordSize = 24 + digestSize;
if (digestSize > 32) useNative(); // SHA-384 or SHA-512
const namesSize = word(24);
const bodySize = records * recordSize + namesSize + word(28);
const firstRecord = imageSize - bodySize;
const recordsEnd = firstRecord + records * recordSize;
const packagesAt = recordsEnd + namesSize;

const config = freeze(assign(create(null), parseJSON(utf8Slice(image, scriptEnd, configEnd))));
useBody((configEnd + 7) & ~7, firstRecord, config);
const allowed = create(null); // powers that --allow gives, by name
for (const power of config.allow) allowed[power] = true;
const root = config.root === separator ? '' : config.root;

// packageOf names the package that contains a file. A package in node_modules that is
// not in the map is named as it is installed, without a version.
let packages;
function packageOf(path) {
  packages ??= readPackages();
  for (let dir = path; dir !== ''; ) {
    dir = slice(dir, 0, lastIndexOf(dir, '/') < 0 ? 0 : lastIndexOf(dir, '/'));
    if (packages[dir] !== undefined) return packages[dir];
    if (dir === 'node_modules' || endsWith(dir, '/node_modules')) return installedName(slice(path, dir.length + 1));
  }
  return undefined;
}

function readPackages() {
  need(packagesAt, imageSize);
  return assign(create(null), parseJSON(utf8Slice(image, packagesAt, imageSize)));
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
  for (let at = firstOf(parseNumber(slice(key, 0, 8), 16)); at < recordsEnd; at += recordSize) {
    need(at, at + recordSize);
    const got = hexSlice(image, at, at + 16);
    if (got === key) return at;
    if (got > key) break;
  }
  return -1;
}

// firstOf returns the offset of the first record whose key begins with a number or a larger
// one. Keys are digests: the search begins where the record is if they are spread evenly, so
// that it needs few blocks.
function firstOf(wanted) {
  let low = (wanted / 0x100000000 * records) >>> 0;
  let high = low;
  for (let step = 64; low > 0 && prefixOf(low - 1) >= wanted; step *= 2) {
    high = low - 1;
    low = high > step ? high - step : 0;
  }
  for (let step = 64; high < records && prefixOf(high) < wanted; step *= 2) {
    low = high + 1;
    high = records - low > step ? low + step : records;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prefixOf(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return firstRecord + low * recordSize;
}

function prefixOf(record) {
  const at = firstRecord + record * recordSize;
  need(at, at + 4);
  return ((image[at] << 24) | (image[at + 1] << 16) | (image[at + 2] << 8) | image[at + 3]) >>> 0;
}

// matches reports whether bytes, or a text in UTF-8, have one of the digests of the
// path whose first record is at the offset.
function matches(at, bytes) {
  const key = hexSlice(image, at, at + 16);
  const algorithm = image[at + 16];
  const got = digestOf(algorithms[algorithm], bytes, 'hex');
  for (; at < recordsEnd; at += recordSize) {
    need(at, at + recordSize);
    if (hexSlice(image, at, at + 16) !== key) break;
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
    need(firstRecord, recordsEnd);
    everyDigest = new SafeSet();
    for (let at = firstRecord; at < recordsEnd; at += recordSize) {
      setAdd(everyDigest, hexSlice(image, at + 24, at + 24 + sizes[image[at + 16]]));
    }
  }
  for (let a = 1; a < algorithms.length; a++) {
    if (sizes[a] <= digestSize && setHas(everyDigest, digestOf(algorithms[a], bytes, 'hex'))) return true;
  }
  return false;
}

module.exports = {
  __proto__: null, config, allowed, root, packageOf, relative, withSlashes, recordOf, matches, metadata, metadataOf, isPinnedSomewhere, namesAt: recordsEnd, namesEnd: packagesAt,
};
