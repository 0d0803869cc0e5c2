// The recorder of nodeint trace: it writes down what Node loads and who asked, and
// stops nothing. Package trace specifies the lines.
'use strict';

const {
  Module, O_APPEND, O_CREAT, O_WRONLY, SafeProxy, SafeSet, absolute, apply, builtin, construct, create, dirname, endsWith, isArray, openSync, process_, push,
  registerHooks, separator, setAdd, setHas, slice, startsWith, stringifyJSON, wellFormed, writeSync,
} = require('./primordials.cjs');
const { config, root } = require('./image.cjs');
const { read, realOf } = require('./files.cjs');
const { isImport, pathOf, requireScheme } = require('./urls.cjs');
const { exit, say, stack } = require('./violations.cjs');
const { replace } = require('./patch.cjs');
const { checkFlags, isNode } = require('./nodeoptions.cjs');
const { observers } = require('./children.cjs');
const { observers: powerObservers } = require('./powers.cjs');
const { getBuiltin, guardBuiltin } = require('./builtins.cjs');
const { requireModule } = require('./modules.cjs');
const { dlopenNative } = require('./native.cjs');

const written = new SafeSet(); // lines
const noted = create(null); // true by directory whose package.json was noted
let recordFile = -1;

function note(how, path, asked) {
  const real = realOf(path);
  if (read(real) === undefined) return; // a made-up name, or a directory
  write(stringifyJSON({ __proto__: null, how, path: real, ...asked }));
}

function write(line) {
  if (setHas(written, line)) return;
  setAdd(written, line);
  try {
    writeSync(recordFile, line + '\n');
  } catch (error) {
    say('nodeint: error: cannot write what node loads to ' + config.record + ': ' + error.message + '\n');
    exit();
  }
}

// asker returns who asked, and where, as far as the stack shows it.
function asker(parentURL, specifier, byImport) {
  const path = parentURL === undefined ? undefined : pathOf(parentURL);
  const frames = stack();
  for (let i = 0; i < frames.length; i++) {
    const at = pathOf(frames[i].scriptName);
    if (at === undefined) continue;
    if (path !== undefined && at !== path) break;
    return { __proto__: null, parent: realOf(at), line: frames[i].lineNumber, column: frames[i].columnNumber ?? frames[i].column, import: byImport || undefined, specifier: wellFormed(specifier) };
  }
  return path === undefined ? undefined : { __proto__: null, parent: realOf(path), import: byImport || undefined, specifier: wellFormed(specifier) };
}

// recordResolve is the resolve hook.
function recordResolve(specifier, context, next) {
  if (startsWith(specifier, requireScheme)) {
    return { __proto__: null, url: specifier, format: 'module', shortCircuit: true };
  }
  const result = next(specifier, context);
  if (startsWith(result.url, 'node:')) guardBuiltin(slice(result.url, 5), { __proto__: null, parentURL: context.parentURL, specifier });
  const path = pathOf(result.url);
  if (path !== undefined) note(howOf(path), path, asker(context.parentURL, specifier, isImport(context.conditions)));
  return result;
}

function howOf(path) {
  if (endsWith(path, '.node')) return 'addon';
  return endsWith(path, '.wasm') ? 'wasm' : 'module';
}

// recordLoad is the load hook.
function recordLoad(url, context, next) {
  if (startsWith(url, requireScheme)) return requireModule(url);
  const path = pathOf(url);
  if (path !== undefined) {
    note(howOf(path), path);
    noteManifests(dirname(realOf(path)));
  }
  return next(url, context);
}

// noteManifests notes the package.json of each directory up to the root: one of them
// decides the format of the file, and the others what names mean in it.
function noteManifests(dir) {
  while (noted[dir] === undefined) {
    noted[dir] = true;
    note('package', dir + separator + 'package.json');
    if (dir === root || !startsWith(dir, root)) return;
    dir = dirname(dir);
  }
}

