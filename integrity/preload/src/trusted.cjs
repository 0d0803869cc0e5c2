// Trusted directories: the operator has named directories outside the root whose files
// may be loaded without a check (nodeint run --trust). Each such file is counted.
'use strict';

const {
  O_APPEND, O_WRONLY, SafeSet, closeSync, openSync, pid, separator, setAdd, setHas, startsWith, stringifyJSON, writeSync,
} = require('./primordials.cjs');
const { digestOf } = require('./digest.cjs');
const { config } = require('./image.cjs');
const { read, realOf } = require('./files.cjs');

const dirs = config.trust ?? []; // absolute and real; none is the root, above it or below it
const counted = new SafeSet();

// trustedPath returns the real path of a file in a trusted directory, or undefined.
// A link in the root may lead there. The file is then read by its real path, so that
// nobody who can write only in the root can exchange it.
function trustedPath(path) {
  if (dirs.length === 0) return undefined;
  const real = realOf(path);
  for (let i = 0; i < dirs.length; i++) {
    if (startsWith(real, dirs[i] + separator)) return real;
  }
  return undefined;
}

// readTrusted returns the bytes of a file in a trusted directory, or undefined.
function readTrusted(path) {
  const real = trustedPath(path);
  const bytes = real === undefined ? undefined : read(real);
  if (bytes !== undefined) count(real);
  return bytes;
}

// isTrustedText reports whether bytes, or a text in UTF-8, are those of a file in a
// trusted directory.
function isTrustedText(path, text) {
  const real = trustedPath(path);
  const bytes = real === undefined ? undefined : read(real);
  return bytes !== undefined && digestOf('sha256', bytes, 'hex') === digestOf('sha256', text, 'hex');
}

// count writes the path to the launcher's file, once in each process and thread.
function count(real) {
  if (setHas(counted, real)) return;
  setAdd(counted, real);
  try {
    const fd = openSync(config.tally, O_WRONLY | O_APPEND);
    writeSync(fd, stringifyJSON({ __proto__: null, pid, trusted: real }) + '\n');
    closeSync(fd);
  } catch {} // the permission model may forbid it, and another user may not open it
}

module.exports = { __proto__: null, count, isTrustedText, readTrusted, trustedPath };
