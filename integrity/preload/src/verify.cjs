// The check of a file: its bytes are read once, compared with the map, and handed on.
'use strict';

const { create, newBytes, utf8Slice } = require('./primordials.cjs');
const { matches, metadata, metadataOf, recordOf, relative } = require('./image.cjs');
const { isPnpPath, read, readText, realOf } = require('./files.cjs');
const { readTrusted } = require('./trusted.cjs');
const { violation } = require('./violations.cjs');

const verifiedFiles = { __proto__: null, paths: create(null), count: 0, latest: undefined };

// verifiedText returns the text of a file whose bytes are those that were pinned.
// It hashes the text, which is the same for all that is UTF-8 and takes half the
// time. If the text does not match, the bytes decide.
function verifiedText(path, asked) {
  const at = placeOf(path);
  const text = at < 0 ? undefined : readText(path);
  if (text !== undefined && matches(at, text)) {
    checked(path);
    return text;
  }
  const bytes = verified(path, asked);
  return utf8Slice(bytes, 0, bytes.length);
}

// placeOf returns the offset of a file's record, or -1. Keys are real paths, and
// path may be that of a link.
function placeOf(path) {
  const below = relative(path);
  const at = below === undefined ? -1 : recordOf(below);
  if (at >= 0) return at;
  const real = relative(realOf(path));
  return real === undefined || real === below ? -1 : recordOf(real);
}

// verified returns the bytes of a file, which are those that were pinned, or those of a
// file in a trusted directory.
function verified(path, asked) {
  const at = placeOf(path);
  const trusted = at < 0 ? readTrusted(path) : undefined;
  if (trusted !== undefined) {
    checked(path);
    return trusted;
  }
  const bytes = read(path);
  if (at >= 0 && bytes !== undefined && matches(at, bytes)) {
    checked(path);
    return bytes;
  }
  const v = { __proto__: null, path: isPnpPath(path) ? realOf(path) : path, asked, code: at < 0 ? 'unlisted' : 'mismatch' };
  v.detail = at < 0 ? (relative(realOf(path)) === undefined ? 'outside the root, where no key can name it' : 'not in the map') : 'not what was pinned';
  if (at >= 0) v.want = metadata(at);
  v.got = bytes === undefined ? 'nothing that can be read' : metadataOf(at, bytes);
  violation(v);
  return bytes ?? newBytes(0);
}

function checked(path) {
  verifiedFiles.paths[verifiedFiles.count++] = path;
  verifiedFiles.latest = path;
}

module.exports = { __proto__: null, verifiedFiles, verifiedText, placeOf, verified };
