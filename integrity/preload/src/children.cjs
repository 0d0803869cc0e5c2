// Child processes and threads: each node among them starts with the hook, with
// whatever environment and flags the program gives it.

// The words of NODE_OPTIONS that are nodeint's.
const own = ['--import=' + bootstrap];
for (let i = 0; i < config.nodeOptions.length; i++) push(own, config.nodeOptions[i]);

const quote = (word) => {
  let out = '"';
  for (let i = 0; i < word.length; i++) {
    const c = charAt(word, i);
    out += c === '"' || c === '\\' ? '\\' + c : c;
  }
  return out + '"';
};

// split takes NODE_OPTIONS apart as Node does (src/node_options.cc,
// ParseNodeOptionsEnvVar): words between spaces, quoted by ", escaped by \ there.
function split(text) {
  const words = [];
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

// withOptions gives NODE_OPTIONS as the program wants it, after nodeint's words.
function withOptions(text, words) {
  const rest = split(text);
  const out = [];
  for (let i = 0; i < words.length; i++) push(out, quote(words[i]));
  const { flags: kept } = checkFlags(rest, true);
  for (let i = 0; i < kept.length; i++) if (!isOwn(kept[i])) push(out, quote(kept[i]));
  return join(out, ' ');
}

// checkFlags goes through node's flags as far as the script, refuses those under
// which code would run unchecked, and turns --require into an import.
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
    if (kind !== 'pass' && kind !== 'value' && kind !== 'import' && kind !== 'alone') refuseFlag(name, kind);
    push(out, word);
    if (equals < 0 && takesNext(name, kind, words[i + 1])) push(out, words[++i]);
  }
  if (hasPermission(out)) for (let j = 0; j < config.permission.length; j++) push(out, config.permission[j]);
  return { __proto__: null, flags: out, rest: i };
}

// takesNext reports whether the word after a flag is its value: that of -p need
// not be there.
function takesNext(name, kind, next) {
  if (next === undefined) return false;
  if (kind === 'eval') return name === '-e' || name === '--eval' || charAt(next, 0) !== '-';
  return kind === 'value' || kind === 'import';
}

// Under node's permission model the hook needs leave to read the image.
function hasPermission(words) {
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--permission' || words[i] === '--experimental-permission' || words[i] === '--permission-audit') return true;
  }
  return false;
}

// entryOf gives what the launcher's table says of a flag: under its name with
// dashes for underscores, else under a name that ends in "*" and begins it.
function entryOf(name) {
  let dashed = '';
  for (let i = 0; i < name.length; i++) dashed += i > 1 && charAt(name, 1) === '-' && charAt(name, i) === '_' ? '-' : charAt(name, i);
  if (flags[dashed] !== undefined) return flags[dashed];
  for (let end = dashed.length; end > 2; end--) {
    const entry = flags[slice(dashed, 0, end) + '*'];
    if (entry !== undefined) return entry;
  }
  const entry = startsWith(dashed, '--no-') ? entryOf('--' + slice(dashed, 5)) : undefined;
  return isArray(entry) || entry === 'pass' || entry === 'alone' ? entry : undefined;
}

function kindOf(name) {
  const entry = entryOf(name);
  return isArray(entry) ? entry[0] : entry;
}

function refuseFlag(name, kind) {
  if (kind === 'eval' && allowed.eval) return;
  const entry = entryOf(name);
  violation({
    __proto__: null, code: kind === 'eval' ? 'eval' : 'flag',
    detail: 'a node process with ' + name + (isArray(entry) ? ': ' + entry[1] : kind === 'eval' ? ', which runs code from a string' : ', a flag that nodeint does not know'),
    hint: kind === 'eval' ? evalHint : undefined,
  });
}

function isNode(file) {
  let name = toLowerCase(slice(file, lastIndexOf(file, separator) + 1));
  if (endsWith(name, '.exe')) name = slice(name, 0, name.length - 4);
  return name === 'node' || name === 'nodejs' || file === execPath || realOf(file) === realOf(execPath);
}

// enforceSpawn changes what uv_spawn is about to be given.
function enforceSpawn(options) {
  if (config.mode === 'trace') recordChild(options);
  const pairs = options.envPairs;
  options.envPairs = enforcePairs(isArray(pairs) ? pairs : currentPairs());
  const args = options.args;
  if (isNode('' + options.file) && isArray(args)) options.args = enforceArgs(args);
}

function enforceArgs(args) {
  const words = [];
  for (let i = 1; i < args.length; i++) push(words, '' + args[i]);
  const { flags: kept, rest } = checkFlags(words, false);
  const out = [args[0]];
  for (let i = 0; i < kept.length; i++) push(out, kept[i]);
  for (let i = rest; i < words.length; i++) push(out, words[i]);
  return out;
}

function currentPairs() {
  const pairs = [];
  for (const name in env) push(pairs, name + '=' + env[name]);
  return pairs;
}

function enforcePairs(pairs) {
  const out = [];
  let options = '';
  for (let i = 0; i < pairs.length; i++) {
    const pair = '' + pairs[i];
    if (startsWith(pair, 'NODE_OPTIONS=')) options = slice(pair, 13);
    else if (!startsWith(pair, 'NODE_COMPILE_CACHE=') && config.env[slice(pair, 0, indexOf(pair, '='))] === undefined) push(out, pair);
  }
  push(out, 'NODE_OPTIONS=' + withOptions(options, own));
  for (const name in config.env) push(out, name + '=' + config.env[name]);
  return out;
}