// recordChild notes the script with which a child node is started.
function recordChild(options) {
  const args = options.args;
  if (!isNode('' + options.file) || !isArray(args)) return;
  const words = [];
  for (let i = 1; i < args.length; i++) push(words, '' + args[i]);
  const script = words[checkFlags(words, false).rest];
  if (script !== undefined) noteStart('child', script);
}

function recordWorker(file) {
  const name = typeof file === 'string' ? file : file?.href;
  if (typeof name === 'string' && !startsWith(name, 'data:')) noteStart('worker', name);
}

// noteStart notes what a child or thread starts with. It is relative to the working
// directory, not to who asks.
function noteStart(how, name) {
  const path = pathOf(name) ?? absolute(name);
  note(how, path, asker(undefined, path, false));
}

// recordPower notes that a file uses a power: the one that asks, or else the main module.
function recordPower(power, asked) {
  const by = asked?.parentURL === undefined ? asker(undefined, '', false)?.parent : pathOf(asked.parentURL);
  const path = by ?? process_.argv[1];
  if (path === undefined) return;
  write(stringifyJSON({ __proto__: null, how: 'power', path: realOf(path), power }));
}

// audited are the powers by what Node's permission model calls them. It is asked for the
// inspector by each thread that Node starts; who loads node:inspector is noted anyway.
const audited = {
  __proto__: null, Addon: 'addons', ChildProcess: 'child-process', FFI: 'ffi', FileSystemWrite: 'fs-write', Net: 'network',
  WASI: 'wasi', WorkerThreads: 'worker',
};

// recordAudit notes what the program asks Node's permission model for. With
// --permission-audit, Node publishes each request, and grants it.
function recordAudit() {
  const channels = ['addon', 'child', 'ffi', 'fs', 'net', 'wasi', 'worker'];
  const { subscribe } = builtin('diagnostics_channel');
  for (let i = 0; i < channels.length; i++) {
    subscribe('node:permission-model:' + channels[i], (message) => {
      const power = audited[message.permission];
      if (power !== undefined) recordPower(power);
    });
  }
}

// recordVM patches node:vm: test runners read modules themselves, and hand the text to
// it under the file's name.
function recordVM() {
  const vm = builtin('vm');
  replace(vm, 'Script', recordScript(vm.Script));
  if (vm.SourceTextModule !== undefined) replace(vm, 'SourceTextModule', recordScript(vm.SourceTextModule));
  replace(vm, 'compileFunction', recordRun(vm.compileFunction, 2));
  replace(vm, 'runInContext', recordRun(vm.runInContext, 2));
  replace(vm, 'runInNewContext', recordRun(vm.runInNewContext, 2));
  replace(vm, 'runInThisContext', recordRun(vm.runInThisContext, 1));
}

function recordScript(constructor) {
  return new SafeProxy(constructor, {
    __proto__: null,
    construct: (target, args, newTarget) => (noteNamed(args[1]), construct(target, args, newTarget)),
  });
}

function noteNamed(options) {
  const path = pathOf(typeof options === 'string' ? options : options?.filename ?? options?.identifier);
  if (path !== undefined) note('module', path);
}

function recordRun(run, index) {
  return function () {
    noteNamed(arguments[index]);
    return apply(run, this, arguments);
  };
}

function recordModules() {
  registerHooks({ __proto__: null, resolve: recordResolve, load: recordLoad });
  const loadModule = Module.prototype.load;
  replace(Module.prototype, 'load', function (filename) {
    try {
      return apply(loadModule, this, arguments);
    } finally {
      if (pathOf(filename) !== undefined) note(howOf(filename), filename); // a handler of require.extensions may have read it
    }
  });
  replace(process_, 'dlopen', function (module, filename) {
    note('addon', '' + filename, asker(undefined, '' + filename, false));
    return apply(dlopenNative, this, arguments);
  });
}

function record() {
  recordFile = openSync(config.record, O_WRONLY | O_APPEND | O_CREAT, 0o666);
  observers.child = recordChild;
  observers.worker = recordWorker;
  powerObservers.power = recordPower;
  recordModules();
  recordVM();
  recordAudit();
  replace(process_, 'getBuiltinModule', getBuiltin);
}

module.exports = { __proto__: null, record };
