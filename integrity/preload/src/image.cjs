// The image that the launcher sealed: see the comment of package launch.

const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
const word = (at) => view.getUint32(at, true);
const hookEnd = 32 + word(8);
const configEnd = hookEnd + word(12);
const packagesEnd = configEnd + word(16);
const records = word(20);
const digestSize = word(24);
const recordSize = 24 + digestSize;
const firstRecord = (packagesEnd + 7) & ~7;

const config = freeze(assign(create(null), parseJSON(utf8Slice(image, hookEnd, configEnd))));
const flags = freeze(assign(create(null), config.flags));
const allowed = create(null);
for (const way of config.allow) allowed[way] = true;
const root = config.root === separator ? '' : config.root;

let packages;
function packageOf(path) {
  packages ??= assign(create(null), parseJSON(utf8Slice(image, configEnd, packagesEnd)));
  for (let dir = path; dir !== ''; ) {
    dir = slice(dir, 0, lastIndexOf(dir, '/') < 0 ? 0 : lastIndexOf(dir, '/'));
    if (packages[dir] !== undefined) return packages[dir];
  }
  return undefined;
}

// relative gives the path that a key names, or undefined outside the root.
function relative(path) {
  if (!startsWith(path, root + separator)) return undefined;
  const below = slice(path, root.length + 1);
  if (separator === '/') return below;
  let out = '';
  for (let i = 0; i < below.length; i++) out += charAt(below, i) === separator ? '/' : charAt(below, i);
  return out;
}

const algorithms = [undefined, 'sha256', 'sha384', 'sha512'];
const sizes = [0, 32, 48, 64];

// recordOf gives the place of the first record of a path, or -1.
function recordOf(below) {
  const key = slice(digestOf('sha256', below, 'hex'), 0, 32);
  const wanted = parseNumber(slice(key, 0, 8), 16);
  let low = 0;
  let high = records;
  while (low < high) { // the first whose key begins as wanted does, or later
    const middle = (low + high) >>> 1;
    if (prefixAt(firstRecord + middle * recordSize) < wanted) low = middle + 1;
    else high = middle;
  }
  for (let at = firstRecord + low * recordSize; low < records && prefixAt(at) === wanted; low++, at += recordSize) {
    if (hexSlice(image, at, at + 16) === key) return at;
  }
  return -1;
}

function prefixAt(at) {
  return ((image[at] << 24) | (image[at + 1] << 16) | (image[at + 2] << 8) | image[at + 3]) >>> 0;
}

// matches reports whether bytes, or a text in UTF-8, are those of a path: any of
// its digests will do.
function matches(at, bytes) {
  const key = hexSlice(image, at, at + 16);
  const algorithm = image[at + 16];
  const got = digestOf(algorithms[algorithm], bytes, 'hex');
  const end = firstRecord + records * recordSize;
  for (; at < end && hexSlice(image, at, at + 16) === key; at += recordSize) {
    if (hexSlice(image, at + 24, at + 24 + sizes[algorithm]) === got) return true;
  }
  return false;
}

// metadata gives the integrity metadata of a record, as the map has it.
function metadata(at) {
  const algorithm = image[at + 16];
  return algorithms[algorithm] + '-' + base64Slice(image, at + 24, at + 24 + sizes[algorithm]);
}

function metadataOf(at, bytes) {
  const algorithm = algorithms[at < 0 ? 1 : image[at + 16]];
  return algorithm + '-' + digestOf(algorithm, bytes, 'base64');
}

// everyDigest holds the digest of every pinned file, in hexadecimal.
let everyDigest;
function isPinnedSomewhere(bytes) {
  if (everyDigest === undefined) {
    everyDigest = new SafeSet();
    for (let i = 0, at = firstRecord; i < records; i++, at += recordSize) {
      setAdd(everyDigest, hexSlice(image, at + 24, at + 24 + sizes[image[at + 16]]));
    }
  }
  for (let a = 1; a < algorithms.length; a++) {
    if (sizes[a] <= digestSize && setHas(everyDigest, digestOf(algorithms[a], bytes, 'hex'))) return true;
  }
  return false;
}

// readText gives the text of a file in one call to Node's own code, or undefined
// where there is none to be read. Bytes that are no UTF-8 became U+FFFD in it. A
// FIFO is not waited for.
const asText = freeze({ __proto__: null, encoding: 'utf8', flag: O_RDONLY | O_NONBLOCK });
function readText(path) {
  try {
    return readFileSync(path, asText);
  } catch {
    return undefined;
  }
}

// read gives all bytes of a file, or undefined where there is none to be read. A
// FIFO is not waited for.
let scratch = new Bytes(1 << 18);
function read(path) {
  let fd;
  try {
    fd = openSync(path, O_RDONLY | O_NONBLOCK);
  } catch {
    return plugged ? readPlugged(path) : undefined;
  }
  try {
    let length = 0;
    for (;;) {
      const n = readSync(fd, scratch, length, scratch.length - length, length);
      if (n === 0) break;
      length += n;
      if (length === scratch.length) {
        const larger = new Bytes(2 * length);
        setBytes(larger, scratch);
        scratch = larger;
      }
    }
    const bytes = new Bytes(length);
    setBytes(bytes, new Bytes(scratch.buffer, 0, length));
    if (scratch.length > 1 << 22) scratch = new Bytes(1 << 18);
    return bytes;
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
