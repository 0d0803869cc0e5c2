// Violations: what happens when code that is not pinned would run.
'use strict';

const {
  O_APPEND, O_CREAT, O_WRONLY, SafeError, SafeSet, assign, charAt, charCodeAt, closeSync, create, endsWith, existsSync, getCallSites, indexOf, isWorker, kill,
  openSync, pid, push, reallyExit, separator, setAdd, setHas, slice, stringifyJSON, utf8Slice, writeSync,
} = require('./primordials.cjs');
const { config, packageOf, relative, root } = require('./image.cjs');
const { read } = require('./files.cjs');
const { pathOf } = require('./urls.cjs');

const reported = new SafeSet();

const evalHint = 'if this is intended, start the program with --allow eval';
const transformHint = 'if pinned code is meant to change modules (a transpiler, a tracer), start the program with --allow transform';

// violation reports, and then stops the process, throws or, under --on-violation
// log, returns. v has the member code, and those known of path (absolute), want,
// got, detail, asked and hint.
function violation(v) {
  if (config.mode === 'trace') return;
  const below = v.path === undefined ? undefined : (relative(v.path) ?? v.path);
  let asked;
  try {
    asked = askedBy(v);
  } catch {} // the violation counts, even if the program keeps us from naming who asked
  const line = create(null);
  assign(line, {
    __proto__: null,
    schema: 1, command: 'run', code: v.code, path: below,
    package: below === undefined || below === v.path ? undefined : packageOf(below),
    want: v.want, got: v.got, detail: v.detail, asked,
    action: config.onViolation, pid, worker: isWorker || undefined, hint: v.hint ?? hintOf(v, below),
  });
  const id = v.code + '\0' + below + '\0' + v.detail;
  if (!setHas(reported, id)) {
    setAdd(reported, id);
    report(line);
  }
  if (config.onViolation === 'log') return;
  if (config.onViolation === 'exit') exit();
  throw assign(new SafeError(messageOf(line)), { __proto__: null, code: 'ERR_MODULE_INTEGRITY', violation: v.code, path: v.path });
}

function hintOf(v, below) {
  if (v.code === 'unlisted' && below === v.path) {
    return 'install it into the project: no key of a map can name a file outside the root; if nobody else can write its directory, start the program with --trust DIR';
  }
  if (v.code === 'unlisted') return 'if it belongs to the program, run nodeint generate with it as an entry, in include, or from a trace (nodeint trace)';
  if (v.code === 'mismatch') return 'run nodeint verify, and restore the file or install its package again';
  return undefined;
}

// clip shortens what a message quotes: a data: URL may have any length.
function clip(text) {
  return text.length > 100 ? slice(text, 0, 100) + '\u2026' : text;
}

function messageOf(line) {
  const what = line.path === undefined ? '' : line.path + (line.package === undefined ? '' : ' (' + line.package + ')');
  return what === '' ? line.detail : what + ': ' + line.detail;
}

// report writes to the file of --report and to stderr. It writes each line whole,
// with O_APPEND, which keeps the lines of several processes apart.
function report(line) {
  if (config.report !== '') {
    try {
      const fd = openSync(config.report, O_WRONLY | O_APPEND | O_CREAT, 0o666);
      writeSync(fd, stringifyJSON(line) + '\n');
      closeSync(fd);
    } catch {
      say('nodeint: error: cannot write the violation to ' + config.report + '\n');
    }
  }
  say(config.json ? stringifyJSON(line) + '\n' : textOf(line));
}

function textOf(line) {
  const asked = line.asked;
  let place = '';
  if (asked !== undefined) {
    place = asked.path ?? '';
    if (asked.line !== undefined) place += ':' + asked.line + (asked.column === undefined ? '' : ':' + asked.column);
    if (asked.package !== undefined) place += ' (' + asked.package + ')';
    if (asked.specifier !== undefined) place += (place === '' ? '' : ', ') + 'as ' + stringifyJSON(asked.specifier);
  }
  const done = config.onViolation === 'log' ? 'violation' : config.onViolation === 'throw' ? 'refused' : 'stopped';
  return 'nodeint: ' + done + ': ' + line.code + (line.path === undefined ? ': ' : ' ') + shown(messageOf(line)) + '\n' +
    row('wanted', line.want) + row('found', line.got) + row('asked', place) +
    (line.hint === undefined ? '' : 'nodeint: hint: ' + line.hint + '\n');
}

