// Digests. SHA-256 is computed by the module of package sha256wasm until node:crypto is
// loaded: to load that takes several times longer, and many programs do without.
'use strict';

const {
  base64Slice, builtin, bytesOf, charCodeAt, hexSlice, lengthOf, partOf, setBytes, slice, utf8Write, wholeBuffer,
} = require('./primordials.cjs');
const { sha256 } = require('./input.cjs');
const { whenLoaded } = require('./loaded.cjs');

const native = { __proto__: null, hash: undefined }; // crypto.hash
whenLoaded('crypto', takeHash);
if (sha256 === undefined) useNative();

// takeHash runs before the program gets the module, and could replace the function.
function takeHash(crypto) {
  native.hash = crypto.hash;
}

// useNative loads node:crypto, before the program runs: later the stack may be full, and Node
// aborts when it loads the module a second time.
function useNative() {
  if (native.hash === undefined) takeHash(builtin('crypto'));
}

// digestOf returns the digest of bytes, or of a text in UTF-8, in 'hex' or 'base64'. The
// algorithm is SHA-256 unless useNative was called.
function digestOf(algorithm, data, encoding) {
  const { hash } = native;
  if (hash !== undefined) return hash(algorithm, data, encoding);
  if (typeof data === 'string') ofText(data);
  else ofBytes(bytesOf(data));
  const encode = encoding === 'hex' ? hexSlice : base64Slice;
  return encode(memory, digestAt, digestAt + 32);
}

// The memory of the module: package sha256wasm specifies it.
const digestAt = 32;
const dataAt = 1024;
const room = 1 << 13; // for bytes of the message
const { start, blocks, finish } = sha256 ?? {};
const memory = sha256 === undefined ? undefined : wholeBuffer(sha256.memory);

function ofBytes(bytes) {
  const length = lengthOf(bytes);
  let at = 0;
  start();
  for (; length - at > room; at += room) {
    setBytes(memory, partOf(bytes, at, at + room), dataAt);
    blocks(dataAt, dataAt + room);
  }
  setBytes(memory, at === 0 ? bytes : partOf(bytes, at, length), dataAt);
  finishMessage(dataAt + length - at, length);
}

// ofText hashes a text by parts, each of which takes at most three bytes for a code unit and
// ends with no half of a surrogate pair.
function ofText(text) {
  let length = 0;
  let end = dataAt; // of what is in the memory
  start();
  for (let at = 0; at < text.length; ) {
    let next = at + (room >> 2);
    if (next >= text.length) next = text.length;
    else if ((charCodeAt(text, next - 1) & 0xfc00) === 0xd800) next--;
    const written = utf8Write(memory, next - at === text.length ? text : slice(text, at, next), end, room);
    at = next;
    length += written;
    end += written;
    if (at < text.length) end = hashBlocks(end);
  }
  finishMessage(end, length);
}

function finishMessage(end, length) {
  finish(dataAt, end, (length / 0x20000000) >>> 0, length << 3);
}

// hashBlocks hashes the whole blocks before an address, moves what is left to the beginning,
// and returns its end.
function hashBlocks(end) {
  const whole = end - ((end - dataAt) & 63);
  blocks(dataAt, whole);
  for (let i = whole; i < end; i++) memory[dataAt + i - whole] = memory[i];
  return dataAt + end - whole;
}

module.exports = { __proto__: null, digestOf, useNative };
