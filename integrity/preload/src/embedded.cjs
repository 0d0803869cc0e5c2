// WebAssembly in the text of a module: in base64, or as a list of numbers.
'use strict';

const { base64Slice, charAt, charCodeAt, indexOf, slice } = require('./primordials.cjs');

const magic = 'AGFzbQ'; // NUL a s m, in base64
const magicNumbers = [0, 97, 115, 109];

// needleOf returns what a text is searched for: the bytes, and their base64 without the
// padding at the end.
function needleOf(bytes) {
  let base64 = base64Slice(bytes, 0, bytes.length);
  let end = base64.length;
  while (charAt(base64, end - 1) === '=') end--;
  base64 = slice(base64, 0, end);
  return { __proto__: null, bytes, base64, urlSafe: undefined };
}

// toURLSafe replaces + by - and / by _.
function toURLSafe(base64) {
  let out = '';
  let from = 0;
  for (;;) {
    const plus = indexOf(base64, '+', from);
    const slash = indexOf(base64, '/', from);
    const at = plus < 0 || (slash >= 0 && slash < plus) ? slash : plus;
    if (at < 0) return out + slice(base64, from);
    out += slice(base64, from, at) + (at === plus ? '-' : '_');
    from = at + 1;
  }
}

// hasWasm reports whether a text holds any WebAssembly.
function hasWasm(text) {
  if (indexOf(text, magic) >= 0) return true;
  for (let from = indexOf(text, '['); from >= 0; from = indexOf(text, '[', from + 1)) {
    if (matchList(text, from + 1, magicNumbers, magicNumbers.length)) return true;
  }
  return false;
}

// holds reports whether a text holds all of the bytes, and no more at that place.
function holds(text, needle) {
  const { bytes, base64 } = needle;
  if (bytes.length < 8) return false;
  for (let from = indexOf(text, magic); from >= 0; from = indexOf(text, magic, from + 1)) {
    if (from > 0 && isBase64(charCodeAt(text, from - 1)) || isBase64(charCodeAt(text, from + base64.length))) continue;
    const found = slice(text, from, from + base64.length);
    if (found === base64) return true;
    if (indexOf(found, '-') >= 0 || indexOf(found, '_') >= 0) {
      needle.urlSafe ??= toURLSafe(base64);
      if (found === needle.urlSafe) return true;
    }
  }
  for (let from = indexOf(text, '['); from >= 0; from = indexOf(text, '[', from + 1)) {
    const end = matchList(text, from + 1, bytes, bytes.length);
    if (end > 0 && charAt(text, end) === ']') return true;
  }
  return false;
}

// matchList reads numbers as they stand in a source, with comments between: 0, 97, 115, 109.
// It returns the index behind them, or 0 if they are others than the first ones of a list.
function matchList(text, at, numbers, count) {
  for (let i = 0; i < count; i++) {
    at = skipSpace(text, at);
    const begin = at;
    let n = 0;
    for (let c = charCodeAt(text, at); c >= 48 && c <= 57 && n < 256; c = charCodeAt(text, ++at)) n = 10 * n + c - 48;
    if (at === begin || n !== numbers[i]) return 0;
    at = skipSpace(text, at);
    if (i + 1 < count && charAt(text, at++) !== ',') return 0;
  }
  if (charAt(text, at) === ',') at = skipSpace(text, at + 1); // at the end of the list
  return at;
}

// skipSpace returns the next index that is no white space and no comment.
function skipSpace(text, at) {
  for (;;) {
    const c = charCodeAt(text, at);
    const next = c === 47 ? charCodeAt(text, at + 1) : 0; // a slash
    if (c === 32 || (c >= 9 && c <= 13)) at++;
    else if (next === 47 || next === 42) {
      const end = next === 47 ? indexOf(text, '\n', at) : indexOf(text, '*/', at + 2);
      if (end < 0) return text.length;
      at = end + (next === 47 ? 1 : 2);
    } else return at;
  }
}

function isBase64(c) {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || (c >= 47 && c <= 57) || c === 43 || c === 45 || c === 95;
}

module.exports = { __proto__: null, magic, needleOf, hasWasm, holds };
