// Engines of OpenSSL: libraries that crypto.setEngine and the options clientCertEngine
// and privateKeyEngine of TLS load.
'use strict';

const { builtin, getOwnPropertyDescriptor, getPrototypeOf, process_, stringifyJSON } = require('./primordials.cjs');
const { quietly } = require('./bindings.cjs');
const { whenLoaded } = require('./loaded.cjs');
const { refuse } = require('./patch.cjs');

const engineOf = (name) => (engine) => ({
  __proto__: null, code: 'native', detail: name + ' would load ' + stringifyJSON(typeof engine === 'string' ? engine : typeof engine),
});

function guardCrypto(exports) {
  refuse(exports, 'setEngine', engineOf('crypto.setEngine()'));
}

// guardCryptoBinding guards what process.binding returns, and the class of its contexts.
function guardCryptoBinding(binding) {
  guardCrypto(binding);
  guardTLS();
}

// enforceEngines waits for the first use of TLS, by the program or by Node (fetch): to
// load node:tls takes ten milliseconds, and many programs never do. Under the permission
// model OpenSSL loads no engines.
function enforceEngines() {
  if (process_.permission !== undefined) return;
  whenLoaded('internal/tls/common', guardTLS);
  whenLoaded('tls', guardTLS); // if that has another name
}

let guarded = false;
function guardTLS() {
  if (guarded) return;
  const { SecureContext } = quietly(() => builtin('_tls_common'));
  if (guarded || SecureContext === undefined) return; // the modules load each other, and this one has not ended
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

module.exports = { __proto__: null, enforceEngines, guardCrypto, guardCryptoBinding, guardTLS };
