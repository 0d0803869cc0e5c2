// Node loads many of its modules when they are first needed, some of them only for its own
// code. To load them before would cost each start more than the program.
'use strict';

const {
  SafeProxy, SafeSet, builtin, create, defineProperty, getOwnPropertyDescriptor, isArray, process_, push, setAdd, setHas, setPrototypeOf, slice, startsWith,
} = require('./primordials.cjs');

const prefix = 'NativeModule ';
const waiting = create(null); // lists of functions by the name in the list of modules
let seen = false;
let watches; // whether watch has succeeded
const loaded = new SafeSet(); // what the list has had
const nested = []; // names that the list has lost: see added
let depth = 0; // of functions that whenLoaded was given

// whenLoaded calls a function with the exports of a module of Node, before the program can
// have them: at once if the module is loaded.
function whenLoaded(name, use) {
  watches ??= watch();
  if (!watches || setHas(loaded, prefix + name)) {
    use(exportsOf(name));
    return;
  }
  waiting[prefix + name] ??= [];
  push(waiting[prefix + name], use);
}

// exportsOf returns undefined for a module that is only Node's own.
function exportsOf(name) {
  return startsWith(name, 'internal/') ? undefined : builtin(name);
}

// watch watches the list to which Node adds the name of each module that it has loaded, and
// reports whether it notices what is added. A new element is not yet a property of the
// list, so that its prototype is asked. The program gets copies of the list: with the list
// itself it could change the prototype.
function watch() {
  const old = getOwnPropertyDescriptor(process_, 'moduleLoadList');
  if (!isArray(old?.value) || !old.configurable) return false;
  const list = old.value;
  for (let i = 0; i < list.length; i++) setAdd(loaded, list[i]);
  setPrototypeOf(list, new SafeProxy(create(null), { __proto__: null, set: added }));
  builtin('path/win32'); // is loaded nowhere else, and tiny
  if (!seen) return false;
  const get = () => copyOf(list);
  defineProperty(process_, 'moduleLoadList', { __proto__: null, get, enumerable: old.enumerable, configurable: true });
  return true;
}

function copyOf(list) {
  const copy = [];
  for (let i = 0; i < list.length; i++) push(copy, list[i]);
  for (let i = 0; i < nested.length; i++) push(copy, nested[i]);
  return copy;
}

// added adds a name to the list. Array.prototype.push then sets the length, and removes what
// was added meanwhile: the names of modules that a function of whenLoaded has loaded.
function added(target, key, value, list) {
  seen = true;
  defineProperty(list, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  setAdd(loaded, value);
  if (depth > 0) push(nested, value);
  const uses = waiting[value];
  if (uses === undefined) return true;
  delete waiting[value];
  depth++;
  try {
    const exports = exportsOf(slice(value, prefix.length));
    for (let i = 0; i < uses.length; i++) {
      const use = uses[i];
      use(exports);
    }
  } finally {
    depth--;
  }
  return true;
}

module.exports = { __proto__: null, whenLoaded };
