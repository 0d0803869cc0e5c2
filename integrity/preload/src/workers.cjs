// Threads: each starts with the preload, whatever environment and flags the program gives
// it, and with no code from a string unless --allow eval is given.
'use strict';

const {
  Module, ObjectPrototype, SafeProxy, SafeWeakMap, SafeWeakSet, apply, assign, builtin, construct, create, defineProperty, env, getOwnPropertyDescriptor, getPrototypeOf, globalThis_, hasOwn, isArray,
  parseJSON, process_, push, put, slice, startsWith, stringifyJSON, textOf, weakAdd, weakGet, weakHas, weakSet, wordsOf,
} = require('./primordials.cjs');
const { allowed } = require('./image.cjs');
const { checkFlags, own, withOptions } = require('./nodeoptions.cjs');
const { nodeBinding } = require('./bindings.cjs');
const { observers } = require('./children.cjs');
const { whenLoaded } = require('./loaded.cjs');
const { closeClass, refuse, replace, replaceConstructor, replaceForGood, shareExports } = require('./patch.cjs');
const { isOff } = require('./powers.cjs');
const { evalHint, violation } = require('./violations.cjs');

// guardWorkers patches node:worker_threads.
function guardWorkers(exports) {
  const { MessagePort, SHARE_ENV, Worker } = exports;
  guardPort(MessagePort);
  closeHandle(Worker);
  const v = { __proto__: null, code: 'eval', detail: 'moveMessagePortToContext() gives a context a postMessage that is not checked: it could give a worker code from a string' };
  refuse(exports, 'moveMessagePortToContext', () => v);
  replaceConstructor(exports, 'Worker', {
    __proto__: null,
    construct: (target, args, newTarget) => {
      const before = getOwnPropertyDescriptor(process_, 'env');
      const options = workerOptions(args[0], args[1], SHARE_ENV);
      const outer = inputType;
      inputType = inputTypeOf(isArray(options.execArgv) ? options.execArgv : wordsOf(process_.execArgv ?? []));
      try {
        return construct(target, [args[0], options], newTarget);
      } finally {
        inputType = outer;
        if (isAccessor(before) && before.configurable) defineProperty(process_, 'env', before);
      }
    },
  });
  shareExports();
}

let inputType = ''; // --input-type of the worker of the innermost constructor
const handlePorts = new SafeWeakMap(); // of each native handle, the port by which Node tells its thread what to run
const channels = new SafeWeakSet(); // those ports
const told = new SafeWeakSet(); // those by which a thread was told

// closeHandle takes away the way from a worker to the class of its native handle, which
// would start a thread with any environment. A thread runs what the first message tells
// it, so a handle starts none before Node's message has been sent by the handle's port.
function closeHandle(Worker) {
  const handle = findHandle(Worker);
  if (handle === undefined) return; // the permission model denies threads
  const prototype = getPrototypeOf(handle);
  closeClass(prototype);
  defineProperty(prototype, 'messagePort', { __proto__: null, get: () => undefined, set: recordPort, configurable: false, enumerable: false });
  const start = prototype.startThread;
  replaceForGood(prototype, 'startThread', function () {
    const port = weakGet(handlePorts, this);
    if (port === undefined || !weakHas(told, port)) violation(codeInMessage);
    return apply(start, this, []);
  });
}

// recordPort is called when Node makes a handle: it sets the property before the program
// has the handle, and could put another port there. guardHooks sees to that.
function recordPort(port) {
  defineProperty(this, 'messagePort', { __proto__: null, value: port, writable: false, configurable: false, enumerable: true });
  weakSet(handlePorts, this, port);
  weakAdd(channels, port);
}

// guardHooks patches node:async_hooks. Node calls hooks, and the stores of AsyncLocalStorage in
// Node 22, with a handle that has no port yet: the program could give it another, and keep the
// one of the thread.
function guardHooks(exports) {
  const { createHook } = exports;
  replace(exports, 'createHook', function (functions) {
    const init = functions?.init;
    if (typeof init !== 'function' || typeof functions !== 'object') return apply(createHook, this, [functions]);
    const withoutHandle = function (id, type, trigger, resource) {
      return apply(init, this, [id, type, trigger, type === 'WORKER' ? create(null) : resource]);
    };
    const others = create(functions);
    defineProperty(others, 'init', { __proto__: null, value: withoutHandle });
    return apply(createHook, this, [others]);
  });
  const { prototype } = exports.AsyncLocalStorage;
  const { _enable: enable, _propagate: propagate } = prototype;
  if (typeof propagate === 'function' && typeof enable === 'function') {
    replaceForGood(prototype, '_enable', function () {
      defineProperty(this, '_propagate', { __proto__: null, value: propagate, writable: false, configurable: false, enumerable: false });
      return apply(enable, this, []);
    });
  }
  shareExports();
}

