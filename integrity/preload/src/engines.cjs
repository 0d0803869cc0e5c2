// Engines of OpenSSL: libraries that crypto.setEngine and the options clientCertEngine
// and privateKeyEngine of TLS load.
'use strict';

const { builtin, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, stringifyJSON } = require('./primordials.cjs');
const { nodeBinding, quietly } = require('./bindings.cjs');
const { refuse } = require('./patch.cjs');

const engineOf = (name) => (engine) => ({
  __proto__: null, code: 'native', detail: name + ' would load ' + stringifyJSON(typeof engine === 'string' ? engine : typeof engine),
});

function guardCrypto(exports) {
  refuse(exports, 'setEngine', engineOf('crypto.setEngine()'));
}

// enforceEngines waits for the first use of TLS, by the program or by Node (fetch): to
// load node:tls takes ten milliseconds, and many programs never do. When Node loads it,
// it reads TLSWrap from a binding. The module that has SecureContext is loaded then.
// Under the permission model there is no such binding, and OpenSSL loads no engines.
function enforceEngines() {
  const crypto = nodeBinding('crypto'); // only Node 22 has it
  if (crypto !== undefined) {
    refuse(crypto, 'setEngine', engineOf('crypto.setEngine()'));
    guardContexts(crypto.SecureContext.prototype);
    return;
  }
  const binding = nodeBinding('tls_wrap');
  if (binding === undefined) return;
  const { TLSWrap } = binding;
  const get = () => {
    guardTLS();
    return TLSWrap;
  };
  defineProperty(binding, 'TLSWrap', { __proto__: null, get, enumerable: true, configurable: false });
}

let guarded = false;
function guardTLS() {
  if (guarded) return;
  const { SecureContext } = quietly(() => builtin('_tls_common'));
  const made = new SecureContext(undefined, undefined, 'TLSv1.2', 'TLSv1.3');
  // Its own property: the program may have put one on Object.prototype.
  guardContexts(getPrototypeOf(getOwnPropertyDescriptor(made, 'context').value));
}

// guardContexts patches the functions of Node's binding with which all of tls, https,
// http2 and fetch load engines.
function guardContexts(prototype) {
  refuse(prototype, 'setClientCertEngine', engineOf('the option clientCertEngine'));
  refuse(prototype, 'setEngineKey', () => ({ __proto__: null, code: 'native', detail: 'the option privateKeyEngine would load an engine' }));
  guarded = true;
}

module.exports = { __proto__: null, enforceEngines, guardCrypto, guardTLS };
