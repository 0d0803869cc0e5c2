// The recorder of nodeint trace: it writes down what Node loads and who asked,
// and stops nothing. Package trace specifies the lines.

const written = new SafeSet();
let recordFile = -1;

function note(how, path, asked) {
  const real = realOf(path);
  if (read(real) === undefined) return; // a made-up name, or a folder
  const line = stringifyJSON({ __proto__: null, how, path: real, ...asked });
  if (setHas(written, line)) return;
  setAdd(written, line);
  try {
    writeSync(recordFile, line + '\n');
  } catch (error) {
    say('nodeint: error: what node loads could not be written to ' + config.record + ': ' + error.message + '\n');
    exit();
  }
}

// asker tells who asks, and where, as far as the stack shows it.
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

function recordResolve(specifier, context, next) {
  if (startsWith(specifier, requireScheme)) {
    return { __proto__: null, url: specifier, format: 'module', shortCircuit: true };
  }
  const result = next(specifier, context);
  if (startsWith(result.url, 'node:')) guardBuiltin(slice(result.url, 5));
  const path = pathOf(result.url);
  if (path !== undefined) note(howOf(path), path, asker(context.parentURL, specifier, isImport(context.conditions)));
  return result;
}

function howOf(path) {
  if (endsWith(path, '.node')) return 'addon';
  return endsWith(path, '.wasm') ? 'wasm' : 'module';
}

function recordLoad(url, context, next) {
  if (startsWith(url, requireScheme)) return preload(url);
  const path = pathOf(url);
  if (path !== undefined) {
    note(howOf(path), path);
    noteManifests(folderOf(realOf(path)));
  }
  return next(url, context);
}

// noteManifests notes the package.json of each folder up to the root: one of them
// says what the text of the file means, and the others what names mean in it.
function noteManifests(dir) {
  while (steered[dir] === undefined) {
    steered[dir] = true;
    note('package', dir + separator + 'package.json');
    if (dir === root || !startsWith(dir, root)) return;
    dir = folderOf(dir);
  }
}

// recordChild notes the file that a child node is started with.
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

// noteStart notes what a child or thread starts with: relative to the working
// directory, not to who asks.
function noteStart(how, name) {
  const path = pathOf(name) ?? absolute(name);
  note(how, path, asker(undefined, path, false));
}

// Test runners read modules by themselves, and hand the text to node:vm under
// the file's name.
function recordVM() {
  const vm = builtin('vm');
  const named = (options) => {
    const path = pathOf(typeof options === 'string' ? options : options?.filename ?? options?.identifier);
    if (path !== undefined) note('module', path);
  };
  const constructors = ['Script', 'SourceTextModule'];
  for (let i = 0; i < constructors.length; i++) {
    if (vm[constructors[i]] === undefined) continue;
    replace(vm, constructors[i], new SafeProxy(vm[constructors[i]], {
      __proto__: null,
      construct: (target, args, newTarget) => (named(args[1]), construct(target, args, newTarget)),
    }));
  }
  const functions = [['compileFunction', 2], ['runInContext', 2], ['runInNewContext', 2], ['runInThisContext', 1]];
  for (let i = 0; i < functions.length; i++) {
    const run = vm[functions[i][0]];
    replace(vm, functions[i][0], function () {
      named(arguments[functions[i][1]]);
      return apply(run, this, arguments);
    });
  }
}

function record() {
  recordFile = openSync(config.record, O_WRONLY | O_APPEND | O_CREAT, 0o666);
  registerHooks({ __proto__: null, resolve: recordResolve, load: recordLoad });
  recordVM();
  replace(process_, 'dlopen', function (module, filename) {
    note('addon', '' + filename, asker(undefined, '' + filename, false));
    return apply(dlopenNative, this, arguments);
  });
  const loadModule = Module.prototype.load;
  replace(Module.prototype, 'load', function (filename) {
    try {
      return apply(loadModule, this, arguments);
    } finally {
      if (pathOf(filename) !== undefined) note(howOf(filename), filename); // a handler of require.extensions may have read it
    }
  });
  replace(process_, 'getBuiltinModule', getBuiltin);
}
