// A reader of zips, for Yarn's Plug'n'Play. It may be simple: the bytes that it
// returns are compared with the map, so a bug in it admits no bytes that are not
// pinned. APPNOTE is the .ZIP File Format Specification, 6.3.10.
'use strict';

const { O_NONBLOCK, O_RDONLY, builtin, closeSync, copyOf, create, freeze, fstatSync, newBytes, openSync, readSync, utf8Slice } = require('./primordials.cjs');
const { withSlashes } = require('./image.cjs');

const inflate = builtin('zlib').inflateRawSync;
const zips = create(null); // directories of zips, by path
const noFiles = freeze(create(null));
const maxSize = 1 << 30;

// directoryOf returns where each file of a zip is, by name (APPNOTE §4.3.12,
// §4.3.16). It reads each zip once: if the zip changes later, its files no longer
// have the pinned bytes.
function directoryOf(zip) {
  if (zips[zip] !== undefined) return zips[zip];
  let fd;
  try {
    fd = openSync(zip, O_RDONLY | O_NONBLOCK);
  } catch {
    return noFiles;
  }
  try {
    const size = fstatSync(fd).size;
    const end = size < 22 ? undefined : readPart(fd, size - 22, 22);
    if (end === undefined || uint32(end, 0) !== 0x06054b50) return noFiles;
    const directory = readPart(fd, uint32(end, 16), uint32(end, 12));
    return directory === undefined ? noFiles : (zips[zip] = filesOf(directory));
  } catch {
    return noFiles;
  } finally {
    closeSync(fd);
  }
}

function filesOf(b) {
  const files = create(null);
  for (let at = 0; at + 46 <= b.length && uint32(b, at) === 0x02014b50; ) {
    const name = at + 46;
    const length = uint16(b, at + 28);
    files[utf8Slice(b, name, name + length)] = {
      __proto__: null, deflated: uint16(b, at + 10) === 8, packed: uint32(b, at + 20), size: uint32(b, at + 24), start: uint32(b, at + 42),
    };
    at = name + length + uint16(b, at + 30) + uint16(b, at + 32);
  }
  return files;
}

function hasMember(zip, name) {
  return directoryOf(zip)[withSlashes(name)] !== undefined;
}

// readMember returns the bytes of a file in a zip, or undefined.
function readMember(zip, name) {
  const file = directoryOf(zip)[withSlashes(name)];
  if (file === undefined || file.size > maxSize) return undefined;
  let fd;
  try {
    fd = openSync(zip, O_RDONLY | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const header = readPart(fd, file.start, 30);
    const bytes = header && readPart(fd, file.start + 30 + uint16(header, 26) + uint16(header, 28), file.packed);
    if (bytes === undefined || !file.deflated) return bytes;
    // A copy: the program may have replaced what zlib makes its buffers of, and keep them.
    return copyOf(inflate(bytes, { __proto__: null, maxOutputLength: file.size || 1 }));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

// readPart reads exactly length bytes of a file, or returns undefined.
function readPart(fd, start, length) {
  if (length > maxSize) return undefined;
  const bytes = newBytes(length);
  for (let have = 0; have < length; ) {
    const n = readSync(fd, bytes, have, length - have, start + have);
    if (n === 0) return undefined;
    have += n;
  }
  return bytes;
}

const uint16 = (b, at) => b[at] | (b[at + 1] << 8);
const uint32 = (b, at) => (uint16(b, at) | (uint16(b, at + 2) << 16)) >>> 0;

module.exports = { __proto__: null, hasMember, readMember };
