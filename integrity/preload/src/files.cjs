// Reading files: those of the file system, and under Yarn's Plug'n'Play those in
// zips and behind virtual paths, which Node's own functions cannot read.
'use strict';

const {
  O_NONBLOCK, O_RDONLY, closeSync, codeOf, dirname, existsSync, freeze, indexOf, newBytes, openSync, parseNumber, partOf, readFileSync, readSync, realpath,
  separator, setBytes, slice,
} = require('./primordials.cjs');
const { config } = require('./image.cjs');

const usesPnp = config.pnp !== '';
const zip = usesPnp ? require('./zip.cjs') : undefined;

// readText returns the text of a file by one call of Node's own code, or undefined
// if it cannot be read. Bytes that are not UTF-8 are U+FFFD in it. It does not wait
// for a FIFO.
const asText = freeze({ __proto__: null, encoding: 'utf8', flag: O_RDONLY | O_NONBLOCK });
function readText(path) {
  try {
    return readFileSync(path, asText);
  } catch {
    return undefined;
  }
}

// read returns all bytes of a file, or undefined if it cannot be read. It does not
// wait for a FIFO.
let scratch; // it grows with the first large file
function read(path) {
  let fd;
  try {
    fd = openSync(path, O_RDONLY | O_NONBLOCK);
  } catch {
    return usesPnp ? readPnp(path) : undefined;
  }
  try {
    scratch ??= newBytes(1 << 14);
    let length = 0;
    for (;;) {
      const n = readSync(fd, scratch, length, scratch.length - length, length);
      if (n === 0) break;
      length += n;
      if (length === scratch.length) {
        const larger = newBytes(2 * length);
        setBytes(larger, scratch);
        scratch = larger;
      }
    }
    const bytes = newBytes(length);
    setBytes(bytes, partOf(scratch, 0, length));
    if (scratch.length > 1 << 22) scratch = undefined;
    return bytes;
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function realOf(path) {
  try {
    return realpath(path);
  } catch {
    return usesPnp ? realPnp(path) : path;
  }
}

// isAbsent reports whether an error means that there is no file. No other error does.
function isAbsent(error) {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const virtualDir = separator + '__virtual__' + separator;
const zipExtension = '.zip' + separator;

// isPnpPath reports whether a path is one that Node's own functions cannot read.
function isPnpPath(path) {
  return usesPnp && (indexOf(path, zipExtension) >= 0 || indexOf(path, virtualDir) >= 0);
}

// plainOf returns the path that a virtual one stands for: /a/.yarn/__virtual__/x/1/b
// is /a/b. The number says how many directories to go up.
function plainOf(path) {
  const at = indexOf(path, virtualDir);
  if (at < 0) return path;
  const rest = slice(path, at + virtualDir.length);
  const name = indexOf(rest, separator);
  const number = indexOf(rest, separator, name + 1);
  if (name < 0 || number < 0) return path;
  let dir = slice(path, 0, at);
  for (let up = parseNumber(slice(rest, name + 1, number), 10); up > 0 && dir !== ''; up--) dir = dirname(dir);
  return dir + slice(rest, number);
}

function realPnp(path) {
  const plain = plainOf(path);
  if (plain === path) return path;
  try {
    return realpath(plain);
  } catch {
    return plain;
  }
}

function readPnp(path) {
  const plain = plainOf(path);
  const at = indexOf(plain, zipExtension);
  if (at >= 0) return zip.readMember(slice(plain, 0, at + 4), slice(plain, at + 5));
  return plain === path ? undefined : read(plain);
}

// pnpFileExists reports whether there is a file at a path of isPnpPath.
function pnpFileExists(path) {
  const plain = plainOf(path);
  const at = indexOf(plain, zipExtension);
  return at < 0 ? existsSync(plain) : zip.hasMember(slice(plain, 0, at + 4), slice(plain, at + 5));
}

module.exports = { __proto__: null, isAbsent, usesPnp, readText, read, realOf, isPnpPath, pnpFileExists };
