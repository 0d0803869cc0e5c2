// Flags of V8 that the program sets while it runs: those of the launcher's table.
'use strict';

const { apply, charAt, indexOf, push, slice, startsWith } = require('./primordials.cjs');
const { kindOf } = require('./nodeoptions.cjs');
const { replace } = require('./patch.cjs');
const { violation } = require('./violations.cjs');

// guardV8 patches node:v8, and the binding of Node that has the same function.
function guardV8(exports) {
  const { setFlagsFromString } = exports;
  if (setFlagsFromString === undefined) return;
  replace(exports, 'setFlagsFromString', function (flags) {
    if (typeof flags !== 'string') return apply(setFlagsFromString, this, []); // throws
    const words = wordsOf(flags);
    for (let i = 0; i < words.length; i++) checkFlag(words[i]);
    return apply(setFlagsFromString, this, [flags]);
  });
}

// wordsOf splits a text as V8 does.
function wordsOf(text) {
  const words = [];
  let word = '';
  for (let i = 0; i <= text.length; i++) {
    const c = charAt(text, i);
    if (c > ' ' && c !== '\x7f') word += c;
    else if (word !== '') {
      push(words, word);
      word = '';
    }
  }
  return words;
}

// checkFlag refuses a flag that the table does not have among those that are passed on.
// V8 takes one dash or two, and "no" before a name. What has no dash is a value.
function checkFlag(word) {
  if (charAt(word, 0) !== '-') return;
  let name = slice(word, charAt(word, 1) === '-' ? 2 : 1);
  const equals = indexOf(name, '=');
  if (equals >= 0) name = slice(name, 0, equals);
  if (kindOf('--' + name) === 'pass') return;
  if (startsWith(name, 'no') && kindOf('--' + slice(name, 2)) === 'pass') return;
  violation({ __proto__: null, code: 'flag', detail: 'v8.setFlagsFromString() with --' + name + ', which is not among the flags that change nothing about what is loaded' });
}

module.exports = { __proto__: null, guardV8 };