function row(name, value) {
  if (value === undefined || value === '') return '';
  return '  ' + name + slice('        ', name.length) + shown(value) + '\n';
}

// shown returns a text as it stands in one line of a terminal: the names of files may have
// line ends, escape sequences and changes of the writing direction.
function shown(text) {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = charCodeAt(text, i);
    const isPlain = c >= 0x20 && (c < 0x7f || c >= 0xa0) && !(c >= 0x200e && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
    out += isPlain ? charAt(text, i) : '\\u' + digit(c >> 12) + digit(c >> 8) + digit(c >> 4) + digit(c);
  }
  return out;
}

function digit(n) {
  return charAt('0123456789abcdef', n & 15);
}

// say writes to stderr, which may be closed, full, or not blocking.
function say(text) {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      writeSync(2, text);
      return;
    } catch (error) {
      if (error?.code !== 'EAGAIN') return;
    }
  }
}

// exit ends the process. A worker cannot end the process with a status, so it tells
// the launcher (Config.Verdict of package launch) and kills the process.
function exit() {
  if (!isWorker) reallyExit(77);
  if (config.verdict >= 0) {
    try {
      writeSync(config.verdict, '{"pid":' + pid + '}\n');
    } catch {} // the launcher then reports the signal
  }
  kill(pid, 9);
  for (;;); // not reached: nothing may run any more
}

// askedBy returns who asked: the module that named the file, and the line, from the
// stack or from the text of that module.
function askedBy(v) {
  const asked = create(null);
  const parent = v.asked === undefined ? undefined : pathOf(v.asked.parentURL);
  // Node's name for a require that belongs to a directory and no module, as that of --require.
  const isNobody = parent !== undefined && endsWith(parent, separator + 'noop.js') && !existsSync(parent);
  if (parent !== undefined && !isNobody) asked.path = relative(parent) ?? parent;
  asked.specifier = v.asked?.specifier;
  const frames = stack();
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i];
    const path = pathOf(frame.scriptName);
    if (path === undefined) continue;
    const below = relative(path) ?? path;
    if (asked.path === undefined || asked.path === below) {
      asked.path = below;
      asked.line = frame.lineNumber;
      asked.column = frame.columnNumber ?? frame.column;
    }
    break;
  }
  if (v.code === 'power' && asked.path !== undefined) asked.package = packageOf(asked.path);
  if (asked.path !== undefined && asked.line === undefined && asked.specifier !== undefined) findLine(asked);
  return asked.path === undefined && asked.specifier === undefined ? undefined : asked;
}

// findLine looks for the specifier in the text of the module that imports it.
function findLine(asked) {
  const bytes = read(root + separator + asked.path) ?? read(asked.path);
  if (bytes === undefined) return;
  const text = utf8Slice(bytes, 0, bytes.length);
  let at = -1;
  const quotes = '\'"`';
  for (let i = 0; i < 3 && at < 0; i++) at = indexOf(text, charAt(quotes, i) + asked.specifier + charAt(quotes, i));
  if (at < 0) return;
  let line = 1;
  for (let i = indexOf(text, '\n'); i >= 0 && i < at; i = indexOf(text, '\n', i + 1)) line++;
  asked.line = line;
}

// stack returns the call sites of the program and of Node, without the preload's own.
function stack() {
  try {
    const frames = getCallSites(30, { __proto__: null, sourceMap: false });
    const out = [];
    for (let i = 0; i < frames.length; i++) {
      if (frames[i].scriptName !== 'nodeint:preload') push(out, frames[i]);
    }
    return out;
  } catch {
    return [];
  }
}

module.exports = { __proto__: null, violation, evalHint, transformHint, clip, say, exit, stack };