// findHandle returns a native handle. No thread starts here: the flag is refused when there
// is a handle and no thread yet.
function findHandle(Worker) {
  let handle;
  const prototype = new SafeProxy(Worker.prototype, {
    __proto__: null,
    set(target, key, value, receiver) {
      if (typeof key === 'symbol' && typeof value?.startThread === 'function') handle = value;
      return defineProperty(receiver, key, { __proto__: null, value, writable: true, configurable: true, enumerable: true }) === receiver;
    },
  });
  function Unstarted() {}
  Unstarted.prototype = prototype;
  const failure = withoutProgram(getPrototypeOf(Worker), () => {
    construct(Worker, ['/nodeint', { __proto__: null, execArgv: ['--nodeint-unknown'], env: { __proto__: null, NODE_OPTIONS: withOptions('', workerWords()) } }], Unstarted);
  });
  if (handle === undefined && (permission === undefined || apply(hasPermission, permission, ['worker']))) throw failure;
  return handle;
}

// withoutProgram calls a function that makes a handle, and returns what it throws. A setter
// of the program, and its function in the place of EventEmitter.init, would get the handle
// or the worker.
function withoutProgram(Emitter, make) {
  for (let i = 0; i < handleParents.length; i++) {
    if (hasOwn(handleParents[i], 'invalidExecArgv') || hasOwn(handleParents[i], 'invalidNodeOptions')) {
      violation({ __proto__: null, code: 'flag', detail: 'the program has a property where Node tells that flags of a thread are wrong, and would start threads', hint: 'load node:worker_threads before' });
    }
  }
  const before = assign(create(null), getOwnPropertyDescriptor(Emitter, 'init'));
  defineProperty(Emitter, 'init', { __proto__: null, value: { __proto__: null, call() {} }, writable: true, configurable: true, enumerable: true });
  try {
    make();
  } catch (error) {
    return error;
  } finally {
    defineProperty(Emitter, 'init', before);
  }
  return undefined;
}

const handleParents = [ObjectPrototype]; // the prototypes of all native handles, threads or others
const { permission } = process_;
const hasPermission = permission?.has;

// enforceMessages guards those ports, which the program can find in a worker: a message could
// give the thread a text to run. To read the global loads the class, so that waits until
// Node or the program does.
let guardedPort; // the class
function enforceMessages() {
  if (isOff('worker')) return; // no thread starts
  let parent = nodeBinding('process_wrap')?.Process.prototype;
  while (parent && parent !== ObjectPrototype) {
    push(handleParents, parent);
    parent = getPrototypeOf(parent);
  }
  whenLoaded('internal/worker/io', () => {
    const { MessagePort } = globalThis_;
    if (typeof MessagePort === 'function') guardPort(MessagePort);
    else guardedPort = null; // the program has put something else there
  });
}

function guardPort(MessagePort) {
  if (MessagePort === guardedPort) return;
  if (guardedPort !== undefined) {
    violation({ __proto__: null, code: 'flag', detail: 'the program has replaced the global MessagePort, and would start threads', hint: 'load node:worker_threads before' });
  }
  guardedPort = MessagePort;
  const { prototype } = MessagePort;
  const post = prototype.postMessage;
  replace(prototype, 'postMessage', function (...args) {
    if (args.length === 0 || !weakHas(channels, this)) return apply(post, this, args);
    const message = checkMessage(args[0]);
    put(args, 0, message);
    const sent = apply(post, this, args);
    // A getter in workerData may have taken the port away: Node would return true, and the
    // thread has no message. It returns true again only for a port that is there.
    if (message?.type === 'loadScript' && sent === true && apply(post, this, [noInput]) === true) weakAdd(told, this);
    return sent;
  });
}

const noInput = { __proto__: null, type: 'stdioPayload', stream: 'stdin', chunks: [] }; // which a thread ignores
const codeInMessage = { __proto__: null, code: 'eval', detail: 'a message would give a worker code from a string', hint: allowed.eval ? undefined : evalHint };

