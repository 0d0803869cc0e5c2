// Node's flags, on command lines and in NODE_OPTIONS.
'use strict';

const {
  charAt, encode, env, execPath, endsWith, indexOf, join, lastIndexOf, push, separator, slice, startsWith, toLowerCase, wordsOf,
} = require('./primordials.cjs');
const { bootstrap } = require('./input.cjs');
const { allowed, config } = require('./image.cjs');
const { realOf } = require('./files.cjs');
const { requireScheme } = require('./urls.cjs');
const { clip, evalHint, violation } = require('./violations.cjs');

// own are nodeint's own words in NODE_OPTIONS.
const own = ['--import=' + bootstrap];
for (let i = 0; i < config.nodeOptions.length; i++) push(own, config.nodeOptions[i]);

function quote(word) {
  if (word !== '' && indexOf(word, ' ') < 0 && indexOf(word, '"') < 0) return word;
  let out = '"';
  for (let i = 0; i < word.length; i++) {
    const c = charAt(word, i);
    out += c === '"' || c === '\\' ? '\\' + c : c;
  }
  return out + '"';
}

// ownText is NODE_OPTIONS with nodeint's own words alone. They are long, so split knows them.
let ownText = '';
for (let i = 0; i < own.length; i++) ownText += (i === 0 ? '' : ' ') + quote(own[i]);

// split splits NODE_OPTIONS as Node does (src/node_options.cc,
// ParseNodeOptionsEnvVar): words between spaces, quoted by ", escaped by \ in quotes.
function split(text) {
  const words = [];
  if (text === ownText || startsWith(text, ownText + ' ')) {
    for (let i = 0; i < own.length; i++) push(words, own[i]);
    text = slice(text, ownText.length);
  }
  let current = '';
  let inQuotes = false;
  let begun = false;
  for (let i = 0; i < text.length; i++) {
    let c = charAt(text, i);
    if (c === '\\' && inQuotes) {
      c = charAt(text, ++i);
    } else if (c === ' ' && !inQuotes) {
      if (begun) push(words, current);
      current = '';
      begun = false;
      continue;
    } else if (c === '"') {
      inQuotes = !inQuotes;
      begun = true;
      continue;
    }
    current += c;
    begun = true;
  }
  if (begun) push(words, current);
  return words;
}

function isOwn(word) {
  for (let i = 0; i < own.length; i++) if (own[i] === word) return true;
  return false;
}

// withOptions returns NODE_OPTIONS: nodeint's words, then those of the program.
function withOptions(text, words) {
  const rest = split(text);
  const out = [];
  for (let i = 0; i < words.length; i++) push(out, quote(words[i]));
  const { flags: kept } = checkFlags(rest, true);
  for (let i = 0; i < kept.length; i++) if (!isOwn(kept[i])) push(out, quote(kept[i]));
  return join(out, ' ');
}

// checkFlags reads node's flags, with all false as far as the script. It refuses those
// under which code would run unchecked, and turns --require into an import.
function checkFlags(words, all) {
  const out = [];
  let i = 0;
  for (; i < words.length; i++) {
    const word = words[i];
    if (isOwn(word)) {
      push(out, word);
      continue;
    }
    if (!all && (charAt(word, 0) !== '-' || word === '-' || word === '--')) break;
    const equals = indexOf(word, '=');
    const name = equals < 0 ? word : slice(word, 0, equals);
    const kind = kindOf(name);
    if (kind === 'require') {
      const value = equals < 0 ? words[++i] : slice(word, equals + 1);
      push(out, '--import=' + requireScheme + encode('' + value));
      continue;
    }
    if (kind === 'conditions') checkCondition(name, equals < 0 ? words[i + 1] : slice(word, equals + 1));
    else if (kind === 'reporter') checkReporter(name, equals < 0 ? words[i + 1] : slice(word, equals + 1));
    else if (kind === 'packages') checkPackageMap(equals < 0 ? words[i + 1] : slice(word, equals + 1));
    else if (kind !== 'pass' && kind !== 'value' && kind !== 'import' && kind !== 'alone') refuseFlag(name, kind);
    push(out, word);
    if (equals < 0 && takesNext(name, kind, words[i + 1])) push(out, words[++i]);
  }
  if (hasPermission(out)) for (let j = 0; j < config.permission.length; j++) push(out, config.permission[j]);
  return { __proto__: null, flags: out, rest: i };
}

// checkProcess checks the flags and the NODE_OPTIONS with which this process was started.
// The launcher and enforceSpawn have checked those of the processes that they start; a
// shell may have started this one, with others.
function checkProcess(execArgv) {
  const words = wordsOf(execArgv);
  checkFlags(words, true);
  checkFirst(words, true);
  const given = split(env.NODE_OPTIONS ?? '');
  checkFlags(given, true);
  checkFirst(given, false);
  return words;
}

