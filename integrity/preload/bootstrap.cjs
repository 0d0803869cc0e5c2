// What NODE_OPTIONS hands to every node process and thread, in a data: URL: an expression
// whose value is a function of that URL. It trusts no file: it runs the image only if the
// digest of its head is the one written here. The head has the digests of the rest
// (blocks.cjs). It takes Node's modules by getBuiltinModule: an import would read every export
// of theirs, and load the modules behind them.
(function start(url) {
  'use strict';
  const fs = process.getBuiltinModule('fs');
  const vm = process.getBuiltinModule('vm');
  let image;
  let sha256;
  for (const path of $PATHS) {
    try {
      const bytes = Buffer.allocUnsafeSlow($SIZE);
      const fd = fs.openSync(path);
      fs.readSync(fd, bytes, 0, $HEAD, 0);
      fs.closeSync(fd);
      if (digestOf(bytes.subarray(0, $HEAD)) === '$DIGEST') {
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
  new vm.Script(image.utf8Slice(32, 32 + image.readUInt32LE(8)), { filename: 'nodeint:preload' }).runInThisContext()(image, url, sha256);

  // digestOf uses the module of package sha256wasm, or Node's own if there is no WebAssembly: to
  // load that takes several times longer.
  function digestOf(bytes) {
    try {
      sha256 ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from($SHA256, 'base64'))).exports;
    } catch {}
    if (sha256 === undefined) return process.getBuiltinModule('crypto').hash('sha256', bytes, 'hex');
    const memory = Buffer.from(sha256.memory.buffer);
    let at = 0;
    sha256.start();
    for (; bytes.length - at > 8192; at += 8192) {
      memory.set(bytes.subarray(at, at + 8192), 1024);
      sha256.blocks(1024, 9216);
    }
    memory.set(bytes.subarray(at), 1024);
    sha256.finish(1024, 1024 + bytes.length - at, 0, 8 * bytes.length);
    return memory.hexSlice(32, 64);
  }
});