// enforceChildren closes the two functions of Node's bindings that start
// processes, which everything in child_process, cluster and the test runner ends in.
let closed = false;
function enforceChildren() {
  replace(process_, 'execve', wrapExecve(process_.execve));
  try {
    const quiet = process_.noDeprecation;
    process_.noDeprecation = true; // the program did not ask for process.binding
    const sync = apply(bindingOf, process_, ['spawn_sync']);
    const { Process } = apply(bindingOf, process_, ['process_wrap']);
    if (quiet === undefined) delete process_.noDeprecation;
    else process_.noDeprecation = quiet;
    wrapSpawn(sync, 'spawn');
    wrapSpawn(Process.prototype, 'spawn');
    closed = true;
  } catch {} // under the permission model there are no bindings: guardChildren does it
}

// wrapSpawn takes both forms: one object, or file, args, cwd and environment (from
// Node 24 on).
function wrapSpawn(object, name) {
  const spawn = object[name];
  const wrapped = function (...given) {
    if (typeof given[0] === 'object' && given[0] !== null) {
      const options = assign(create(null), given[0]);
      enforceSpawn(options);
      put(given, 0, options);
    } else {
      const options = { __proto__: null, file: given[0], args: given[1], envPairs: given[3] };
      enforceSpawn(options);
      put(given, 1, options.args);
      put(given, 3, options.envPairs);
    }
    return apply(spawn, this, given);
  };
  defineProperty(object, name, { __proto__: null, value: wrapped, writable: false, configurable: false, enumerable: true });
}

function wrapExecve(execve) {
  return execve && function (file, args, environment) {
    const options = { __proto__: null, file, args: args ?? [], envPairs: environment === undefined ? undefined : [] };
    if (environment !== undefined) for (const name in environment) push(options.envPairs, name + '=' + environment[name]);
    enforceSpawn(options);
    const given = create(null);
    for (let i = 0; i < options.envPairs.length; i++) {
      const at = indexOf(options.envPairs[i], '=', 1);
      given[slice(options.envPairs[i], 0, at)] = slice(options.envPairs[i], at + 1);
    }
    return apply(execve, process_, [file, options.args, given]);
  };
}

function guardChildren(exports) {
  if (closed) return;
  closed = true;
  wrapSpawn(new exports.ChildProcess()._handle.constructor.prototype, 'spawn');
  const names = ['spawnSync', 'execFileSync', 'execSync'];
  for (let i = 0; i < names.length; i++) {
    const old = exports[names[i]];
    replace(exports, names[i], function () {
      const args = [];
      for (let j = 0; j < arguments.length; j++) push(args, arguments[j]);
      let at = args.length;
      for (let j = 0; j < args.length; j++) if (typeof args[j] === 'object' && args[j] !== null && !isArray(args[j])) at = j;
      const options = assign(create(null), args[at]);
      const pairs = [];
      const environment = options.env ?? env;
      for (const name in environment) push(pairs, name + '=' + environment[name]);
      const enforced = enforcePairs(pairs);
      options.env = create(null);
      for (let j = 0; j < enforced.length; j++) options.env[slice(enforced[j], 0, indexOf(enforced[j], '=', 1))] = slice(enforced[j], indexOf(enforced[j], '=', 1) + 1);
      put(args, at, options);
      if (names[i] !== 'execSync' && isNode('' + args[0]) && isArray(args[1])) args[1] = slice1(enforceArgs([args[0], ...args[1]]));
      return apply(old, this, args);
    });
  }
  Module.syncBuiltinESMExports();
}

function slice1(list) {
  const out = [];
  for (let i = 1; i < list.length; i++) push(out, list[i]);
  return out;
}

// guardWorkers sees that threads start with the hook, and with no code from a
// string.
function guardWorkers(exports) {
  const { Worker, SHARE_ENV } = exports;
  const proxy = new SafeProxy(Worker, {
    __proto__: null,
    construct: (target, args, newTarget) => construct(target, [args[0], workerOptions(args[0], args[1], SHARE_ENV)], newTarget),
  });
  defineProperty(Worker.prototype, 'constructor', { __proto__: null, value: proxy, writable: true, configurable: true, enumerable: false });
  replace(exports, 'Worker', proxy);
  Module.syncBuiltinESMExports();
}

function workerOptions(file, given, share) {
  if (config.mode === 'trace') recordWorker(file);
  const options = assign(create(null), given);
  if ((options.eval || (given ?? {}).eval) && !allowed.eval) { // from Object.prototype too
    options.eval = true;
    violation({ __proto__: null, code: 'eval', detail: 'a worker with code from a string', hint: evalHint });
  }
  if (isArray(options.execArgv)) {
    const words = [];
    for (let i = 0; i < options.execArgv.length; i++) push(words, '' + options.execArgv[i]);
    options.execArgv = checkFlags(words, true).flags;
  }
  // Without an environment or flags of its own a thread has its parent's options
  // as they were parsed, and they can no longer be changed.
  if (options.env === share && share !== undefined) {
    env.NODE_OPTIONS = withOptions(env.NODE_OPTIONS ?? '', own);
  } else if ((typeof options.env === 'object' && options.env !== null) || isArray(options.execArgv)) {
    const environment = assign(create(null), options.env ?? env);
    environment.NODE_OPTIONS = withOptions(environment.NODE_OPTIONS ?? '', workerWords());
    environment.NODE_DISABLE_COMPILE_CACHE = '1';
    options.env = environment;
  }
  return options;
}

// workerWords are those of nodeint's words that a thread may have: the others are
// for a whole process.
function workerWords() {
  const words = [];
  for (let i = 0; i < own.length; i++) if (startsWith(own[i], '--import=')) push(words, own[i]);
  return words;
}