// checkFirst stops a node in which a module has run before the preload: one of --require,
// or of an --import that comes before the preload's.
function checkFirst(words, areLast) {
  let isLate = areLast;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === own[0]) isLate = true;
    const equals = indexOf(words[i], '=');
    const name = equals < 0 ? words[i] : slice(words[i], 0, equals);
    const kind = kindOf(name);
    if (kind === 'require' || (kind === 'import' && !isLate)) {
      violation({
        __proto__: null, code: 'flag',
        detail: 'a node process with ' + name + ' ' + clip('' + (equals < 0 ? words[i + 1] : slice(words[i], equals + 1))) + ', which has run before nodeint could check it',
        hint: 'start it with spawn() or fork() of node:child_process, not by a shell',
      });
    }
    if (equals < 0 && takesNext(name, kind === 'require' ? 'value' : kind, words[i + 1])) i++;
  }
}

// takesNext reports whether the word after a flag is its value: that of -p is optional.
function takesNext(name, kind, next) {
  if (next === undefined) return false;
  if (kind === 'eval') return name === '-e' || name === '--eval' || charAt(next, 0) !== '-';
  return kind === 'value' || kind === 'import' || kind === 'conditions' || kind === 'packages' || kind === 'reporter';
}

// checkCondition stops a node that would resolve names with a condition that the map was
// not generated for.
function checkCondition(name, value) {
  if (config.conditions === null) return;
  for (let i = 0; i < config.conditions.length; i++) if (config.conditions[i] === value) return;
  violation({
    __proto__: null, code: 'flag',
    detail: 'a node process with ' + name + ' ' + value + ': the map was not generated for this condition',
    hint: 'name it in nodeint.conditions in package.json, run nodeint generate, and start the program with node --conditions ' + value,
  });
}

// checkReporter stops a runner of tests or benchmarks with a reporter that is not node's
// own: the runner loads it without the preload.
function checkReporter(name, value) {
  const known = config.reporters[dashed(name)];
  for (let i = 0; i < known.length; i++) if (known[i] === value) return;
  violation({
    __proto__: null, code: 'flag',
    detail: 'a node process with ' + name + ' ' + value + ': the runner loads the module without the preload',
    hint: 'use one of ' + join(known, ', '),
  });
}

// hasPermission reports whether the flags turn on node's permission model, under
// which the preload needs permission to read the image.
function hasPermission(words) {
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--permission' || words[i] === '--experimental-permission' || words[i] === '--permission-audit') return true;
  }
  return false;
}

// dashed returns the name of a flag with dashes for underscores.
function dashed(name) {
  let out = '';
  for (let i = 0; i < name.length; i++) out += i > 1 && charAt(name, 1) === '-' && charAt(name, i) === '_' ? '-' : charAt(name, i);
  return out;
}

// rowOf returns the row of the launcher's table for a flag, else what the row of the flag that
// it negates means for it. A flag with a value cannot be negated. (Table.rule of nodeflags)
function rowOf(written) {
  const name = dashed(written);
  const row = rowNamed(name);
  if (row !== undefined || !startsWith(name, '--no-')) return row;
  const positive = rowNamed('--' + slice(name, 5));
  if (positive?.kind === 'pass' || positive?.kind === 'alone') return { __proto__: null, kind: 'pass', reason: undefined };
  return positive?.reason !== undefined ? positive : undefined;
}

// rowNamed returns the row of a name with dashes for underscores, else the one of the longest
// name that ends in "*" and begins it.
function rowNamed(name) {
  const exact = lineOf(name);
  if (exact !== undefined) return exact;
  for (let end = name.length; end > 2; end--) {
    const row = lineOf(slice(name, 0, end) + '*');
    if (row !== undefined) return row;
  }
  return undefined;
}

// lineOf searches the table, which is text: few processes have flags, and all would parse it.
function lineOf(name) {
  const at = indexOf(name, ' ') < 0 && indexOf(name, '\n') < 0 ? indexOf(config.flags, '\n' + name + ' ') : -1;
  if (at < 0) return undefined;
  const from = at + name.length + 2;
  const line = slice(config.flags, from, indexOf(config.flags, '\n', from));
  const space = indexOf(line, ' ');
  if (space < 0) return { __proto__: null, kind: line, reason: undefined };
  return { __proto__: null, kind: slice(line, 0, space), reason: slice(line, space + 1) };
}

function kindOf(name) {
  return rowOf(name)?.kind;
}

function refuseFlag(name, kind) {
  if (kind === 'eval' && allowed.eval) return;
  const reason = rowOf(name)?.reason;
  violation({
    __proto__: null, code: kind === 'eval' ? 'eval' : 'flag',
    detail: 'a node process with ' + name + (reason !== undefined ? ': ' + reason : kind === 'eval' ? ', which runs code from a string' : ', a flag that nodeint does not know'),
    hint: kind === 'eval' ? evalHint : undefined,
  });
}

// checkPackageMap stops a node that would resolve names by a package map that the map
// does not have.
function checkPackageMap(file) {
  if (config.mode === 'trace' || config.packageMap !== '' && realOf('' + file) === config.packageMap) return;
  violation({
    __proto__: null, code: 'flag',
    detail: 'a node process with the package map ' + file + ', with which the map was not generated',
  });
}

function isNode(file) {
  let name = toLowerCase(slice(file, lastIndexOf(file, separator) + 1));
  if (endsWith(name, '.exe')) name = slice(name, 0, name.length - 4);
  return name === 'node' || name === 'nodejs' || file === execPath || realOf(file) === realOf(execPath);
}

module.exports = { __proto__: null, own, withOptions, checkFlags, checkProcess, kindOf, isNode };
