// ELF files, as far as the system's loader reads them to find other files: which
// libraries one needs, and in which directories they are.
'use strict';

const { create, indexOf, push, slice, utf8Slice } = require('./primordials.cjs');

// dynamicOf returns the names of the libraries that a file needs, and its search paths,
// with their tokens. It returns undefined for what is no little-endian ELF file with a
// dynamic section.
function dynamicOf(bytes) {
  if (bytes.length < 64 || number(bytes, 0, 4) !== 0x464c457f || bytes[5] !== 1) return undefined;
  const size = bytes[4] === 2 ? 8 : 4; // of an address
  const table = number(bytes, size === 8 ? 32 : 28, size);
  const entrySize = number(bytes, size === 8 ? 54 : 42, 2);
  const count = number(bytes, size === 8 ? 56 : 44, 2);
  const segments = [];
  let dynamic;
  for (let i = 0; i < count; i++) {
    const at = table + i * entrySize;
    const type = number(bytes, at, 4);
    const segment = {
      __proto__: null,
      offset: number(bytes, at + (size === 8 ? 8 : 4), size),
      address: number(bytes, at + (size === 8 ? 16 : 8), size),
      length: number(bytes, at + (size === 8 ? 32 : 16), size),
    };
    if (type === 1) push(segments, segment);
    if (type === 2) dynamic = segment;
  }
  return dynamic === undefined ? undefined : namesIn(bytes, dynamic, segments, size);
}

// Tags of the dynamic section.
const needed = 1;
const strings = 5;
const searchPaths = { __proto__: null, 15: true, 29: true }; // RPATH, RUNPATH
const alsoLoaded = { __proto__: null, 0x6ffffefb: true, 0x6ffffefc: true, 0x7ffffffd: true, 0x7fffffff: true }; // audit, filter

function namesIn(bytes, dynamic, segments, size) {
  const out = { __proto__: null, needed: [], paths: [] };
  const found = create(null);
  let length = 0;
  let table = 0;
  for (let at = dynamic.offset; at + 2 * size <= dynamic.offset + dynamic.length && at + 2 * size <= bytes.length; at += 2 * size) {
    const tag = number(bytes, at, size);
    const value = number(bytes, at + size, size);
    if (tag === 0) break;
    if (tag === strings) table = offsetOf(value, segments);
    else found[length++] = { __proto__: null, tag, value };
  }
  for (let i = 0; i < length; i++) {
    const { tag, value } = found[i];
    if (tag === needed || alsoLoaded[tag] === true) push(out.needed, stringAt(bytes, table + value));
    else if (searchPaths[tag] === true) pushPaths(out.paths, stringAt(bytes, table + value));
  }
  return out;
}

// offsetOf returns where in the file an address is.
function offsetOf(address, segments) {
  for (let i = 0; i < segments.length; i++) {
    const s = segments[i];
    if (address >= s.address && address < s.address + s.length) return address - s.address + s.offset;
  }
  return address;
}

function stringAt(bytes, at) {
  let end = at;
  while (end < bytes.length && bytes[end] !== 0) end++;
  return utf8Slice(bytes, at, end);
}

function pushPaths(paths, text) {
  let begin = 0;
  for (let end = indexOf(text, ':'); end >= 0; end = indexOf(text, ':', begin)) {
    push(paths, slice(text, begin, end));
    begin = end + 1;
  }
  push(paths, slice(text, begin));
}

// number reads an unsigned little-endian number. Bytes behind the end are 0.
function number(bytes, at, size) {
  let n = 0;
  for (let i = size - 1; i >= 0; i--) n = n * 256 + (bytes[at + i] ?? 0);
  return n;
}

module.exports = { __proto__: null, dynamicOf };
