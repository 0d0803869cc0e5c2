// What happens when something would run that is not pinned.

const reported = new SafeSet();

const evalHint = 'if that is as it should be, start it with --allow eval';

// violation reports, and then stops the process, throws or, in a trial period,
// returns. It is an object of code, and of what is known of path (absolute),
// want, got, detail and hint.
function violation(v) {
  if (config.mode === 'trace') return;
  const below = v.path === undefined ? undefined : (relative(v.path) ?? v.path);
  let asked;
  try {
    asked = askedBy(v);
  } catch {} // a name in a message is not worth a way round the stop
  const line = create(null);
  assign(line, {
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
  if (v.code === 'unlisted' && below === v.path) return 'install it into the project: no key can name what lies outside the root';
  if (v.code === 'unlisted') return 'if it belongs to the program, run nodeint generate with it as an entry, in include, or from a trace (nodeint trace)';
  if (v.code === 'mismatch') return 'run nodeint verify, and restore the file or install its package again';
  return undefined;
}

// clip shortens what a message quotes: a data: URL has no end.
function clip(text) {
  return text.length > 100 ? slice(text, 0, 100) + '\u2026' : text;
}

function messageOf(line) {
  const what = line.path === undefined ? '' : line.path + (line.package === undefined ? '' : ' (' + line.package + ')');
  return what === '' ? line.detail : what + ': ' + line.detail;
}

// report writes to the file of --report and to stderr. One write of a whole
// line with O_APPEND keeps the lines of processes apart.
function report(line) {
  if (config.report !== '') {
    try {
      const fd = openSync(config.report, O_WRONLY | O_APPEND | O_CREAT, 0o666);
      writeSync(fd, stringifyJSON(line) + '\n');
      closeSync(fd);
    } catch (error) {
      say('nodeint: error: the violation could not be written to ' + config.report + '\n');
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
    if (asked.specifier !== undefined) place += (place === '' ? '' : ', ') + 'as ' + stringifyJSON(asked.specifier);
  }
  const done = config.onViolation === 'log' ? 'violation' : config.onViolation === 'throw' ? 'refused' : 'stopped';
  return 'nodeint: ' + done + ': ' + line.code + (line.path === undefined ? ': ' : ' ') + messageOf(line) + '\n' +
    row('wanted', line.want) + row('found', line.got) + row('asked', place) +
    (line.hint === undefined ? '' : 'nodeint: hint: ' + line.hint + '\n');
}

function row(name, value) {
  if (value === undefined || value === '') return '';
  return '  ' + name + slice('        ', name.length) + value + '\n';
}

// say writes to stderr, which may be closed, full or not wait.
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

// exit ends the process, from a worker too: there is no status to give then, so
// the launcher is told why.
function exit() {
  if (!isWorker) reallyExit(77);
  if (config.verdict >= 0) {
    try {
      writeSync(config.verdict, '{"pid":' + pid + '}\n');
    } catch {} // the launcher then passes the signal on
  }
  kill(pid, 9);
  for (;;); // never reached: nothing may run any more
}

// askedBy finds who asked: the module that named it, and the line where the
// stack or the text of that module shows it.
function askedBy(v) {
  const asked = create(null);
  const parent = v.asked === undefined ? undefined : pathOf(v.asked.parentURL);
  // Node's name for a require that belongs to a folder and no module, as that of --require.
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
  for (let i = 0; i < 3 && at < 0; i++) at = indexOf(text, quotes[i] + asked.specifier + quotes[i]);
  if (at < 0) return;
  let line = 1;
  for (let i = indexOf(text, '\n'); i >= 0 && i < at; i = indexOf(text, '\n', i + 1)) line++;
  asked.line = line;
}

// stack gives the frames of the program and of Node, without the hook's own.
function stack() {
  try {
    const frames = getCallSites(30, { __proto__: null, sourceMap: false });
    const out = [];
    for (let i = 0; i < frames.length; i++) {
      if (frames[i].scriptName !== 'nodeint:hook') push(out, frames[i]);
    }
    return out;
  } catch {
    return [];
  }
}

// pathOf gives the path of a script that is a file.
function pathOf(name) {
  if (typeof name !== 'string') return undefined;
  if (startsWith(name, 'file:')) {
    if (separator === '/' && startsWith(name, 'file:///') && isPlain(name)) return slice(name, 7);
    try {
      return fileURLToPath(name);
    } catch {
      return undefined;
    }
  }
  if (startsWith(name, 'node:') || startsWith(name, 'nodeint:')) return undefined;
  return charAt(name, 0) === separator || charAt(name, 1) === ':' ? name : undefined;
}

// isPlain reports whether a URL is its path, letter by letter. Nearly all are, and
// a parser of URLs takes longer than all else that a module costs here.
function isPlain(url) {
  return indexOf(url, '%') < 0 && indexOf(url, '?') < 0 && indexOf(url, '#') < 0 && indexOf(url, '\\') < 0;
}
