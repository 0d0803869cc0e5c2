// The hook starts.

// checkStart refuses a process that was started, by a shell say, to run code that
// is in no file: the launcher and enforceSpawn have looked at all others.
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

if (plugged) plug();
if (config.mode === 'enforce') {
  enforceModules();
  enforceNative();
  enforceChildren();
  checkStart();
} else {
  enforceChildren();
  record();
}
if (plugged) setUp();
Module.syncBuiltinESMExports();
