// Child processes: each node among them starts with the preload, whatever environment
// and flags the program gives it.
'use strict';

const {
  apply, assign, builtin, create, env, indexOf, isArray, process_, push, put, slice, startsWith, textOf, wordsOf,
} = require('./primordials.cjs');
const { nodeBinding } = require('./bindings.cjs');
const { checkVariables, isRemoved } = require('./environment.cjs');
const { config } = require('./image.cjs');
const { checkFlags, isNode, own, withOptions } = require('./nodeoptions.cjs');
const { violation } = require('./violations.cjs');
const { replace, replaceForGood, shareExports } = require('./patch.cjs');
const { usePower } = require('./powers.cjs');

// observers are called with what starts: recorder.cjs sets them.
const observers = { __proto__: null, child: undefined, worker: undefined };

// enforceSpawn changes the arguments of uv_spawn. It reads each member once, and makes
// a string of it: the program may hand an object that is another one each time.
function enforceSpawn(options) {
  usePower('child-process', 'a child process');
  if (options.file !== undefined && options.file !== null) options.file = textOf(options.file);
  if (isArray(options.args)) options.args = wordsOf(options.args);
  const observe = observers.child;
  if (observe !== undefined) observe(options);
  const pairs = options.envPairs;
  const args = options.args;
  const node = isNode(options.file);
  if (node) checkIds();
  options.envPairs = enforcePairs(isArray(pairs) ? wordsOf(pairs) : pairsOf(env), node);
  if (node && isArray(args)) options.args = enforceArgs(args);
}

// checkIds stops a node that would ignore NODE_OPTIONS, since its effective ids are others than
// its real ones.
const { getegid, geteuid, getgid, getuid } = process_;
function checkIds() {
  if (getuid === undefined || (getuid() === geteuid() && getgid() === getegid())) return;
  violation({
    __proto__: null, code: 'exec', detail: 'node would ignore NODE_OPTIONS, and the preload would not start: the process has other effective than real user or group ids',
    hint: 'set the real ids too: process.setgid() and process.setuid()',
  });
}

function enforceArgs(args) {
  const words = [];
  for (let i = 1; i < args.length; i++) push(words, args[i]);
  const { flags: kept, rest } = checkFlags(words, false);
  const out = args.length === 0 ? [] : [args[0]];
  for (let i = 0; i < kept.length; i++) push(out, kept[i]);
  for (let i = rest; i < words.length; i++) push(out, words[i]);
  return out;
}

function pairsOf(environment) {
  const pairs = [];
  for (const name in environment) push(pairs, name + '=' + textOf(environment[name]));
  return pairs;
}

function enforcePairs(pairs, node) {
  checkVariables(pairs, node);
  const out = [];
  let options = '';
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    if (startsWith(pair, 'NODE_OPTIONS=')) options = slice(pair, 13);
    else {
      const name = slice(pair, 0, indexOf(pair, '='));
      if (!isRemoved(name) && config.env[name] === undefined) push(out, pair);
    }
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
    const sync = nodeBinding('spawn_sync');
    const { Process } = nodeBinding('process_wrap');
    replaceForGood(sync, 'spawn', wrapSpawn(sync.spawn));
    replaceForGood(Process.prototype, 'spawn', wrapSpawn(Process.prototype.spawn));
    closed = true;
  } catch {
    // Under the permission model there are no bindings: guardChildren patches child_process,
    // before a module of Node uses it for the program.
    if (process_.permission?.has('child')) guardChildren(builtin('child_process')); // eslint-disable-line preload/primordials -- before the program runs
  }
}

// wrapSpawn takes both forms of arguments: one object, or from Node 24 on file, args,
// cwd and environment.
function wrapSpawn(spawn) {
  return function (...given) {
    const isObject = typeof given[0] === 'object' || typeof given[0] === 'function';
    if (isObject && given[0] !== null) {
      const options = assign(create(null), given[0]);
      enforceSpawn(options);
      put(given, 0, options);
    } else {
      const options = { __proto__: null, file: given[0], args: given[1], envPairs: given[3] };
      enforceSpawn(options);
      put(given, 0, options.file);
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
    return apply(execve, process_, [options.file, options.args, environmentOf(options.envPairs)]);
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
  const { prototype } = new exports.ChildProcess()._handle.constructor;
  replaceForGood(prototype, 'spawn', wrapSpawn(prototype.spawn));
  replace(exports, 'spawnSync', wrapSync(exports.spawnSync, true));
  replace(exports, 'execFileSync', wrapSync(exports.execFileSync, true));
  replace(exports, 'execSync', wrapSync(exports.execSync, false));
  closed = true;
  shareExports();
}

// wrapSync takes the arguments as Node does: file, args and options, of which args may
// be left out. execFileSync takes a function in the place of args for none. Node ignores
// all that follow.
function wrapSync(old, takesArgs) {
  return function (file, args, given) {
    const hasArgs = takesArgs && (isArray(args) || args === undefined || args === null);
    if (takesArgs && !hasArgs && typeof args !== 'object' && typeof args !== 'function') return apply(old, this, [file, args]); // Node throws
    const command = typeof file === 'string' ? file : textOf(file);
    const node = takesArgs && isNode(command);
    if (node) checkIds();
    const options = assign(create(null), hasArgs ? given : args);
    options.env = environmentOf(enforcePairs(pairsOf(options.env || env), node));
    if (!takesArgs) return apply(old, this, [command, options]);
    const words = isArray(args) ? wordsOf(args) : [];
    return apply(old, this, [command, node ? enforceRest(command, words) : words, options]);
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

module.exports = { __proto__: null, enforceChildren, guardChildren, observers, pairsOf };