// checkMessage returns a copy of a message of Node to a thread. All of Node's are objects.
function checkMessage(message) {
  if (typeof message !== 'object' || message === null) return undefined;
  const copy = assign(create(null), message);
  if (copy.type !== 'loadScript') return copy;
  if (!allowed.eval && (copy.webWorkerData !== undefined || (copy.doEval !== false && !isImportOnly(copy)))) violation(codeInMessage);
  if (copy.webWorkerData !== undefined || copy.doEval === 'internal') {
    violation({ __proto__: null, code: 'flag', detail: 'a message would start a thread of Node\'s own or a web worker, which run without the preload' });
  }
  if (copy.doEval === 'classic') guardText(copy);
  return copy;
}

// guardText changes a message with a text, since Node runs no --import, and so no preload,
// before the text of a script. Both kinds of text become ES modules, before which it does. A
// script becomes a call of runScript. All other texts begin with an export, so that Node never
// takes one for a script: it does more to find the kind of a text than can be repeated here.
function guardText(message) {
  const text = textOf(message.filename);
  const script = startsWith(inputType, 'module') ? undefined : scriptOf(text);
  if (script === undefined) {
    message.filename = 'export{};' + (startsWith(text, '#!') ? '//' : '') + text;
    return;
  }
  message.filename = '(' + textOf(runScript) + ')(' + stringifyJSON(script) + ')';
  message.doEval = 'module'; // whatever --input-type is
  const argv = [scriptName]; // which Node adds for scripts
  const given = isArray(message.argv) ? message.argv : [];
  for (let i = 0; i < given.length; i++) push(argv, given[i]);
  message.argv = argv;
}

const scriptName = '[worker eval]';

// scriptOf returns a text, or what is left of it without types, if Node takes it for a script,
// and undefined for an ES module.
function scriptOf(text) {
  const mistake = mistakeIn(text);
  if (mistake === undefined) return text;
  if (isOfModules(mistake)) return undefined;
  const stripped = withoutTypes(text);
  if (stripped === undefined) return text; // the thread reports the mistake
  const second = mistakeIn(stripped);
  return second === undefined || !isOfModules(second) ? stripped : undefined;
}

// mistakeIn returns the message of the exception that V8 throws for the text of a script.
function mistakeIn(text) {
  const { Script } = builtin('vm');
  try {
    construct(Script, [text, scriptName]);
    return undefined;
  } catch (error) {
    return textOf(error?.message);
  }
}

// isOfModules reports whether Node takes a text for an ES module because of such a message
// (src/node_contextify.cc, esm_syntax_error_messages and throws_only_in_cjs_error_messages).
function isOfModules(message) {
  return startsWith(message, 'Cannot use ') || message === 'Unexpected token \'export\'' ||
    startsWith(message, 'await is only valid ') || message === 'Unexpected reserved word';
}

// withoutTypes returns undefined for a text that is not TypeScript either, or if Node strips
// no types. Node does not warn of stripping before a text, and so not here.
function withoutTypes(text) {
  const mode = process_.features?.typescript;
  if (mode !== 'strip' && mode !== 'transform') return undefined;
  const { stripTypeScriptTypes } = Module;
  const warn = getOwnPropertyDescriptor(process_, 'emitWarning');
  try {
    defineProperty(process_, 'emitWarning', { __proto__: null, value() {}, configurable: true });
    return textOf(stripTypeScriptTypes(text, { __proto__: null, mode, sourceMap: mode === 'transform' }));
  } catch {
    return undefined;
  } finally {
    if (warn !== undefined) defineProperty(process_, 'emitWarning', warn);
  }
}

/* eslint-disable preload/primordials -- it is the program's own code: its text runs in the thread, with no variable from here */

// runScript runs a text as Node does. It waits for the end of its module, as an exception would
// be a rejection there.
function runScript(text) {
  const { process } = globalThis;
  process.nextTick(() => {
    const name = '[worker eval]';
    const Module = process.getBuiltinModule('module');
    const vm = process.getBuiltinModule('vm');
    const cwd = process.cwd();
    const module = new Module(name);
    module.filename = process.getBuiltinModule('path').join(cwd, name);
    module.paths = Module._nodeModulePaths(cwd);
    const require = Module.createRequire(module.filename);
    Object.defineProperty(process, '_eval', { __proto__: null, value: text, enumerable: true, configurable: true });
    Object.assign(globalThis, { module, exports: module.exports, require, __dirname: '.', __filename: name });
    const options = { filename: name, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
    if (text.includes('import')) {
      const { emitWarning } = process;
      process.emitWarning = () => {}; // Node warns of the constant, which the text does not use, once
      new vm.Script('import("node:module")', options).runInThisContext();
      process.emitWarning = emitWarning;
    }
    new vm.Script(text, options).runInThisContext();
  });
}

/* eslint-enable preload/primordials */

// inputTypeOf returns the value of --input-type.
function inputTypeOf(words) {
  let type = '';
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--input-type') type = textOf(words[i + 1]);
    else if (startsWith(words[i], '--input-type=')) type = slice(words[i], 13);
  }
  return type;
}

