// The native classes that compile a text: those of scripts and of modules. Objects of
// Node have them, and a program that finds such an object would need neither eval nor node:vm.
// So these classes are no property of what they make.
'use strict';

const { Module, SafeError, SafeProxy, apply, builtin, create, getPrototypeOf, process_, whenSettled } = require('./primordials.cjs');
const { closeClass } = require('./patch.cjs');

const compileModule = Module.prototype._compile;
const hasRequire = process_.features.require_module !== false; // of ES modules

// closeModules closes the class of modules. A program finds a module in its own
// require.cache, by the promises of an import, and in node:vm. The first use costs tenths
// of a millisecond, so it waits for the first ES module that is loaded.
let isOpen = true;
function closeModules() {
  if (!isOpen) return;
  const module = nativeModule();
  if (typeof module?.instantiate !== 'function') throw new SafeError('nodeint: this version of Node gives no access to its class of modules');
  closeModule(module);
}

function closeModule(module) {
  closeClass(getPrototypeOf(module));
  isOpen = false;
}

// nativeModule returns a module that never runs: Node puts it into the object that
// requires it.
function nativeModule() {
  let made;
  const enough = { __proto__: null };
  const parent = new SafeProxy(create(null), {
    __proto__: null,
    set(target, key, value) {
      if (typeof value !== 'object') return true;
      made = value;
      throw enough;
    },
  });
  try {
    apply(compileModule, parent, ['', '/dev/null/nodeint', 'module']);
  } catch (error) {
    if (error !== enough) throw error; // as of a full stack: what is being loaded must not be
  }
  return made;
}

// closeLater closes the class if node was started with --no-require-module: it takes the
// module of the preload, which Node passes on in promises after the preload and before the
// program. Hooks of promises make all of them slower, so nobody else gets them.
function closeLater() {
  let isLooking = false;
  const look = (value) => {
    if (!isOpen || typeof value?.module?.instantiate !== 'function') return;
    closeModule(value.module);
    stop();
  };
  // eslint-disable-next-line preload/primordials -- before the program runs
  const stop = builtin('v8').promiseHooks.onSettled((promise) => {
    if (isLooking) return; // the promise of whenSettled
    isLooking = true;
    whenSettled(promise, look, () => {});
    isLooking = false;
  });
}

// enforceCompilers closes the classes that a program can find before it loads an ES module.
function enforceCompilers(vm) {
  closeClass(getPrototypeOf(vm.Script.prototype));
  if (!hasRequire) closeLater();
  else if (vm.Module !== undefined) closeModules();
}

module.exports = { __proto__: null, closeModules, enforceCompilers };
