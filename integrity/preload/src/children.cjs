// Child processes and threads: each node among them starts with the preload,
// whatever environment and flags the program gives it.
'use strict';

const {
  apply, assign, construct, create, env, indexOf, isArray, process_, push, put, slice, startsWith, syncBuiltinESMExports,
} = require('./primordials.cjs');
const { allowed, config } = require('./image.cjs');
const { checkFlags, isNode, own, withOptions } = require('./nodeoptions.cjs');
const { replace, replaceConstructor, replaceForGood } = require('./patch.cjs');
const { usePower } = require('./powers.cjs');
const { evalHint, violation } = require('./violations.cjs');

// observers are called with what starts: recorder.cjs sets them.
const observers = { __proto__: null, child: undefined, worker: undefined };

const bindingOf = process_.binding;

// enforceSpawn changes the arguments of uv_spawn.
function enforceSpawn(options) {
  usePower('child-process', 'a child process');
  const observe = observers.child;
  if (observe !== undefined) observe(options);
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
  return pairsOf(env);
}

function pairsOf(environment) {
  const pairs = [];
  for (const name in environment) push(pairs, name + '=' + environment[name]);
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

// enforceChildren patches the two functions of Node's bindings that start processes,
// which everything in child_process, cluster and the test runner calls in the end.
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
    replaceForGood(sync, 'spawn', wrapSpawn(sync.spawn));
    replaceForGood(Process.prototype, 'spawn', wrapSpawn(Process.prototype.spawn));
    closed = true;
  } catch {} // under the permission model there are no bindings: guardChildren patches child_process
}

// wrapSpawn takes both forms of arguments: one object, or from Node 24 on file, args,
// cwd and environment.
function wrapSpawn(spawn) {
  return function (...given) {
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
}

function wrapExecve(execve) {
  return execve && function (file, args, environment) {
    const options = { __proto__: null, file, args: args ?? [], envPairs: environment === undefined ? undefined : pairsOf(environment) };
    enforceSpawn(options);
    return apply(execve, process_, [file, options.args, environmentOf(options.envPairs)]);
  };
}

function environmentOf(pairs) {
  const environment = create(null);
  for (let i = 0; i < pairs.length; i++) {
    const at = indexOf(pairs[i], '=', 1);
    environment[slice(pairs[i], 0, at)] = slice(pairs[i], at + 1);
  }
  return environment;
}

// guardChildren patches node:child_process if enforceChildren could not patch the
// bindings.
function guardChildren(exports) {
  if (closed) return;
  closed = true;
  const { prototype } = new exports.ChildProcess()._handle.constructor;
  replaceForGood(prototype, 'spawn', wrapSpawn(prototype.spawn));
  replace(exports, 'spawnSync', wrapSync(exports.spawnSync, true));
  replace(exports, 'execFileSync', wrapSync(exports.execFileSync, true));
  replace(exports, 'execSync', wrapSync(exports.execSync, false));
  syncBuiltinESMExports();
}

function wrapSync(old, takesArgs) {
  return function () {
    const args = [];
    for (let j = 0; j < arguments.length; j++) push(args, arguments[j]);
    let at = args.length;
    for (let j = 0; j < args.length; j++) if (typeof args[j] === 'object' && args[j] !== null && !isArray(args[j])) at = j;
    const options = assign(create(null), args[at]);
    options.env = environmentOf(enforcePairs(pairsOf(options.env ?? env)));
    put(args, at, options);
    if (takesArgs && isNode('' + args[0]) && isArray(args[1])) put(args, 1, enforceRest(args[0], args[1]));
    return apply(old, this, args);
  };
}

// enforceRest is enforceArgs for arguments without argv[0].
function enforceRest(file, rest) {
  const argv = [file];
  for (let i = 0; i < rest.length; i++) push(argv, rest[i]);
  const enforced = enforceArgs(argv);
  const out = [];
  for (let i = 1; i < enforced.length; i++) push(out, enforced[i]);
  return out;
}

// guardWorkers patches node:worker_threads: threads start with the preload, and with
// no code from a string.
function guardWorkers(exports) {
  const { SHARE_ENV } = exports;
  replaceConstructor(exports, 'Worker', {
    __proto__: null,
    construct: (target, args, newTarget) => construct(target, [args[0], workerOptions(args[0], args[1], SHARE_ENV)], newTarget),
  });
  syncBuiltinESMExports();
}

function workerOptions(file, given, share) {
  const observe = observers.worker;
  if (observe !== undefined) observe(file);
  const options = assign(create(null), given);
  // eslint-disable-next-line preload/primordials -- Node reads eval from Object.prototype too
  if ((options.eval || (given ?? {}).eval) && !allowed.eval) {
    options.eval = true;
    violation({ __proto__: null, code: 'eval', detail: 'a worker with code from a string', hint: evalHint });
  }
  if (isArray(options.execArgv)) {
    const words = [];
    for (let i = 0; i < options.execArgv.length; i++) push(words, '' + options.execArgv[i]);
    options.execArgv = checkFlags(words, true).flags;
  }
  // Without an environment or flags of its own a thread has its parent's options as
  // they were parsed, and nobody can change them any more.
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

// workerWords returns those of nodeint's words that a thread may have: the others are
// for a whole process.
function workerWords() {
  const words = [];
  for (let i = 0; i < own.length; i++) if (startsWith(own[i], '--import=')) push(words, own[i]);
  return words;
}

module.exports = { __proto__: null, bindingOf, enforceChildren, guardChildren, guardWorkers, observers };
