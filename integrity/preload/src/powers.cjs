// Powers: what pinned code may do beside loading modules. The launcher names those that no
// package of the map uses. They are off: a use is a violation. In trace mode a use is noted.
'use strict';

const {
  Module, apply, assign, builtin, construct, create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, globalThis_, isFrozen, process_, separator, setPrototypeOf, stringifyJSON,
} = require('./primordials.cjs');
const { nodeBinding } = require('./bindings.cjs');
const { config } = require('./image.cjs');
const { whenLoaded } = require('./loaded.cjs');
const { replace, standIn } = require('./patch.cjs');
const { clip, violation } = require('./violations.cjs');

const observers = { __proto__: null, power: undefined }; // recorder.cjs sets it

const off = create(null); // true by power
for (let i = 0; i < config.off.length; i++) off[config.off[i]] = true;
const modules = assign(create(null), config.offModules); // powers by module of Node

// useModule says that the program asks for a module of Node.
function useModule(name, asked) {
  const power = modules[name];
  if (power !== undefined) usePower(power, 'node:' + name, asked);
}

// usePower says that the program uses a power. It is off unless pinned code uses it.
function usePower(power, what, asked) {
  if (off[power] !== true) return;
  const observe = observers.power;
  if (observe !== undefined) {
    observe(power, asked);
    return;
  }
  violation({
    __proto__: null, code: 'power', detail: what + ' is switched off, because no pinned package uses the power ' + power, asked,
    hint: 'if the program needs it, start it with --allow ' + power + ', or record what it uses: nodeint trace',
  });
}

function isOff(power) {
  return off[power] === true;
}

// usesBefore makes each call of a function a use of a power.
function usesBefore(object, name, power, what) {
  const old = object?.[name];
  if (off[power] !== true || typeof old !== 'function') return;
  replace(object, name, function () {
    usePower(power, what);
    return apply(old, this, arguments);
  });
}

// usesConstructor makes each construction by a global a use of a power.
function usesConstructor(name, power) {
  const old = getOwnPropertyDescriptor(globalThis_, name);
  if (old?.value === undefined || old.configurable !== true) return;
  const value = standIn(old.value, {
    __proto__: null,
    construct: (target, args, newTarget) => (usePower(power, name), construct(target, args, newTarget)),
  });
  defineProperty(globalThis_, name, { __proto__: null, value, writable: true, enumerable: old.enumerable, configurable: true });
}

// guardHandles guards the prototype of a class of native handles. Without the power, Node itself calls none of
// these functions: pipes to child processes are made by others.
function guardHandles(prototype) {
  const what = 'a native socket';
  usesBefore(prototype, 'bind', 'network', what);
  usesBefore(prototype, 'bind6', 'network', what);
  usesBefore(prototype, 'connect', 'network', what);
  usesBefore(prototype, 'connect6', 'network', what);
  usesBefore(prototype, 'listen', 'network', what);
}

// handleClasses returns the prototypes of the classes of native sockets. Under the
// permission model there are no bindings. Then they are taken from two sockets that are
// destroyed before they connect, the second to what cannot be there. The program has not run
// yet, and sees neither.
function handleClasses(net) {
  const tcp = nodeBinding('tcp_wrap');
  if (tcp !== undefined) return [tcp.TCP.prototype, nodeBinding('pipe_wrap').Pipe.prototype];
  const path = separator === '/' ? '/dev/null/nodeint' : '\\\\?\\pipe\\nodeint-none';
  return [handleClass(net, { __proto__: null, host: '127.0.0.1', port: 1 }), handleClass(net, { __proto__: null, path })];
}

/* eslint-disable preload/primordials -- before the program runs */
function handleClass(net, address) {
  const socket = new net.Socket();
  socket.on('error', () => {}); // the permission model of Node 26 denies the second
  try {
    socket.connect(address);
  } catch {} // or the first
  const handle = socket._handle;
  socket.destroy();
  return handle ? getPrototypeOf(handle) : undefined;
}
/* eslint-enable preload/primordials */

