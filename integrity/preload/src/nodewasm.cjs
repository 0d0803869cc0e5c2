// WebAssembly of Node itself: of fetch, of the stripping of types, and in Node 22 of the
// lexer of CommonJS. It stands in the text of Node's own modules, in base64.
'use strict';

const {
  O_RDONLY, closeSync, execPath, findBytes, getOwnPropertyDescriptor, latin1Slice, newBytes, openSync, push, readSync, startsWith,
} = require('./primordials.cjs');
const { nativeTexts } = require('./bindings.cjs');
const { holds, magic } = require('./embedded.cjs');

// holdsNode reports whether a module of Node holds the bytes.
function holdsNode(needle) {
  const natives = nativeTexts();
  if (natives === undefined) return holdsExecutable(needle);
  for (const name in natives) {
    if (!startsWith(name, 'internal/deps/')) continue;
    // Only Node can have made an own property: the program may have put some on
    // Object.prototype.
    const text = getOwnPropertyDescriptor(natives, name)?.value;
    if (typeof text === 'string' && holds(text, needle)) return true;
  }
  return false;
}

// holdsExecutable searches the file of node, in which the texts of its modules are:
// under the permission model there is no other way to them.
function holdsExecutable(needle) {
  let fd;
  try {
    fd = openSync(execPath, O_RDONLY);
  } catch {
    return false;
  }
  try {
    places ??= findPlaces(fd);
    for (let i = 0; i < places.length; i++) {
      if (holds(textAt(fd, places[i], needle.base64.length), needle)) return true;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

let places; // where WebAssembly begins in the file

function findPlaces(fd) {
  const found = [];
  const bytes = newBytes((1 << 22) + magic.length);
  const step = bytes.length - magic.length + 1;
  for (let at = 0, length = bytes.length; length === bytes.length; at += step) {
    length = readSync(fd, bytes, 0, bytes.length, at);
    for (let i = findBytes(bytes, magic, 0); i >= 0 && i < length; i = findBytes(bytes, magic, i + 1)) push(found, at + i);
  }
  return found;
}

// textAt returns some characters of the file, with one before them and one behind.
function textAt(fd, at, length) {
  const bytes = newBytes(length + 2);
  return latin1Slice(bytes, 0, readSync(fd, bytes, 0, bytes.length, at - 1));
}

module.exports = { __proto__: null, holdsNode };
