// Threads: each starts with the preload, whatever environment and flags the program gives
// it, and with no code from a string.
'use strict';

const {
  SafeProxy, assign, construct, create, defineProperty, env, getOwnPropertyDescriptor, getPrototypeOf, isArray, process_, push,
  startsWith, syncBuiltinESMExports, textOf, wordsOf,
} = require('./primordials.cjs');
const { allowed } = require('./image.cjs');
const { checkFlags, own, withOptions } = require('./nodeoptions.cjs');
const { observers } = require('./children.cjs');
const { replaceConstructor } = require('./patch.cjs');
const { evalHint, violation } = require('./violations.cjs');

// guardWorkers patches node:worker_threads.
function guardWorkers(exports) {
  const { SHARE_ENV, Worker } = exports;
  closeHandle(Worker);
  replaceConstructor(exports, 'Worker', {
    __proto__: null,
    construct: (target, args, newTarget) => {
      const before = getOwnPropertyDescriptor(process_, 'env');
      const options = workerOptions(args[0], args[1], SHARE_ENV);
      try {
        return construct(target, [args[0], options], newTarget);
      } finally {
        if (isAccessor(before) && before.configurable) defineProperty(process_, 'env', before);
      }
    },
  });
  syncBuiltinESMExports();
}

// closeHandle takes away the way from a worker to the class of its native handle, which
// would start a thread with any environment. No thread starts here: the flag is refused
// when there is a handle and no thread yet.
function closeHandle(Worker) {
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
  try {
    construct(Worker, ['/nodeint', { __proto__: null, execArgv: ['--nodeint-unknown'], env: { __proto__: null, NODE_OPTIONS: withOptions('', workerWords()) } }], Unstarted);
  } catch {} // of the flag
  if (handle === undefined) return;
  defineProperty(getPrototypeOf(handle), 'constructor', { __proto__: null, value: undefined, writable: false, configurable: false, enumerable: false });
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

module.exports = { __proto__: null, guardWorkers };