// guardNetwork guards fetch, and what every connection passes: the program has ways to
// classes of node:net without asking for the module, such as process.stdin.constructor,
// WebSocket and the dispatcher of fetch.
function guardNetwork() {
  if (off.network !== true) return;
  const whenNet = process_.permission === undefined ? whenLoaded : (name, use) => use(builtin(name));
  whenNet('net', (net) => {
    // The class of a socket's native handle, such as that of stdin, connects and listens too.
    const classes = handleClasses(net);
    for (let i = 0; i < classes.length; i++) guardHandles(classes[i]);
    usesBefore(net.Socket.prototype, 'connect', 'network', 'net.Socket.connect()');
    usesBefore(net.Server.prototype, 'listen', 'network', 'net.Server.listen()');
  });
  usesBefore(globalThis_, 'fetch', 'network', 'fetch()');
  if (observers.power === undefined) return;
  // They connect later, when no frame of the program is on the stack. To read them loads
  // the implementation of fetch, which takes longer than all else before the program.
  usesConstructor('WebSocket', 'network');
  usesConstructor('EventSource', 'network');
}

// guardFunctions guards eval and the four constructors that compile code from strings: a
// realm has no other way to its own compiler, since compilers.cjs closes Node's. V8 has a flag
// for it, but rejects the compiled form of Node's own modules then, and a start takes a fifth
// longer.
function guardFunctions() {
  if (off.eval !== true) return;
  if (isFrozen(getPrototypeOf(create))) {
    checkFrozen();
    return;
  }
  const list = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (let i = 0; i < list.length; i++) guardCompiler(getPrototypeOf(list[i]));
  // A direct call of eval, which sees the variables around it, names eval. So it is only
  // called in another way if the power is off.
  if (observers.power === undefined) usesBefore(globalThis_, 'eval', 'eval', 'eval()');
}

// guardCompiler guards the constructor of a kind of functions.
function guardCompiler(prototype) {
  const old = getOwnPropertyDescriptor(prototype, 'constructor');
  const name = old.value.name;
  const value = standIn(old.value, {
    __proto__: null,
    apply: (target, self, args) => (usePower('eval', name + '()'), apply(target, self, args)),
    construct: (target, args, newTarget) => (usePower('eval', name + '()'), construct(target, args, newTarget)),
  });
  defineProperty(prototype, 'constructor', { __proto__: null, value, writable: old.writable, configurable: true, enumerable: false });
  if (name === 'Function') replace(globalThis_, name, value);
  else setPrototypeOf(value, globalThis_.Function); // that of the others is Function itself
}

// checkFrozen refuses --frozen-intrinsics in a child process, if the program was started
// without it: the launcher gives V8's flag only to a program that has both.
function checkFrozen() {
  if (observers.power !== undefined) return;
  try {
    construct(globalThis_.Function, ['']);
  } catch {
    return;
  }
  violation({
    __proto__: null, code: 'flag', detail: 'a node process with --frozen-intrinsics, under which code from strings cannot be switched off',
    hint: 'start the program with --frozen-intrinsics as well, or with --allow eval',
  });
}

// guardSnapshots guards node:v8.
function guardSnapshots(exports) {
  usesBefore(exports, 'setFlagsFromString', 'v8-flags', 'v8.setFlagsFromString()');
  const { startupSnapshot } = exports;
  usesBefore(startupSnapshot, 'addSerializeCallback', 'v8-flags', 'v8.startupSnapshot');
  usesBefore(startupSnapshot, 'addDeserializeCallback', 'v8-flags', 'v8.startupSnapshot');
  usesBefore(startupSnapshot, 'setDeserializeMainFunction', 'v8-flags', 'v8.startupSnapshot');
}

// guardBinding guards the ways to Node's own bindings.
function guardBinding(name) {
  const old = process_[name];
  if (off.binding !== true || typeof old !== 'function') return;
  replace(process_, name, function (id) {
    usePower('binding', 'process.' + name + '(' + stringifyJSON(clip('' + id)) + ')');
    return apply(old, process_, arguments);
  });
}

// enforcePowers runs last: it guards what the other modules have put in place.
function enforcePowers() {
  usesBefore(process_, 'dlopen', 'addons', 'machine code');
  usesBefore(Module, 'registerHooks', 'module-hooks', 'module.registerHooks()');
  guardNetwork();
  guardBinding('binding');
  guardBinding('_linkedBinding');
  guardFunctions();
}

module.exports = { __proto__: null, enforcePowers, guardSnapshots, isOff, observers, useModule, usePower };
