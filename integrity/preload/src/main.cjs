// The preload starts: it checks how the process was started, and puts the patches in
// place before any code of the program runs.
'use strict';

const { Module, hideFromStrings, isWorker, pid, process_, writeSync } = require('./primordials.cjs');
const { allowed, config } = require('./image.cjs');
const { usesPnp } = require('./files.cjs');
const { evalHint, violation } = require('./violations.cjs');
const { checkProcess, kindOf } = require('./nodeoptions.cjs');
const { enforceChildren } = require('./children.cjs');
const { enforceNative } = require('./native.cjs');
const { enforceWasm } = require('./wasm.cjs');
const { enforceBuiltins } = require('./builtins.cjs');
const { enforceModules } = require('./modules.cjs');
const { handPackages } = require('./packagemap.cjs');
const { enforcePowers } = require('./powers.cjs');
const { enforceMessages } = require('./workers.cjs');
const { beginExports } = require('./patch.cjs');
const { keepTick } = require('./ticks.cjs');

// checkStart refuses a process or thread that was started, for example by a shell, to run
// code that is in no pinned file: the launcher and enforceSpawn have checked all others.
function checkStart() {
  if (Module.getCompileCacheDir?.() !== undefined) {
    violation({ __proto__: null, code: 'flag', detail: 'the compile cache is on, whose contents are not the source that was checked', hint: 'unset NODE_COMPILE_CACHE' });
  }
  if (isWorker) return;
  const words = checkProcess(process_.execArgv);
  const main = process_.argv[1];
  let hasMain = main !== undefined && main !== '' && main !== '-'; // for which node reads stdin
  for (let i = 0; i < words.length; i++) hasMain ||= kindOf(words[i]) === 'alone' || kindOf(words[i]) === 'eval';
  if (!hasMain && !allowed.eval) {
    violation({ __proto__: null, code: 'eval', detail: 'a node process that reads its code from stdin', hint: evalHint });
  }
}

// reportStart tells the launcher that the preload has started in this process.
function reportStart() {
  if (isWorker || config.verdict < 0) return;
  try {
    writeSync(config.verdict, '{"pid":' + pid + ',"started":true}\n');
  } catch {} // the program has closed it for its child
}

const pnp = usesPnp ? require('./pnp.cjs') : undefined;
pnp?.hookPnp();
if (config.mode === 'enforce') {
  hideFromStrings();
  if (config.nodePackages !== '') handPackages();
  enforceModules();
  enforceNative();
  enforceWasm();
  enforceBuiltins();
  enforceChildren();
  enforceMessages();
  enforcePowers();
  checkStart();
  reportStart();
} else {
  const { record } = require('./recorder.cjs');
  enforceChildren();
  record();
  enforcePowers();
}
keepTick();
pnp?.loadPnpFile();
beginExports();