// isImportOnly reports whether the code is what Node makes of a data: URL.
function isImportOnly({ doEval, filename }) {
  if (doEval === 'data-url') return true;
  if (doEval !== 'module' || typeof filename !== 'string' || !startsWith(filename, 'import "')) return false;
  try {
    const url = slice(filename, 7);
    return stringifyJSON(parseJSON(url)) === url;
  } catch {
    return false;
  }
}

const names = ['argv', 'workerData', 'name', 'resourceLimits', 'trackUnmanagedFds', 'stdin', 'stdout', 'stderr', 'transferList'];

// workerOptions returns a copy of the options, each of which it reads once.
function workerOptions(file, given, share) {
  const observe = observers.worker;
  if (observe !== undefined) observe(file);
  const options = create(null);
  const source = given ?? create(null);
  for (let i = 0; i < names.length; i++) options[names[i]] = source[names[i]];
  options.eval = !!source.eval; // which Node reads from Object.prototype too
  if (options.eval && !allowed.eval) violation({ __proto__: null, code: 'eval', detail: 'a worker with code from a string', hint: evalHint });
  const execArgv = source.execArgv;
  options.execArgv = isArray(execArgv) ? checkFlags(wordsOf(execArgv), true).flags : execArgv;
  setEnvironment(options, source.env, share);
  return options;
}

// setEnvironment sets the environment of a thread. Without one of its own, and without
// flags, a thread has its parent's options as they were parsed, and nobody can change
// them any more.
function setEnvironment(options, given, share) {
  env.NODE_DISABLE_COMPILE_CACHE = '1';
  if (given === share && share !== undefined) {
    env.NODE_OPTIONS = withOptions(env.NODE_OPTIONS ?? '', own);
    options.env = share;
    shareOptions(options);
  } else if ((typeof given === 'object' && given !== null) || isArray(options.execArgv)) {
    const copy = assign(create(null), given ?? env);
    const environment = create(null);
    for (const name in copy) environment[name] = textOf(copy[name]);
    environment.NODE_OPTIONS = withOptions(environment.NODE_OPTIONS ?? '', workerWords());
    environment.NODE_DISABLE_COMPILE_CACHE = '1';
    options.env = environment;
  } else if (given === undefined || given === null) {
    defineProperty(options, 'env', { __proto__: null, get: restoreEnvironment, enumerable: true });
  } else {
    options.env = given; // Node throws
  }
}

// shareOptions makes a thread with a shared environment take its parent's options. With
// flags of its own it would read NODE_OPTIONS, which another thread could change before.
function shareOptions(options) {
  const flags = options.execArgv;
  if (!isArray(flags)) return;
  const parents = process_.execArgv;
  let isSame = flags.length === 0 || flags.length === parents?.length;
  for (let i = 0; isSame && i < flags.length; i++) isSame = flags[i] === parents[i];
  if (!isSame) {
    violation({
      __proto__: null, code: 'flag', detail: 'a worker with SHARE_ENV and flags of its own: another thread could change NODE_OPTIONS before it starts',
      hint: 'leave out execArgv, or give the worker an environment of its own',
    });
  }
  options.execArgv = undefined;
}

// restoreEnvironment is called when Node is about to read process.env, twice: a getter of
// the program would return another object the second time, which Node would take for an
// environment of the thread's own.
function restoreEnvironment() {
  const now = getOwnPropertyDescriptor(process_, 'env');
  if (!isAccessor(now)) return undefined;
  if (!now.configurable) violation({ __proto__: null, code: 'flag', detail: 'a worker with a process.env that is a getter' });
  else defineProperty(process_, 'env', { __proto__: null, value: env, writable: true, enumerable: true, configurable: true });
  return undefined;
}

function isAccessor(descriptor) {
  return descriptor === undefined || descriptor.get !== undefined || descriptor.set !== undefined;
}

// workerWords returns those of nodeint's words that a thread may have: the others are
// for a whole process.
function workerWords() {
  const words = [];
  for (let i = 0; i < own.length; i++) if (startsWith(own[i], '--import=') || startsWith(own[i], '--experimental-package-map=')) push(words, own[i]);
  return words;
}

module.exports = { __proto__: null, enforceMessages, guardHooks, guardWorkers };
