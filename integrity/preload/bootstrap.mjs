// What NODE_OPTIONS hands to every node process and thread, as a data: URL. It
// trusts no file: it runs the image only if the digest is the one written here. It
// takes Node's modules by getBuiltinModule: an import would read every export of
// theirs, and load the modules behind them.
const crypto = process.getBuiltinModule('crypto');
const fs = process.getBuiltinModule('fs');
const vm = process.getBuiltinModule('vm');
let image;
for (const path of $PATHS) {
  try {
    const bytes = fs.readFileSync(path);
    if (crypto.hash('sha256', bytes, 'hex') === '$DIGEST') {
      image = bytes;
      break;
    }
  } catch {}
}
if (image === undefined) {
  fs.writeSync(2, 'nodeint: error: cannot read the map and the preload of nodeint run, so nothing can be checked\nnodeint: hint: start the program again with nodeint run\n');
  if (process.abort.disabled !== true) process.reallyExit(77);
  throw new Error('cannot read the preload of nodeint run');
}
new vm.Script(image.utf8Slice(32, 32 + image.readUInt32LE(8)), { filename: 'nodeint:preload' }).runInThisContext()(image, import.meta.url);
