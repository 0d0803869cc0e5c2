// The preload starts: it checks how the process was started, and puts the patches in
// place before any code of the program runs.
'use strict';

const { isWorker, process_, push, syncBuiltinESMExports } = require('./primordials.cjs');
const { allowed, config } = require('./image.cjs');
const { usesPnp } = require('./files.cjs');
const { evalHint, violation } = require('./violations.cjs');
const { checkFlags, kindOf } = require('./nodeoptions.cjs');
const { enforceChildren } = require('./children.cjs');
const { enforceNative } = require('./native.cjs');
const { enforceWasm } = require('./wasm.cjs');
const { enforceBuiltins } = require('./builtins.cjs');
const { enforceModules } = require('./modules.cjs');
const { enforcePowers } = require('./powers.cjs');

// checkStart refuses a process that was started, for example by a shell, to run code
// that is in no file: the launcher and enforceSpawn have checked all others.
function checkStart() {
  if (isWorker) return;
  const given = process_.execArgv;
  const words = [];
  for (let i = 0; i < given.length; i++) push(words, given[i]);
  checkFlags(words, true);
  let hasMain = process_.argv.length > 1;
  for (let i = 0; i < words.length; i++) hasMain ||= kindOf(words[i]) === 'alone' || kindOf(words[i]) === 'eval';
  if (!hasMain && !allowed.eval) {
    violation({ __proto__: null, code: 'eval', detail: 'a node process that reads its code from stdin', hint: evalHint });
  }
}

const pnp = usesPnp ? require('./pnp.cjs') : undefined;
pnp?.hookPnp();
if (config.mode === 'enforce') {
  enforceModules();
  enforceNative();
  enforceWasm();
  enforceBuiltins();
  enforceChildren();
  enforcePowers();
  checkStart();
} else {
  const { record } = require('./recorder.cjs');
  enforceChildren();
  record();
  enforcePowers();
}
pnp?.loadPnpFile();
syncBuiltinESMExports();
