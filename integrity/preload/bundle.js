(function (preloadImage, preloadBootstrap) {
"use strict";
(() => {
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
try {
return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
} catch (e) {
throw mod = 0, e;
}
};

var require_primordials = __commonJS({
"primordials.cjs"(exports, module) {
"use strict";
var globalThis_ = globalThis;
var { process: process_, WebAssembly: wasm } = globalThis;
var builtin = process_.getBuiltinModule;
var Module = builtin("module");
var fs = builtin("fs");
var crypto = builtin("crypto");
var { fileURLToPath, pathToFileURL } = builtin("url");
var { getCallSites, types: { isProxy } } = builtin("util");
var { resolve: resolvePath } = builtin("path");
var { openSync, readSync, closeSync, writeSync, readFileSync, readdirSync, existsSync, fstatSync } = fs;
var realpath = fs.realpathSync.native;
var { O_RDONLY, O_NONBLOCK = 0, O_APPEND, O_CREAT, O_WRONLY } = fs.constants;
var digestOf = crypto.hash;
var { reallyExit, _kill: kill, cwd, pid, execPath, platform } = process_;
var { env } = process_;
var { createRequire, isBuiltin, registerHooks, syncBuiltinESMExports } = Module;
var { apply, construct, ownKeys } = Reflect;
var uncurryThis = (f) => Function.prototype.call.bind(f);
var { create, defineProperty, freeze, isFrozen, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, setPrototypeOf, assign } = Object;
var { parse: parseJSON, stringify: stringifyJSON } = JSON;
var { isArray } = Array;
var { isView } = ArrayBuffer;
var join = uncurryThis(Array.prototype.join);
var startsWith = uncurryThis(String.prototype.startsWith);
var endsWith = uncurryThis(String.prototype.endsWith);
var indexOf = uncurryThis(String.prototype.indexOf);
var lastIndexOf = uncurryThis(String.prototype.lastIndexOf);
var slice = uncurryThis(String.prototype.slice);
var charAt = uncurryThis(String.prototype.charAt);
var charCodeAt = uncurryThis(String.prototype.charCodeAt);
var toLowerCase = uncurryThis(String.prototype.toLowerCase);
var wellFormed = uncurryThis(String.prototype.toWellFormed);
var textOf = String;
var encode = encodeURIComponent;
var decode = decodeURIComponent;
var parseNumber = Number.parseInt;
var utf8Slice = uncurryThis(Buffer.prototype.utf8Slice);
var latin1Slice = uncurryThis(Buffer.prototype.latin1Slice);
var findBytes = uncurryThis(Buffer.prototype.indexOf);
var hexSlice = uncurryThis(Buffer.prototype.hexSlice);
var base64Slice = uncurryThis(Buffer.prototype.base64Slice);
var Bytes = Uint8Array;
var setBytes = uncurryThis(Uint8Array.prototype.set);
var getterOf = (object, name) => uncurryThis(getOwnPropertyDescriptor(object, name).get);
var TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
var typedArrayTag = getterOf(TypedArrayPrototype, Symbol.toStringTag);
var arrayParts = partsOf(TypedArrayPrototype);
var viewParts = partsOf(DataView.prototype);
var SafeSet = Set;
var setHas = uncurryThis(Set.prototype.has);
var setAdd = uncurryThis(Set.prototype.add);
var SafeWeakSet = WeakSet;
var weakHas = uncurryThis(WeakSet.prototype.has);
var weakAdd = uncurryThis(WeakSet.prototype.add);
var SafeError = Error;
var SafeProxy = Proxy;
var SafeURL = URL;
var hrefOf = getterOf(URL.prototype, "href");
var protocolOf = getterOf(URL.prototype, "protocol");
function partsOf(prototype) {
return { __proto__: null, buffer: getterOf(prototype, "buffer"), offset: getterOf(prototype, "byteOffset"), length: getterOf(prototype, "byteLength") };
}
var isWorker = process_.abort.disabled === true;
var separator = platform === "win32" ? "\\" : "/";
function absolute(path, inDirectory) {
return inDirectory === void 0 ? resolvePath(cwd(), path) : resolvePath(path, inDirectory);
}
function dirname(path) {
return slice(path, 0, lastIndexOf(path, separator));
}
function push(list, value) {
put(list, list.length, value);
}
function put(list, index, value) {
defineProperty(list, index, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}
function wordsOf(list) {
const words = [];
const { length } = list;
for (let i = 0; i < length; i++) push(words, textOf(list[i]));
return words;
}
function newBytes(length) {
const bytes = new Bytes(length);
defineProperty(bytes, "length", { __proto__: null, value: length });
defineProperty(bytes, "byteLength", { __proto__: null, value: length });
return bytes;
}
function copyOf(source) {
const bytes = wholeOf(source);
const copy = newBytes(arrayParts.length(bytes));
setBytes(copy, bytes);
return copy;
}
function partOf(bytes, length) {
return new Bytes(arrayParts.buffer(bytes), 0, length);
}
function wholeOf(source) {
if (!isView(source)) return new Bytes(source);
const parts = typedArrayTag(source) === void 0 ? viewParts : arrayParts;
return new Bytes(parts.buffer(source), parts.offset(source), parts.length(source));
}
function hideFromStrings() {
if (isFrozen(String.prototype)) return;
for (const name of ["href", Symbol.replace]) {
const set = function(value) {
if (typeof this === "object" && this !== String.prototype) put(this, name, value);
};
defineProperty(String.prototype, name, { __proto__: null, get: () => void 0, set, enumerable: false, configurable: false });
}
}
module.exports = {
__proto__: null,
process_,
globalThis_,
builtin,
fs,
Module,
createRequire,
isBuiltin,
registerHooks,
syncBuiltinESMExports,
wasm,
fileURLToPath,
pathToFileURL,
hrefOf,
protocolOf,
getCallSites,
isProxy,
absolute,
digestOf,
openSync,
readSync,
closeSync,
writeSync,
readFileSync,
readdirSync,
existsSync,
fstatSync,
realpath,
O_RDONLY,
O_NONBLOCK,
O_APPEND,
O_CREAT,
O_WRONLY,
reallyExit,
kill,
cwd,
pid,
execPath,
env,
isWorker,
platform,
utf8Slice,
latin1Slice,
hexSlice,
base64Slice,
findBytes,
apply,
construct,
ownKeys,
create,
defineProperty,
freeze,
isFrozen,
getOwnPropertyDescriptor,
getOwnPropertySymbols,
getPrototypeOf,
hasOwn,
setPrototypeOf,
assign,
parseJSON,
stringifyJSON,
isArray,
isView,
join,
startsWith,
endsWith,
indexOf,
lastIndexOf,
slice,
charAt,
charCodeAt,
toLowerCase,
wellFormed,
textOf,
encode,
decode,
parseNumber,
Bytes,
setBytes,
SafeSet,
setHas,
setAdd,
SafeWeakSet,
weakHas,
weakAdd,
SafeError,
SafeProxy,
SafeURL,
SafeDataView: DataView,
separator,
dirname,
push,
put,
wordsOf,
newBytes,
partOf,
copyOf,
hideFromStrings
};
}
});

var require_input = __commonJS({
"input.cjs"(exports, module) {
"use strict";
module.exports = {
__proto__: null,
image: preloadImage,
bootstrap: preloadBootstrap
};
}
});

var require_image = __commonJS({
"image.cjs"(exports, module) {
"use strict";
var { image } = require_input();
var {
SafeDataView,
SafeSet,
assign,
base64Slice,
charAt,
create,
digestOf,
endsWith,
freeze,
hexSlice,
indexOf,
lastIndexOf,
parseJSON,
parseNumber,
separator,
setAdd,
setHas,
slice,
startsWith,
utf8Slice
} = require_primordials();
var view = new SafeDataView(image.buffer, image.byteOffset, image.byteLength);
var word = (at) => view.getUint32(at, true);
var scriptEnd = 32 + word(8);
var configEnd = scriptEnd + word(12);
var packagesEnd = configEnd + word(16);
var records = word(20);
var digestSize = word(24);
var recordSize = 24 + digestSize;
var firstRecord = packagesEnd + 7 & ~7;
var namesAt = firstRecord + records * recordSize;
var config = freeze(assign(create(null), parseJSON(utf8Slice(image, scriptEnd, configEnd))));
var flags = freeze(assign(create(null), config.flags));
var allowed = create(null);
for (const power of config.allow) allowed[power] = true;
var root = config.root === separator ? "" : config.root;
var packages;
function packageOf(path) {
packages ??= assign(create(null), parseJSON(utf8Slice(image, configEnd, packagesEnd)));
for (let dir = path; dir !== ""; ) {
dir = slice(dir, 0, lastIndexOf(dir, "/") < 0 ? 0 : lastIndexOf(dir, "/"));
if (packages[dir] !== void 0) return packages[dir];
if (dir === "node_modules" || endsWith(dir, "/node_modules")) return installedName(slice(path, dir.length + 1));
}
return void 0;
}
function installedName(path) {
let end = indexOf(path, "/");
if (end >= 0 && startsWith(path, "@")) end = indexOf(path, "/", end + 1);
return end < 0 ? void 0 : slice(path, 0, end);
}
function relative(path) {
if (!startsWith(path, root + separator)) return void 0;
return withSlashes(slice(path, root.length + 1));
}
function withSlashes(path) {
if (separator === "/") return path;
let out = "";
for (let i = 0; i < path.length; i++) out += charAt(path, i) === separator ? "/" : charAt(path, i);
return out;
}
var algorithms = [void 0, "sha256", "sha384", "sha512"];
var sizes = [0, 32, 48, 64];
function recordOf(below) {
const key = slice(digestOf("sha256", below, "hex"), 0, 32);
const wanted = parseNumber(slice(key, 0, 8), 16);
let low = 0;
let high = records;
while (low < high) {
const middle = low + high >>> 1;
if (prefixAt(firstRecord + middle * recordSize) < wanted) low = middle + 1;
else high = middle;
}
for (let at = firstRecord + low * recordSize; low < records && prefixAt(at) === wanted; low++, at += recordSize) {
if (hexSlice(image, at, at + 16) === key) return at;
}
return -1;
}
function prefixAt(at) {
return (image[at] << 24 | image[at + 1] << 16 | image[at + 2] << 8 | image[at + 3]) >>> 0;
}
function matches(at, bytes) {
const key = hexSlice(image, at, at + 16);
const algorithm = image[at + 16];
const got = digestOf(algorithms[algorithm], bytes, "hex");
const end = firstRecord + records * recordSize;
for (; at < end && hexSlice(image, at, at + 16) === key; at += recordSize) {
if (hexSlice(image, at + 24, at + 24 + sizes[algorithm]) === got) return true;
}
return false;
}
function metadata(at) {
const algorithm = image[at + 16];
return algorithms[algorithm] + "-" + base64Slice(image, at + 24, at + 24 + sizes[algorithm]);
}
function metadataOf(at, bytes) {
const algorithm = algorithms[at < 0 ? 1 : image[at + 16]];
return algorithm + "-" + digestOf(algorithm, bytes, "base64");
}
var everyDigest;
function isPinnedSomewhere(bytes) {
if (everyDigest === void 0) {
everyDigest = new SafeSet();
for (let i = 0, at = firstRecord; i < records; i++, at += recordSize) {
setAdd(everyDigest, hexSlice(image, at + 24, at + 24 + sizes[image[at + 16]]));
}
}
for (let a = 1; a < algorithms.length; a++) {
if (sizes[a] <= digestSize && setHas(everyDigest, digestOf(algorithms[a], bytes, "hex"))) return true;
}
return false;
}
module.exports = {
__proto__: null,
config,
flags,
allowed,
root,
packageOf,
relative,
withSlashes,
recordOf,
matches,
metadata,
metadataOf,
isPinnedSomewhere,
namesAt
};
}
});

var require_zip = __commonJS({
"zip.cjs"(exports, module) {
"use strict";
var { O_NONBLOCK, O_RDONLY, builtin, closeSync, copyOf, create, freeze, fstatSync, newBytes, openSync, readSync, utf8Slice } = require_primordials();
var { withSlashes } = require_image();
var inflate = builtin("zlib").inflateRawSync;
var zips = create(null);
var noFiles = freeze(create(null));
var maxSize = 1 << 30;
function directoryOf(zip) {
if (zips[zip] !== void 0) return zips[zip];
let fd;
try {
fd = openSync(zip, O_RDONLY | O_NONBLOCK);
} catch {
return noFiles;
}
try {
const size = fstatSync(fd).size;
const end = size < 22 ? void 0 : readPart(fd, size - 22, 22);
if (end === void 0 || uint32(end, 0) !== 101010256) return noFiles;
const directory = readPart(fd, uint32(end, 16), uint32(end, 12));
return directory === void 0 ? noFiles : zips[zip] = filesOf(directory);
} catch {
return noFiles;
} finally {
closeSync(fd);
}
}
function filesOf(b) {
const files = create(null);
for (let at = 0; at + 46 <= b.length && uint32(b, at) === 33639248; ) {
const name = at + 46;
const length = uint16(b, at + 28);
files[utf8Slice(b, name, name + length)] = {
__proto__: null,
deflated: uint16(b, at + 10) === 8,
packed: uint32(b, at + 20),
size: uint32(b, at + 24),
start: uint32(b, at + 42)
};
at = name + length + uint16(b, at + 30) + uint16(b, at + 32);
}
return files;
}
function hasMember(zip, name) {
return directoryOf(zip)[withSlashes(name)] !== void 0;
}
function readMember(zip, name) {
const file = directoryOf(zip)[withSlashes(name)];
if (file === void 0 || file.size > maxSize) return void 0;
let fd;
try {
fd = openSync(zip, O_RDONLY | O_NONBLOCK);
} catch {
return void 0;
}
try {
const header = readPart(fd, file.start, 30);
const bytes = header && readPart(fd, file.start + 30 + uint16(header, 26) + uint16(header, 28), file.packed);
if (bytes === void 0 || !file.deflated) return bytes;
return copyOf(inflate(bytes, { __proto__: null, maxOutputLength: file.size || 1 }));
} catch {
return void 0;
} finally {
closeSync(fd);
}
}
function readPart(fd, start, length) {
if (length > maxSize) return void 0;
const bytes = newBytes(length);
for (let have = 0; have < length; ) {
const n = readSync(fd, bytes, have, length - have, start + have);
if (n === 0) return void 0;
have += n;
}
return bytes;
}
var uint16 = (b, at) => b[at] | b[at + 1] << 8;
var uint32 = (b, at) => (uint16(b, at) | uint16(b, at + 2) << 16) >>> 0;
module.exports = { __proto__: null, hasMember, readMember };
}
});

var require_files = __commonJS({
"files.cjs"(exports, module) {
"use strict";
var {
O_NONBLOCK,
O_RDONLY,
closeSync,
dirname,
existsSync,
freeze,
getOwnPropertyDescriptor,
hasOwn,
indexOf,
newBytes,
openSync,
parseNumber,
partOf,
readFileSync,
readSync,
realpath,
separator,
setBytes,
slice
} = require_primordials();
var { config } = require_image();
var usesPnp = config.pnp !== "";
var zip = usesPnp ? require_zip() : void 0;
var asText = freeze({ __proto__: null, encoding: "utf8", flag: O_RDONLY | O_NONBLOCK });
function readText(path) {
try {
return readFileSync(path, asText);
} catch {
return void 0;
}
}
var scratch = newBytes(1 << 14);
function read(path) {
let fd;
try {
fd = openSync(path, O_RDONLY | O_NONBLOCK);
} catch {
return usesPnp ? readPnp(path) : void 0;
}
try {
let length = 0;
for (; ; ) {
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
setBytes(bytes, partOf(scratch, length));
if (scratch.length > 1 << 22) scratch = newBytes(1 << 14);
return bytes;
} catch {
return void 0;
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
function codeOf(error) {
const own = getOwnPropertyDescriptor(error, "code");
return own !== void 0 && hasOwn(own, "value") ? own.value : void 0;
}
function isAbsent(error) {
const code = codeOf(error);
return code === "ENOENT" || code === "ENOTDIR";
}
var virtualDir = separator + "__virtual__" + separator;
var zipExtension = ".zip" + separator;
function isPnpPath(path) {
return usesPnp && (indexOf(path, zipExtension) >= 0 || indexOf(path, virtualDir) >= 0);
}
function plainOf(path) {
const at = indexOf(path, virtualDir);
if (at < 0) return path;
const rest = slice(path, at + virtualDir.length);
const name = indexOf(rest, separator);
const number = indexOf(rest, separator, name + 1);
if (name < 0 || number < 0) return path;
let dir = slice(path, 0, at);
for (let up = parseNumber(slice(rest, name + 1, number), 10); up > 0 && dir !== ""; up--) dir = dirname(dir);
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
return plain === path ? void 0 : read(plain);
}
function pnpFileExists(path) {
const plain = plainOf(path);
const at = indexOf(plain, zipExtension);
return at < 0 ? existsSync(plain) : zip.hasMember(slice(plain, 0, at + 4), slice(plain, at + 5));
}
module.exports = { __proto__: null, codeOf, isAbsent, usesPnp, readText, read, realOf, isPnpPath, pnpFileExists };
}
});

var require_urls = __commonJS({
"urls.cjs"(exports, module) {
"use strict";
var { SafeURL, charAt, fileURLToPath, indexOf, protocolOf, separator, slice, startsWith } = require_primordials();
var requireScheme = "nodeint:require/";
function pathOf(name) {
if (typeof name !== "string") return void 0;
if (startsWith(name, "file:")) {
if (separator === "/" && startsWith(name, "file:///") && isPlain(name)) return slice(name, 7);
try {
return fileURLToPath(name);
} catch {
return void 0;
}
}
if (startsWith(name, "node:") || startsWith(name, "nodeint:")) return void 0;
return charAt(name, 0) === separator || charAt(name, 1) === ":" ? name : void 0;
}
function schemeOf(url) {
try {
return protocolOf(new SafeURL(url));
} catch {
return void 0;
}
}
function isPlain(url) {
return indexOf(url, "%") < 0 && indexOf(url, "?") < 0 && indexOf(url, "#") < 0 && indexOf(url, "\\") < 0;
}
function packageName(specifier) {
const first = indexOf(specifier, "/");
if (first < 0) return specifier;
if (charAt(specifier, 0) !== "@") return slice(specifier, 0, first);
const second = indexOf(specifier, "/", first + 1);
return second < 0 ? specifier : slice(specifier, 0, second);
}
function isImport(conditions) {
for (let i = 0; i < conditions.length; i++) if (conditions[i] === "import") return true;
return false;
}
module.exports = { __proto__: null, requireScheme, schemeOf, pathOf, packageName, isImport };
}
});

var require_violations = __commonJS({
"violations.cjs"(exports, module) {
"use strict";
var {
O_APPEND,
O_CREAT,
O_WRONLY,
SafeError,
SafeSet,
assign,
charAt,
closeSync,
create,
endsWith,
existsSync,
getCallSites,
indexOf,
isWorker,
kill,
openSync,
pid,
push,
reallyExit,
separator,
setAdd,
setHas,
slice,
stringifyJSON,
utf8Slice,
writeSync
} = require_primordials();
var { config, packageOf, relative, root } = require_image();
var { read } = require_files();
var { pathOf } = require_urls();
var reported = new SafeSet();
var evalHint = "if this is intended, start the program with --allow eval";
var transformHint = "if pinned code is meant to change modules (a transpiler, a tracer), start the program with --allow transform";
function violation(v) {
if (config.mode === "trace") return;
const below = v.path === void 0 ? void 0 : relative(v.path) ?? v.path;
let asked;
try {
asked = askedBy(v);
} catch {
}
const line = create(null);
assign(line, {
__proto__: null,
schema: 1,
command: "run",
code: v.code,
path: below,
package: below === void 0 || below === v.path ? void 0 : packageOf(below),
want: v.want,
got: v.got,
detail: v.detail,
asked,
action: config.onViolation,
pid,
worker: isWorker || void 0,
hint: v.hint ?? hintOf(v, below)
});
const id = v.code + "\0" + below + "\0" + v.detail;
if (!setHas(reported, id)) {
setAdd(reported, id);
report(line);
}
if (config.onViolation === "log") return;
if (config.onViolation === "exit") exit();
throw assign(new SafeError(messageOf(line)), { __proto__: null, code: "ERR_MODULE_INTEGRITY", violation: v.code, path: v.path });
}
function hintOf(v, below) {
if (v.code === "unlisted" && below === v.path) {
return "install it into the project: no key of a map can name a file outside the root; if nobody else can write its directory, start the program with --trust DIR";
}
if (v.code === "unlisted") return "if it belongs to the program, run nodeint generate with it as an entry, in include, or from a trace (nodeint trace)";
if (v.code === "mismatch") return "run nodeint verify, and restore the file or install its package again";
return void 0;
}
function clip(text) {
return text.length > 100 ? slice(text, 0, 100) + "\u2026" : text;
}
function messageOf(line) {
const what = line.path === void 0 ? "" : line.path + (line.package === void 0 ? "" : " (" + line.package + ")");
return what === "" ? line.detail : what + ": " + line.detail;
}
function report(line) {
if (config.report !== "") {
try {
const fd = openSync(config.report, O_WRONLY | O_APPEND | O_CREAT, 438);
writeSync(fd, stringifyJSON(line) + "\n");
closeSync(fd);
} catch {
say("nodeint: error: cannot write the violation to " + config.report + "\n");
}
}
say(config.json ? stringifyJSON(line) + "\n" : textOf(line));
}
function textOf(line) {
const asked = line.asked;
let place = "";
if (asked !== void 0) {
place = asked.path ?? "";
if (asked.line !== void 0) place += ":" + asked.line + (asked.column === void 0 ? "" : ":" + asked.column);
if (asked.package !== void 0) place += " (" + asked.package + ")";
if (asked.specifier !== void 0) place += (place === "" ? "" : ", ") + "as " + stringifyJSON(asked.specifier);
}
const done = config.onViolation === "log" ? "violation" : config.onViolation === "throw" ? "refused" : "stopped";
return "nodeint: " + done + ": " + line.code + (line.path === void 0 ? ": " : " ") + messageOf(line) + "\n" + row("wanted", line.want) + row("found", line.got) + row("asked", place) + (line.hint === void 0 ? "" : "nodeint: hint: " + line.hint + "\n");
}
function row(name, value) {
if (value === void 0 || value === "") return "";
return "  " + name + slice("        ", name.length) + value + "\n";
}
function say(text) {
for (let tries = 0; tries < 1e3; tries++) {
try {
writeSync(2, text);
return;
} catch (error) {
if (error?.code !== "EAGAIN") return;
}
}
}
function exit() {
if (!isWorker) reallyExit(77);
if (config.verdict >= 0) {
try {
writeSync(config.verdict, '{"pid":' + pid + "}\n");
} catch {
}
}
kill(pid, 9);
for (; ; ) ;
}
function askedBy(v) {
const asked = create(null);
const parent = v.asked === void 0 ? void 0 : pathOf(v.asked.parentURL);
const isNobody = parent !== void 0 && endsWith(parent, separator + "noop.js") && !existsSync(parent);
if (parent !== void 0 && !isNobody) asked.path = relative(parent) ?? parent;
asked.specifier = v.asked?.specifier;
const frames = stack();
for (let i = 0; i < frames.length; i++) {
const frame = frames[i];
const path = pathOf(frame.scriptName);
if (path === void 0) continue;
const below = relative(path) ?? path;
if (asked.path === void 0 || asked.path === below) {
asked.path = below;
asked.line = frame.lineNumber;
asked.column = frame.columnNumber ?? frame.column;
}
break;
}
if (v.code === "power" && asked.path !== void 0) asked.package = packageOf(asked.path);
if (asked.path !== void 0 && asked.line === void 0 && asked.specifier !== void 0) findLine(asked);
return asked.path === void 0 && asked.specifier === void 0 ? void 0 : asked;
}
function findLine(asked) {
const bytes = read(root + separator + asked.path) ?? read(asked.path);
if (bytes === void 0) return;
const text = utf8Slice(bytes, 0, bytes.length);
let at = -1;
const quotes = "'\"`";
for (let i = 0; i < 3 && at < 0; i++) at = indexOf(text, charAt(quotes, i) + asked.specifier + charAt(quotes, i));
if (at < 0) return;
let line = 1;
for (let i = indexOf(text, "\n"); i >= 0 && i < at; i = indexOf(text, "\n", i + 1)) line++;
asked.line = line;
}
function stack() {
try {
const frames = getCallSites(30, { __proto__: null, sourceMap: false });
const out = [];
for (let i = 0; i < frames.length; i++) {
if (frames[i].scriptName !== "nodeint:preload") push(out, frames[i]);
}
return out;
} catch {
return [];
}
}
module.exports = { __proto__: null, violation, evalHint, transformHint, clip, say, exit, stack };
}
});

var require_nodeoptions = __commonJS({
"nodeoptions.cjs"(exports, module) {
"use strict";
var {
charAt,
encode,
env,
execPath,
endsWith,
indexOf,
isArray,
join,
lastIndexOf,
push,
separator,
slice,
startsWith,
toLowerCase,
wordsOf
} = require_primordials();
var { bootstrap } = require_input();
var { allowed, config, flags } = require_image();
var { realOf } = require_files();
var { requireScheme } = require_urls();
var { clip, evalHint, violation } = require_violations();
var own = ["--import=" + bootstrap];
for (let i = 0; i < config.nodeOptions.length; i++) push(own, config.nodeOptions[i]);
var quote = (word) => {
let out = '"';
for (let i = 0; i < word.length; i++) {
const c = charAt(word, i);
out += c === '"' || c === "\\" ? "\\" + c : c;
}
return out + '"';
};
function split(text) {
const words = [];
let current = "";
let inQuotes = false;
let begun = false;
for (let i = 0; i < text.length; i++) {
let c = charAt(text, i);
if (c === "\\" && inQuotes) {
c = charAt(text, ++i);
} else if (c === " " && !inQuotes) {
if (begun) push(words, current);
current = "";
begun = false;
continue;
} else if (c === '"') {
inQuotes = !inQuotes;
begun = true;
continue;
}
current += c;
begun = true;
}
if (begun) push(words, current);
return words;
}
function isOwn(word) {
for (let i = 0; i < own.length; i++) if (own[i] === word) return true;
return false;
}
function withOptions(text, words) {
const rest = split(text);
const out = [];
for (let i = 0; i < words.length; i++) push(out, quote(words[i]));
const { flags: kept } = checkFlags(rest, true);
for (let i = 0; i < kept.length; i++) if (!isOwn(kept[i])) push(out, quote(kept[i]));
return join(out, " ");
}
function checkFlags(words, all) {
const out = [];
let i = 0;
for (; i < words.length; i++) {
const word = words[i];
if (isOwn(word)) {
push(out, word);
continue;
}
if (!all && (charAt(word, 0) !== "-" || word === "-" || word === "--")) break;
const equals = indexOf(word, "=");
const name = equals < 0 ? word : slice(word, 0, equals);
const kind = kindOf(name);
if (kind === "require") {
const value = equals < 0 ? words[++i] : slice(word, equals + 1);
push(out, "--import=" + requireScheme + encode("" + value));
continue;
}
if (kind === "conditions") checkCondition(name, equals < 0 ? words[i + 1] : slice(word, equals + 1));
else if (kind === "reporter") checkReporter(name, equals < 0 ? words[i + 1] : slice(word, equals + 1));
else if (kind === "packages") checkPackageMap(equals < 0 ? words[i + 1] : slice(word, equals + 1));
else if (kind !== "pass" && kind !== "value" && kind !== "import" && kind !== "alone") refuseFlag(name, kind);
push(out, word);
if (equals < 0 && takesNext(name, kind, words[i + 1])) push(out, words[++i]);
}
if (hasPermission(out)) for (let j = 0; j < config.permission.length; j++) push(out, config.permission[j]);
return { __proto__: null, flags: out, rest: i };
}
function checkProcess(execArgv) {
const words = wordsOf(execArgv);
checkFlags(words, true);
checkFirst(words, true);
const given = split(env.NODE_OPTIONS ?? "");
checkFlags(given, true);
checkFirst(given, false);
return words;
}
function checkFirst(words, areLast) {
let isLate = areLast;
for (let i = 0; i < words.length; i++) {
if (words[i] === own[0]) isLate = true;
const equals = indexOf(words[i], "=");
const name = equals < 0 ? words[i] : slice(words[i], 0, equals);
const kind = kindOf(name);
if (kind === "require" || kind === "import" && !isLate) {
violation({
__proto__: null,
code: "flag",
detail: "a node process with " + name + " " + clip("" + (equals < 0 ? words[i + 1] : slice(words[i], equals + 1))) + ", which has run before nodeint could check it",
hint: "start it with spawn() or fork() of node:child_process, not by a shell"
});
}
if (equals < 0 && takesNext(name, kind === "require" ? "value" : kind, words[i + 1])) i++;
}
}
function takesNext(name, kind, next) {
if (next === void 0) return false;
if (kind === "eval") return name === "-e" || name === "--eval" || charAt(next, 0) !== "-";
return kind === "value" || kind === "import" || kind === "conditions" || kind === "packages" || kind === "reporter";
}
function checkCondition(name, value) {
if (config.conditions === null) return;
for (let i = 0; i < config.conditions.length; i++) if (config.conditions[i] === value) return;
violation({
__proto__: null,
code: "flag",
detail: "a node process with " + name + " " + value + ": the map was not generated for this condition",
hint: "name it in nodeint.conditions in package.json, run nodeint generate, and start the program with node --conditions " + value
});
}
function checkReporter(name, value) {
const known = config.reporters[dashed(name)];
for (let i = 0; i < known.length; i++) if (known[i] === value) return;
violation({
__proto__: null,
code: "flag",
detail: "a node process with " + name + " " + value + ": the runner loads the module without the preload",
hint: "use one of " + join(known, ", ")
});
}
function hasPermission(words) {
for (let i = 0; i < words.length; i++) {
if (words[i] === "--permission" || words[i] === "--experimental-permission" || words[i] === "--permission-audit") return true;
}
return false;
}
function dashed(name) {
let out = "";
for (let i = 0; i < name.length; i++) out += i > 1 && charAt(name, 1) === "-" && charAt(name, i) === "_" ? "-" : charAt(name, i);
return out;
}
function entryOf(written) {
const name = dashed(written);
if (flags[name] !== void 0) return flags[name];
for (let end = name.length; end > 2; end--) {
const entry2 = flags[slice(name, 0, end) + "*"];
if (entry2 !== void 0) return entry2;
}
const entry = startsWith(name, "--no-") ? entryOf("--" + slice(name, 5)) : void 0;
return isArray(entry) || entry === "pass" || entry === "alone" ? entry : void 0;
}
function kindOf(name) {
const entry = entryOf(name);
return isArray(entry) ? entry[0] : entry;
}
function refuseFlag(name, kind) {
if (kind === "eval" && allowed.eval) return;
const entry = entryOf(name);
violation({
__proto__: null,
code: kind === "eval" ? "eval" : "flag",
detail: "a node process with " + name + (isArray(entry) ? ": " + entry[1] : kind === "eval" ? ", which runs code from a string" : ", a flag that nodeint does not know"),
hint: kind === "eval" ? evalHint : void 0
});
}
function checkPackageMap(file) {
if (config.mode === "trace" || config.packageMap !== "" && realOf("" + file) === config.packageMap) return;
violation({
__proto__: null,
code: "flag",
detail: "a node process with the package map " + file + ", with which the map was not generated"
});
}
function isNode(file) {
let name = toLowerCase(slice(file, lastIndexOf(file, separator) + 1));
if (endsWith(name, ".exe")) name = slice(name, 0, name.length - 4);
return name === "node" || name === "nodejs" || file === execPath || realOf(file) === realOf(execPath);
}
module.exports = { __proto__: null, own, withOptions, checkFlags, checkProcess, kindOf, isNode };
}
});

var require_bindings = __commonJS({
"bindings.cjs"(exports, module) {
"use strict";
var { apply, process_ } = require_primordials();
var bindingOf = process_.binding;
function nodeBinding(name) {
if (bindingOf === void 0) return void 0;
try {
return quietly(() => apply(bindingOf, process_, [name]));
} catch {
return void 0;
}
}
function quietly(f) {
const quiet = process_.noDeprecation;
process_.noDeprecation = true;
try {
return f();
} finally {
if (quiet === void 0) delete process_.noDeprecation;
else process_.noDeprecation = quiet;
}
}
module.exports = { __proto__: null, bindingOf, nodeBinding, quietly };
}
});

var require_environment = __commonJS({
"environment.cjs"(exports, module) {
"use strict";
var { charAt, indexOf, slice, startsWith } = require_primordials();
var { config } = require_image();
var { violation } = require_violations();
function checkVariables(pairs, isNode) {
for (let i = 0; i < pairs.length; i++) {
const pair = "" + pairs[i];
const at = indexOf(pair, "=");
const row = rowOf(slice(pair, 0, at), isNode);
if (row === void 0 || row.value === slice(pair, at + 1)) continue;
violation({
__proto__: null,
code: "environment",
detail: "a child process with " + slice(pair, 0, at) + ": " + row.reason,
hint: "set the variable in the environment of nodeint run"
});
}
}
function rowOf(name, isNode) {
for (let i = 0; i < config.variables.length; i++) {
const row = config.variables[i];
if (row.nodes && !isNode) continue;
const last = row.name.length - 1;
if (charAt(row.name, last) === "*" ? startsWith(name, slice(row.name, 0, last)) : row.name === name) return row;
}
return void 0;
}
function isRemoved(name) {
for (let i = 0; i < config.removed.length; i++) if (config.removed[i] === name) return true;
return false;
}
module.exports = { __proto__: null, checkVariables, isRemoved };
}
});

var require_patch = __commonJS({
"patch.cjs"(exports, module) {
"use strict";
var {
apply,
assign,
construct,
create,
defineProperty,
getOwnPropertyDescriptor,
getPrototypeOf,
ownKeys,
setPrototypeOf
} = require_primordials();
var { violation } = require_violations();
function replace(object, name, value) {
if (object?.[name] === void 0) return;
const old = getOwnPropertyDescriptor(object, name);
defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: old?.enumerable ?? true });
}
function replaceForGood(object, name, value) {
defineProperty(object, name, { __proto__: null, value, writable: false, configurable: false, enumerable: true });
}
function replaceConstructor(object, name, handler) {
replace(object, name, standIn(object[name], handler));
}
function standIn(old, handler) {
const { apply: call = apply, construct: make = construct } = handler;
const stand = function(...args) {
if (new.target === void 0) return call(old, this, args);
return make(old, args, new.target === stand ? old : new.target);
};
setPrototypeOf(stand, getPrototypeOf(old));
const names = ownKeys(old);
for (let i = 0; i < names.length; i++) {
const own = getOwnPropertyDescriptor(old, names[i]);
if (names[i] !== "prototype") defineProperty(stand, names[i], assign(create(null), own));
else defineProperty(stand, "prototype", { __proto__: null, value: own.value, writable: own.writable });
}
if (old.prototype !== void 0) {
defineProperty(old.prototype, "constructor", { __proto__: null, value: stand, writable: true, configurable: true, enumerable: false });
}
return stand;
}
function refuse(object, name, violationOf) {
const old = object[name];
replace(object, name, function(argument) {
violation(violationOf(argument));
return apply(old, this, arguments);
});
}
module.exports = { __proto__: null, replace, replaceForGood, replaceConstructor, standIn, refuse };
}
});

var require_loaded = __commonJS({
"loaded.cjs"(exports, module) {
"use strict";
var { SafeProxy, builtin, create, defineProperty, getOwnPropertyDescriptor, isArray, process_, push, setPrototypeOf, slice, startsWith } = require_primordials();
var prefix = "NativeModule ";
var waiting = create(null);
var seen = false;
var watched;
function whenLoaded(name, use) {
if (watched === void 0) watched = watch() ?? null;
if (watched === null || isIn(watched, prefix + name)) {
use(exportsOf(name));
return;
}
waiting[prefix + name] ??= [];
push(waiting[prefix + name], use);
}
function exportsOf(name) {
return startsWith(name, "internal/") ? void 0 : builtin(name);
}
function isIn(list, name) {
for (let i = 0; i < list.length; i++) if (list[i] === name) return true;
return false;
}
function watch() {
const old = getOwnPropertyDescriptor(process_, "moduleLoadList");
if (!isArray(old?.value) || !old.configurable) return void 0;
const list = old.value;
setPrototypeOf(list, new SafeProxy(create(null), { __proto__: null, set: added }));
builtin("constants");
if (!seen) return void 0;
const get = () => copyOf(list);
defineProperty(process_, "moduleLoadList", { __proto__: null, get, enumerable: old.enumerable, configurable: true });
return list;
}
function copyOf(list) {
const copy = [];
for (let i = 0; i < list.length; i++) push(copy, list[i]);
return copy;
}
function added(target, key, value, list) {
seen = true;
defineProperty(list, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
const uses = waiting[value];
if (uses === void 0) return true;
delete waiting[value];
const exports2 = exportsOf(slice(value, prefix.length));
for (let i = 0; i < uses.length; i++) {
const use = uses[i];
use(exports2);
}
return true;
}
module.exports = { __proto__: null, whenLoaded };
}
});

var require_powers = __commonJS({
"powers.cjs"(exports, module) {
"use strict";
var {
Module,
apply,
assign,
builtin,
construct,
create,
defineProperty,
getOwnPropertyDescriptor,
getPrototypeOf,
globalThis_,
isFrozen,
process_,
separator,
setPrototypeOf,
stringifyJSON
} = require_primordials();
var { nodeBinding } = require_bindings();
var { config } = require_image();
var { whenLoaded } = require_loaded();
var { replace, standIn } = require_patch();
var { clip, violation } = require_violations();
var observers = { __proto__: null, power: void 0 };
var off = create(null);
for (let i = 0; i < config.off.length; i++) off[config.off[i]] = true;
var modules = assign(create(null), config.offModules);
function useModule(name, asked) {
const power = modules[name];
if (power !== void 0) usePower(power, "node:" + name, asked);
}
function usePower(power, what, asked) {
if (off[power] !== true) return;
const observe = observers.power;
if (observe !== void 0) {
observe(power, asked);
return;
}
violation({
__proto__: null,
code: "power",
detail: what + " is switched off, because no pinned package uses the power " + power,
asked,
hint: "if the program needs it, start it with --allow " + power + ", or record what it uses: nodeint trace"
});
}
function isOff(power) {
return off[power] === true;
}
function usesBefore(object, name, power, what) {
const old = object?.[name];
if (off[power] !== true || typeof old !== "function") return;
replace(object, name, function() {
usePower(power, what);
return apply(old, this, arguments);
});
}
function usesConstructor(name, power) {
const old = getOwnPropertyDescriptor(globalThis_, name);
if (old?.value === void 0 || old.configurable !== true) return;
const value = standIn(old.value, {
__proto__: null,
construct: (target, args, newTarget) => (usePower(power, name), construct(target, args, newTarget))
});
defineProperty(globalThis_, name, { __proto__: null, value, writable: true, enumerable: old.enumerable, configurable: true });
}
function guardHandles(prototype) {
const what = "a native socket";
usesBefore(prototype, "bind", "network", what);
usesBefore(prototype, "bind6", "network", what);
usesBefore(prototype, "connect", "network", what);
usesBefore(prototype, "connect6", "network", what);
usesBefore(prototype, "listen", "network", what);
}
function handleClasses(net) {
const tcp = nodeBinding("tcp_wrap");
if (tcp !== void 0) return [tcp.TCP.prototype, nodeBinding("pipe_wrap").Pipe.prototype];
const path = separator === "/" ? "/dev/null/nodeint" : "\\\\?\\pipe\\nodeint-none";
return [handleClass(net, { __proto__: null, host: "127.0.0.1", port: 1 }), handleClass(net, { __proto__: null, path })];
}
function handleClass(net, address) {
const socket = new net.Socket();
socket.on("error", () => {
});
try {
socket.connect(address);
} catch {
}
const handle = socket._handle;
socket.destroy();
return handle ? getPrototypeOf(handle) : void 0;
}
function guardNetwork() {
if (off.network !== true) return;
const whenNet = process_.permission === void 0 ? whenLoaded : (name, use) => use(builtin(name));
whenNet("net", (net) => {
const classes = handleClasses(net);
for (let i = 0; i < classes.length; i++) guardHandles(classes[i]);
usesBefore(net.Socket.prototype, "connect", "network", "net.Socket.connect()");
usesBefore(net.Server.prototype, "listen", "network", "net.Server.listen()");
});
usesBefore(globalThis_, "fetch", "network", "fetch()");
if (observers.power === void 0) return;
usesConstructor("WebSocket", "network");
usesConstructor("EventSource", "network");
}
function guardFunctions() {
if (off.eval !== true) return;
if (isFrozen(getPrototypeOf(create))) {
checkFrozen();
return;
}
const list = [function() {
}, async function() {
}, function* () {
}, async function* () {
}];
for (let i = 0; i < list.length; i++) guardCompiler(getPrototypeOf(list[i]));
if (observers.power === void 0) usesBefore(globalThis_, "eval", "eval", "eval()");
}
function guardCompiler(prototype) {
const old = getOwnPropertyDescriptor(prototype, "constructor");
const name = old.value.name;
const value = standIn(old.value, {
__proto__: null,
apply: (target, self, args) => (usePower("eval", name + "()"), apply(target, self, args)),
construct: (target, args, newTarget) => (usePower("eval", name + "()"), construct(target, args, newTarget))
});
defineProperty(prototype, "constructor", { __proto__: null, value, writable: old.writable, configurable: true, enumerable: false });
if (name === "Function") replace(globalThis_, name, value);
else setPrototypeOf(value, globalThis_.Function);
}
function checkFrozen() {
if (observers.power !== void 0) return;
try {
construct(globalThis_.Function, [""]);
} catch {
return;
}
violation({
__proto__: null,
code: "flag",
detail: "a node process with --frozen-intrinsics, under which code from strings cannot be switched off",
hint: "start the program with --frozen-intrinsics as well, or with --allow eval"
});
}
function guardSnapshots(exports2) {
usesBefore(exports2, "setFlagsFromString", "v8-flags", "v8.setFlagsFromString()");
const { startupSnapshot } = exports2;
usesBefore(startupSnapshot, "addSerializeCallback", "v8-flags", "v8.startupSnapshot");
usesBefore(startupSnapshot, "addDeserializeCallback", "v8-flags", "v8.startupSnapshot");
usesBefore(startupSnapshot, "setDeserializeMainFunction", "v8-flags", "v8.startupSnapshot");
}
function guardBinding(name) {
const old = process_[name];
if (off.binding !== true || typeof old !== "function") return;
replace(process_, name, function(id) {
usePower("binding", "process." + name + "(" + stringifyJSON(clip("" + id)) + ")");
return apply(old, process_, arguments);
});
}
function enforcePowers() {
usesBefore(process_, "dlopen", "addons", "machine code");
usesBefore(Module, "registerHooks", "module-hooks", "module.registerHooks()");
guardNetwork();
guardBinding("binding");
guardBinding("_linkedBinding");
guardFunctions();
}
module.exports = { __proto__: null, enforcePowers, guardSnapshots, isOff, observers, useModule, usePower };
}
});

var require_children = __commonJS({
"children.cjs"(exports, module) {
"use strict";
var {
apply,
assign,
builtin,
create,
env,
indexOf,
isArray,
process_,
push,
put,
slice,
startsWith,
syncBuiltinESMExports,
textOf,
wordsOf
} = require_primordials();
var { nodeBinding } = require_bindings();
var { checkVariables, isRemoved } = require_environment();
var { config } = require_image();
var { checkFlags, isNode, own, withOptions } = require_nodeoptions();
var { replace, replaceForGood } = require_patch();
var { usePower } = require_powers();
var observers = { __proto__: null, child: void 0, worker: void 0 };
function enforceSpawn(options) {
usePower("child-process", "a child process");
if (options.file !== void 0 && options.file !== null) options.file = textOf(options.file);
if (isArray(options.args)) options.args = wordsOf(options.args);
const observe = observers.child;
if (observe !== void 0) observe(options);
const pairs = options.envPairs;
const args = options.args;
const node = isNode(options.file);
options.envPairs = enforcePairs(isArray(pairs) ? wordsOf(pairs) : pairsOf(env), node);
if (node && isArray(args)) options.args = enforceArgs(args);
}
function enforceArgs(args) {
const words = [];
for (let i = 1; i < args.length; i++) push(words, args[i]);
const { flags: kept, rest } = checkFlags(words, false);
const out = args.length === 0 ? [] : [args[0]];
for (let i = 0; i < kept.length; i++) push(out, kept[i]);
for (let i = rest; i < words.length; i++) push(out, words[i]);
return out;
}
function pairsOf(environment) {
const pairs = [];
for (const name in environment) push(pairs, name + "=" + textOf(environment[name]));
return pairs;
}
function enforcePairs(pairs, node) {
checkVariables(pairs, node);
const out = [];
let options = "";
for (let i = 0; i < pairs.length; i++) {
const pair = pairs[i];
if (startsWith(pair, "NODE_OPTIONS=")) options = slice(pair, 13);
else {
const name = slice(pair, 0, indexOf(pair, "="));
if (!isRemoved(name) && config.env[name] === void 0) push(out, pair);
}
}
push(out, "NODE_OPTIONS=" + withOptions(options, own));
for (const name in config.env) push(out, name + "=" + config.env[name]);
return out;
}
var closed = false;
function enforceChildren() {
replace(process_, "execve", wrapExecve(process_.execve));
try {
const sync = nodeBinding("spawn_sync");
const { Process } = nodeBinding("process_wrap");
replaceForGood(sync, "spawn", wrapSpawn(sync.spawn));
replaceForGood(Process.prototype, "spawn", wrapSpawn(Process.prototype.spawn));
closed = true;
} catch {
if (process_.permission?.has("child")) guardChildren(builtin("child_process"));
}
}
function wrapSpawn(spawn) {
return function(...given) {
const isObject = typeof given[0] === "object" || typeof given[0] === "function";
if (isObject && given[0] !== null) {
const options = assign(create(null), given[0]);
enforceSpawn(options);
put(given, 0, options);
} else {
const options = { __proto__: null, file: given[0], args: given[1], envPairs: given[3] };
enforceSpawn(options);
put(given, 0, options.file);
put(given, 1, options.args);
put(given, 3, options.envPairs);
}
return apply(spawn, this, given);
};
}
function wrapExecve(execve) {
return execve && function(file, args, environment) {
const options = { __proto__: null, file, args: args ?? [], envPairs: environment === void 0 ? void 0 : pairsOf(environment) };
enforceSpawn(options);
return apply(execve, process_, [options.file, options.args, environmentOf(options.envPairs)]);
};
}
function environmentOf(pairs) {
const environment = create(null);
for (let i = 0; i < pairs.length; i++) {
const at = indexOf(pairs[i], "=", 1);
environment[slice(pairs[i], 0, at)] = slice(pairs[i], at + 1);
}
return environment;
}
function guardChildren(exports2) {
if (closed) return;
const { prototype } = new exports2.ChildProcess()._handle.constructor;
replaceForGood(prototype, "spawn", wrapSpawn(prototype.spawn));
replace(exports2, "spawnSync", wrapSync(exports2.spawnSync, true));
replace(exports2, "execFileSync", wrapSync(exports2.execFileSync, true));
replace(exports2, "execSync", wrapSync(exports2.execSync, false));
closed = true;
syncBuiltinESMExports();
}
function wrapSync(old, takesArgs) {
return function(file, args, given) {
const hasArgs = takesArgs && (isArray(args) || args === void 0 || args === null);
if (takesArgs && !hasArgs && typeof args !== "object" && typeof args !== "function") return apply(old, this, [file, args]);
const command = typeof file === "string" ? file : textOf(file);
const node = takesArgs && isNode(command);
const options = assign(create(null), hasArgs ? given : args);
options.env = environmentOf(enforcePairs(pairsOf(options.env || env), node));
if (!takesArgs) return apply(old, this, [command, options]);
const words = isArray(args) ? wordsOf(args) : [];
return apply(old, this, [command, node ? enforceRest(command, words) : words, options]);
};
}
function enforceRest(file, rest) {
const argv = [file];
for (let i = 0; i < rest.length; i++) push(argv, rest[i]);
const enforced = enforceArgs(argv);
const out = [];
for (let i = 1; i < enforced.length; i++) push(out, enforced[i]);
return out;
}
module.exports = { __proto__: null, enforceChildren, guardChildren, observers, pairsOf };
}
});

var require_elf = __commonJS({
"elf.cjs"(exports, module) {
"use strict";
var { create, indexOf, push, slice, utf8Slice } = require_primordials();
function dynamicOf(bytes) {
if (bytes.length < 64 || number(bytes, 0, 4) !== 1179403647 || bytes[5] !== 1) return void 0;
const size = bytes[4] === 2 ? 8 : 4;
const table = number(bytes, size === 8 ? 32 : 28, size);
const entrySize = number(bytes, size === 8 ? 54 : 42, 2);
const count = number(bytes, size === 8 ? 56 : 44, 2);
const segments = [];
let dynamic;
for (let i = 0; i < count; i++) {
const at = table + i * entrySize;
const type = number(bytes, at, 4);
const segment = {
__proto__: null,
offset: number(bytes, at + (size === 8 ? 8 : 4), size),
address: number(bytes, at + (size === 8 ? 16 : 8), size),
length: number(bytes, at + (size === 8 ? 32 : 16), size)
};
if (type === 1) push(segments, segment);
if (type === 2) dynamic = segment;
}
return dynamic === void 0 ? void 0 : namesIn(bytes, dynamic, segments, size);
}
var needed = 1;
var strings = 5;
var searchPaths = { __proto__: null, 15: true, 29: true };
var alsoLoaded = { __proto__: null, 1879047931: true, 1879047932: true, 2147483645: true, 2147483647: true };
function namesIn(bytes, dynamic, segments, size) {
const out = { __proto__: null, needed: [], paths: [] };
const found = create(null);
let length = 0;
let table = 0;
for (let at = dynamic.offset; at + 2 * size <= dynamic.offset + dynamic.length && at + 2 * size <= bytes.length; at += 2 * size) {
const tag = number(bytes, at, size);
const value = number(bytes, at + size, size);
if (tag === 0) break;
if (tag === strings) table = offsetOf(value, segments);
else found[length++] = { __proto__: null, tag, value };
}
for (let i = 0; i < length; i++) {
const { tag, value } = found[i];
if (tag === needed || alsoLoaded[tag] === true) push(out.needed, stringAt(bytes, table + value));
else if (searchPaths[tag] === true) pushPaths(out.paths, stringAt(bytes, table + value));
}
return out;
}
function offsetOf(address, segments) {
for (let i = 0; i < segments.length; i++) {
const s = segments[i];
if (address >= s.address && address < s.address + s.length) return address - s.address + s.offset;
}
return address;
}
function stringAt(bytes, at) {
let end = at;
while (end < bytes.length && bytes[end] !== 0) end++;
return utf8Slice(bytes, at, end);
}
function pushPaths(paths, text) {
let begin = 0;
for (let end = indexOf(text, ":"); end >= 0; end = indexOf(text, ":", begin)) {
push(paths, slice(text, begin, end));
begin = end + 1;
}
push(paths, slice(text, begin));
}
function number(bytes, at, size) {
let n = 0;
for (let i = size - 1; i >= 0; i--) n = n * 256 + (bytes[at + i] ?? 0);
return n;
}
module.exports = { __proto__: null, dynamicOf };
}
});

var require_trusted = __commonJS({
"trusted.cjs"(exports, module) {
"use strict";
var {
O_APPEND,
O_WRONLY,
SafeSet,
closeSync,
digestOf,
openSync,
pid,
separator,
setAdd,
setHas,
startsWith,
stringifyJSON,
writeSync
} = require_primordials();
var { config } = require_image();
var { read, realOf } = require_files();
var dirs = config.trust ?? [];
var counted = new SafeSet();
function trustedPath(path) {
if (dirs.length === 0) return void 0;
const real = realOf(path);
for (let i = 0; i < dirs.length; i++) {
if (startsWith(real, dirs[i] + separator)) return real;
}
return void 0;
}
function readTrusted(path) {
const real = trustedPath(path);
const bytes = real === void 0 ? void 0 : read(real);
if (bytes !== void 0) count(real);
return bytes;
}
function isTrustedText(path, text) {
const real = trustedPath(path);
const bytes = real === void 0 ? void 0 : read(real);
return bytes !== void 0 && digestOf("sha256", bytes, "hex") === digestOf("sha256", text, "hex");
}
function count(real) {
if (setHas(counted, real)) return;
setAdd(counted, real);
try {
const fd = openSync(config.tally, O_WRONLY | O_APPEND);
writeSync(fd, stringifyJSON({ __proto__: null, pid, trusted: real }) + "\n");
closeSync(fd);
} catch {
}
}
module.exports = { __proto__: null, count, isTrustedText, readTrusted, trustedPath };
}
});

var require_verify = __commonJS({
"verify.cjs"(exports, module) {
"use strict";
var { create, newBytes, utf8Slice } = require_primordials();
var { matches, metadata, metadataOf, recordOf, relative } = require_image();
var { isPnpPath, read, readText, realOf } = require_files();
var { readTrusted } = require_trusted();
var { violation } = require_violations();
var verifiedFiles = { __proto__: null, paths: create(null), count: 0, latest: void 0 };
function verifiedText(path, asked) {
const at = placeOf(path);
const text = at < 0 ? void 0 : readText(path);
if (text !== void 0 && matches(at, text)) {
checked(path);
return text;
}
const bytes = verified(path, asked);
return utf8Slice(bytes, 0, bytes.length);
}
function placeOf(path) {
const below = relative(path);
const at = below === void 0 ? -1 : recordOf(below);
if (at >= 0) return at;
const real = relative(realOf(path));
return real === void 0 || real === below ? -1 : recordOf(real);
}
function verified(path, asked) {
const at = placeOf(path);
const trusted = at < 0 ? readTrusted(path) : void 0;
if (trusted !== void 0) {
checked(path);
return trusted;
}
const bytes = read(path);
if (at >= 0 && bytes !== void 0 && matches(at, bytes)) {
checked(path);
return bytes;
}
const v = { __proto__: null, path: isPnpPath(path) ? realOf(path) : path, asked, code: at < 0 ? "unlisted" : "mismatch" };
v.detail = at < 0 ? relative(realOf(path)) === void 0 ? "outside the root, where no key can name it" : "not in the map" : "not what was pinned";
if (at >= 0) v.want = metadata(at);
v.got = bytes === void 0 ? "nothing that can be read" : metadataOf(at, bytes);
violation(v);
return bytes ?? newBytes(0);
}
function checked(path) {
verifiedFiles.paths[verifiedFiles.count++] = path;
verifiedFiles.latest = path;
}
module.exports = { __proto__: null, verifiedFiles, verifiedText, placeOf, verified };
}
});

var require_libraries = __commonJS({
"libraries.cjs"(exports, module) {
"use strict";
var { SafeSet, absolute, charAt, dirname, endsWith, indexOf, push, readdirSync, realpath, separator, setAdd, setHas, slice, startsWith } = require_primordials();
var { dynamicOf } = require_elf();
var { metadataOf, recordOf, relative } = require_image();
var { codeOf, isAbsent, read } = require_files();
var { trustedPath } = require_trusted();
var { verified } = require_verify();
var { violation } = require_violations();
var checkedLibraries;
function checkNeighbours(real) {
checkedLibraries = new SafeSet();
const bytes = read(real);
if (bytes !== void 0) checkNeeded(real, bytes, []);
checkSiblings(dirname(real));
}
function checkSiblings(dir) {
let names;
try {
names = readdirSync(dir);
} catch (error) {
if (codeOf(error) === "ERR_ACCESS_DENIED") return;
throw error;
}
for (let i = 0; i < names.length; i++) {
if (!isLibraryName(names[i])) continue;
const real = realOrNothing(dir + separator + names[i]);
const below = real === void 0 ? void 0 : relative(real);
if (below === void 0 || recordOf(below) < 0 || setHas(checkedLibraries, real)) continue;
setAdd(checkedLibraries, real);
verified(real);
}
}
function isLibraryName(name) {
let end = name.length;
for (let c = charAt(name, end - 1); c === "." || c >= "0" && c <= "9" && c !== ""; c = charAt(name, end - 1)) end--;
const stem = slice(name, 0, end);
return endsWith(stem, ".so") && end > 3 || endsWith(name, ".so") || endsWith(name, ".dylib") || endsWith(name, ".dll");
}
function checkNeeded(path, bytes, inherited) {
const elf = dynamicOf(bytes);
if (elf === void 0) return;
const dirs = [];
for (let i = 0; i < elf.paths.length; i++) addDirs(dirs, elf.paths[i], dirname(path));
for (let i = 0; i < inherited.length; i++) push(dirs, inherited[i]);
for (let i = 0; i < elf.needed.length; i++) {
const name = elf.needed[i];
if (indexOf(name, "/") >= 0) {
const files = [];
addDirs(files, name, dirname(path));
for (let j = 0; j < files.length; j++) checkLibrary(files[j], dirs);
} else {
for (let j = 0; j < dirs.length; j++) checkLibrary(dirs[j] + "/" + name, dirs);
}
}
}
function checkLibrary(path, dirs) {
if (isOfSystem(path)) return;
const real = realOrNothing(path);
if (real === void 0 || setHas(checkedLibraries, real)) return;
const below = relative(real);
if (below === void 0 && trustedPath(real) !== void 0) return;
setAdd(checkedLibraries, real);
if (below !== void 0 && recordOf(below) >= 0) {
checkNeeded(path, verified(real), dirs);
return;
}
const bytes = read(real);
const got = bytes === void 0 ? "nothing that can be read" : metadataOf(-1, bytes);
violation({ __proto__: null, code: "native", path: real, detail: "a shared library that an addon needs, and that is not in the map", got });
}
function isOfSystem(path) {
return startsWith(path, "/") && relative(absolute(path)) === void 0;
}
function realOrNothing(path) {
try {
return realpath(path);
} catch (error) {
if (isAbsent(error)) return void 0;
throw error;
}
}
var variants = ["glibc-hwcaps/x86-64-v2", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v4", "tls", "haswell", "xeon_phi", "avx512_1", "x86_64", "aarch64"];
var tokens = {
__proto__: null,
LIB: ["lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"],
PLATFORM: ["x86_64", "haswell", "xeon_phi", "aarch64"]
};
function addDirs(dirs, text, origin) {
const expanded = expand(text, origin);
for (let i = 0; i < expanded.length; i++) {
push(dirs, expanded[i]);
addVariants(dirs, expanded[i], 3);
}
}
function addVariants(dirs, dir, depth) {
if (depth === 0 || isOfSystem(dir)) return;
for (let i = 0; i < variants.length; i++) {
const below = dir + "/" + variants[i];
if (realOrNothing(below) === void 0) continue;
push(dirs, below);
addVariants(dirs, below, depth - 1);
}
}
function expand(text, origin) {
const at = indexOf(text, "$");
if (at < 0) return [text === "" ? "." : text];
const name = charAt(text, at + 1) === "{" ? slice(text, at + 2, indexOf(text, "}", at)) : wordAt(text, at + 1);
const end = at + 1 + name.length + (charAt(text, at + 1) === "{" ? 2 : 0);
const values = name === "ORIGIN" ? [origin] : tokens[name] ?? [];
const out = [];
for (let i = 0; i < values.length; i++) {
const rest = expand(slice(text, end), origin);
for (let j = 0; j < rest.length; j++) push(out, slice(text, 0, at) + values[i] + (end === text.length ? "" : rest[j]));
}
return out;
}
function wordAt(text, at) {
let end = at;
for (let c = charAt(text, end); c >= "A" && c <= "Z"; c = charAt(text, end)) end++;
return slice(text, at, end);
}
module.exports = { __proto__: null, checkNeighbours };
}
});

var require_native = __commonJS({
"native.cjs"(exports, module) {
"use strict";
var {
SafeError,
absolute,
apply,
assign,
charAt,
construct,
create,
getOwnPropertyDescriptor,
hasOwn,
indexOf,
isProxy,
lastIndexOf,
platform,
process_,
push,
put,
realpath,
separator,
slice,
startsWith,
stringifyJSON,
syncBuiltinESMExports
} = require_primordials();
var { metadataOf, recordOf, relative } = require_image();
var { codeOf, isAbsent, read, realOf, usesPnp } = require_files();
var { checkNeighbours } = require_libraries();
var { replace, replaceConstructor } = require_patch();
var { usePower } = require_powers();
var { count, trustedPath } = require_trusted();
var { verified } = require_verify();
var { violation } = require_violations();
var dlopenNative = process_.dlopen;
function dlopen(module2, filename, flags) {
if (arguments.length < 2) return apply(dlopenNative, process_, []);
const mode = flags === void 0 ? void 0 : flags | 0;
const path = checkNative(filename);
if (path === void 0) throw cannotOpen(filename);
checkTarget(module2, path);
const args = [module2, path];
if (mode !== void 0) push(args, mode);
return apply(dlopenNative, process_, args);
}
function checkTarget(module2, path) {
if (typeof module2 === "object" && module2 !== null && !isProxy(module2)) {
const own = getOwnPropertyDescriptor(module2, "exports");
if (own !== void 0 && hasOwn(own, "value")) return;
}
violation({ __proto__: null, code: "native", path, detail: "machine code for a module whose exports are no plain property" });
}
function cannotOpen(filename) {
const error = new SafeError(filename + ": cannot open shared object file: No such file or directory");
return assign(error, { __proto__: null, code: "ERR_DLOPEN_FAILED" });
}
function checkNative(filename) {
const refused = refusedName(filename);
if (refused !== void 0) return refuseName(filename, refused);
const hasPrefix = startsWith(filename, "\\\\?\\");
const real = locate(hasPrefix ? slice(filename, 4) : filename);
if (real === void 0) return void 0;
const below = relative(real);
if (below !== void 0 && recordOf(below) >= 0) {
checkNeighbours(real);
verified(real);
} else if (trustedPath(real) !== void 0) count(real);
else {
const bytes = read(real);
const got = bytes === void 0 ? "nothing that can be read" : metadataOf(-1, bytes);
violation({ __proto__: null, code: "native", path: real, detail: "machine code that is not in the map", got });
}
return hasPrefix ? "\\\\?\\" + real : real;
}
function refuseName(filename, detail) {
violation({ __proto__: null, code: "native", detail: detail + ": " + stringifyJSON(typeof filename === "string" ? filename : typeof filename) });
return filename;
}
function refusedName(filename) {
if (typeof filename !== "string" || indexOf(filename, separator) < 0 && indexOf(filename, "/") < 0) return "machine code whose name is no path";
if (indexOf(filename, "\0") >= 0) return "machine code whose name contains NUL";
return void 0;
}
function locate(filename) {
let real;
try {
real = realpath(usesPnp ? realOf(absolute(filename)) : filename);
} catch (error) {
if (isAbsent(error) && read(filename) === void 0) return void 0;
return refuseName(filename, "machine code whose path cannot be resolved (" + codeOf(error) + ")");
}
if (hasToken(real)) return refuseName(real, "machine code whose path the system would expand");
return real;
}
function hasToken(real) {
if (platform === "win32") return indexOf(slice(real, lastIndexOf(real, separator) + 1), ".") < 0;
for (let at = indexOf(real, "$"); at >= 0; at = indexOf(real, "$", at + 1)) {
const c = charAt(real, at + 1);
if (c === "{" || c >= "A" && c <= "Z") return true;
}
return false;
}
function guardSqlite(exports2) {
const { loadExtension } = exports2.DatabaseSync.prototype;
replace(exports2.DatabaseSync.prototype, "loadExtension", function(path, entryPoint) {
usePower("sqlite-extension", "loadExtension()");
if (typeof path !== "string") return apply(loadExtension, this, []);
const real = checkExtension(path);
return apply(loadExtension, this, typeof entryPoint === "string" ? [real, entryPoint] : [real]);
});
}
var ending = platform === "win32" ? ".dll" : platform === "darwin" ? ".dylib" : ".so";
function checkExtension(path) {
let real = checkNative(path);
if (real === void 0) real = checkNative(path + ending);
if (real === void 0) throw new SafeError(path + ": cannot open shared object file: No such file or directory");
checkNative(real + ending);
return real;
}
function guardFFI(exports2) {
const { DynamicLibrary } = exports2;
if (typeof exports2.dlopen === "function") replaceConstructor(exports2, "dlopen", libraryHandler);
if (typeof DynamicLibrary === "function") {
const { prototype } = DynamicLibrary;
replace(prototype, "getFunction", refuseLoaders(prototype.getFunction, 0));
replace(prototype, "getFunctions", refuseLoaders(prototype.getFunctions, 0));
replace(prototype, "getSymbol", refuseLoaders(prototype.getSymbol, 0));
replaceConstructor(exports2, "DynamicLibrary", libraryHandler);
}
if (typeof exports2.dlsym === "function") replace(exports2, "dlsym", refuseLoaders(exports2.dlsym, 1));
syncBuiltinESMExports();
}
var libraryHandler = {
__proto__: null,
apply: (target, self, args) => apply(target, self, checkLibrary(args)),
construct: (target, args, newTarget) => construct(target, checkLibrary(args), newTarget)
};
function checkLibrary(args) {
const name = args[0];
if (name === null) {
violation({ __proto__: null, code: "native", detail: "node:ffi would open the program itself" });
return args;
}
const out = [void 0];
for (let i = 1; i < args.length; i++) push(out, args[i]);
if (typeof name !== "string") return out;
const real = checkNative(name);
if (real === void 0) throw cannotOpen(name);
out[0] = real;
return out;
}
var loaders = create(null);
for (const name of ["dlopen", "dlmopen", "dlsym", "dlvsym", "dlfunc", "__libc_dlopen_mode", "__libc_dlsym", "_dl_open", "android_dlopen_ext"]) loaders[name] = true;
function refuseLoaders(find, number) {
return find && function(...args) {
const given = args[number];
if (typeof given === "string") refuseLoader(given);
else if (typeof given === "object" && given !== null) {
const copy = assign(create(null), given);
for (const name in copy) refuseLoader(name);
put(args, number, copy);
}
return apply(find, this, args);
};
}
function refuseLoader(name) {
if (loaders[name] === true) violation({ __proto__: null, code: "native", detail: "node:ffi would call " + name + "(), which loads any library" });
}
function enforceNative() {
replace(process_, "dlopen", dlopen);
}
module.exports = { __proto__: null, dlopenNative, enforceNative, guardFFI, guardSqlite };
}
});

var require_bytecode = __commonJS({
"bytecode.cjs"(exports, module) {
"use strict";
var { apply, construct, copyOf, defineProperty, isView } = require_primordials();
var { allowed, isPinnedSomewhere } = require_image();
var { replace, replaceConstructor } = require_patch();
function guardBytecode(exports2) {
if (allowed.transform) return;
const { compileFunction, runInContext, runInThisContext } = exports2;
replaceConstructor(exports2, "Script", {
__proto__: null,
construct: (target, args, newTarget) => withoutCache(args[1], (options) => construct(target, [args[0], options], newTarget))
});
if (exports2.SourceTextModule !== void 0) {
replaceConstructor(exports2, "SourceTextModule", {
__proto__: null,
construct: (target, args, newTarget) => withoutCache(args[1], (options) => construct(target, [args[0], options], newTarget))
});
}
replace(exports2, "compileFunction", function(code, params, options) {
return withoutCache(options, (given) => apply(compileFunction, this, [code, params, given]));
});
replace(exports2, "runInContext", function(code, context, options) {
return apply(runInContext, this, [code, context, checkedOptions(options)]);
});
replace(exports2, "runInThisContext", function(code, options) {
return apply(runInThisContext, this, [code, checkedOptions(options)]);
});
}
function withoutCache(options, compile) {
const given = checkedOptions(options);
const out = compile(given);
if (given?.wasRejected === true) defineProperty(out, "cachedDataRejected", { __proto__: null, value: true, writable: true, enumerable: true, configurable: true });
return out;
}
function checkedOptions(options) {
if (typeof options === "string") return { __proto__: null, filename: options };
if (typeof options !== "object" || options === null) return options;
const out = { __proto__: null, ...options };
const data = out.cachedData ?? options.cachedData;
out.cachedData = void 0;
if (data === void 0 || data === null) return out;
if (!isView(data)) {
out.cachedData = data;
return out;
}
const copy = copyOf(data);
if (isPinnedSomewhere(copy)) out.cachedData = copy;
else out.wasRejected = true;
return out;
}
module.exports = { __proto__: null, checkedOptions, guardBytecode };
}
});

var require_embedded = __commonJS({
"embedded.cjs"(exports, module) {
"use strict";
var { base64Slice, charAt, charCodeAt, indexOf, slice } = require_primordials();
var magic = "AGFzbQ";
var magicNumbers = [0, 97, 115, 109];
function needleOf(bytes) {
let base64 = base64Slice(bytes, 0, bytes.length);
let end = base64.length;
while (charAt(base64, end - 1) === "=") end--;
base64 = slice(base64, 0, end);
return { __proto__: null, bytes, base64, urlSafe: void 0 };
}
function toURLSafe(base64) {
let out = "";
let from = 0;
for (; ; ) {
const plus = indexOf(base64, "+", from);
const slash = indexOf(base64, "/", from);
const at = plus < 0 || slash >= 0 && slash < plus ? slash : plus;
if (at < 0) return out + slice(base64, from);
out += slice(base64, from, at) + (at === plus ? "-" : "_");
from = at + 1;
}
}
function hasWasm(text) {
if (indexOf(text, magic) >= 0) return true;
for (let from = indexOf(text, "["); from >= 0; from = indexOf(text, "[", from + 1)) {
if (matchList(text, from + 1, magicNumbers, magicNumbers.length)) return true;
}
return false;
}
function holds(text, needle) {
const { bytes, base64 } = needle;
if (bytes.length < 8) return false;
for (let from = indexOf(text, magic); from >= 0; from = indexOf(text, magic, from + 1)) {
if (from > 0 && isBase64(charCodeAt(text, from - 1)) || isBase64(charCodeAt(text, from + base64.length))) continue;
const found = slice(text, from, from + base64.length);
if (found === base64) return true;
if (indexOf(found, "-") >= 0 || indexOf(found, "_") >= 0) {
needle.urlSafe ??= toURLSafe(base64);
if (found === needle.urlSafe) return true;
}
}
for (let from = indexOf(text, "["); from >= 0; from = indexOf(text, "[", from + 1)) {
const end = matchList(text, from + 1, bytes, bytes.length);
if (end > 0 && charAt(text, end) === "]") return true;
}
return false;
}
function matchList(text, at, numbers, count) {
for (let i = 0; i < count; i++) {
at = skipSpace(text, at);
const begin = at;
let n = 0;
for (let c = charCodeAt(text, at); c >= 48 && c <= 57 && n < 256; c = charCodeAt(text, ++at)) n = 10 * n + c - 48;
if (at === begin || n !== numbers[i]) return 0;
at = skipSpace(text, at);
if (i + 1 < count && charAt(text, at++) !== ",") return 0;
}
if (charAt(text, at) === ",") at = skipSpace(text, at + 1);
return at;
}
function skipSpace(text, at) {
for (; ; ) {
const c = charCodeAt(text, at);
const next = c === 47 ? charCodeAt(text, at + 1) : 0;
if (c === 32 || c >= 9 && c <= 13) at++;
else if (next === 47 || next === 42) {
const end = next === 47 ? indexOf(text, "\n", at) : indexOf(text, "*/", at + 2);
if (end < 0) return text.length;
at = end + (next === 47 ? 1 : 2);
} else return at;
}
}
function isBase64(c) {
return c >= 65 && c <= 90 || c >= 97 && c <= 122 || c >= 47 && c <= 57 || c === 43 || c === 45 || c === 95;
}
module.exports = { __proto__: null, magic, needleOf, hasWasm, holds };
}
});

var require_nodewasm = __commonJS({
"nodewasm.cjs"(exports, module) {
"use strict";
var {
O_RDONLY,
closeSync,
execPath,
findBytes,
getOwnPropertyDescriptor,
latin1Slice,
newBytes,
openSync,
push,
readSync,
startsWith
} = require_primordials();
var { nodeBinding } = require_bindings();
var { holds, magic } = require_embedded();
function holdsNode(needle) {
const natives = nodeBinding("natives");
if (natives === void 0) return holdsExecutable(needle);
for (const name in natives) {
if (!startsWith(name, "internal/deps/")) continue;
const text = getOwnPropertyDescriptor(natives, name)?.value;
if (typeof text === "string" && holds(text, needle)) return true;
}
return false;
}
function holdsExecutable(needle) {
let fd;
try {
fd = openSync(execPath, O_RDONLY);
} catch {
return false;
}
try {
places ??= findPlaces(fd);
for (let i = 0; i < places.length; i++) {
if (holds(textAt(fd, places[i], needle.base64.length), needle)) return true;
}
return false;
} finally {
closeSync(fd);
}
}
var places;
function findPlaces(fd) {
const found = [];
const bytes = newBytes((1 << 22) + magic.length);
const step = bytes.length - magic.length + 1;
for (let at = 0, length = bytes.length; length === bytes.length; at += step) {
length = readSync(fd, bytes, 0, bytes.length, at);
for (let i = findBytes(bytes, magic, 0); i >= 0 && i < length; i = findBytes(bytes, magic, i + 1)) push(found, at + i);
}
return found;
}
function textAt(fd, at, length) {
const bytes = newBytes(length + 2);
return latin1Slice(bytes, 0, readSync(fd, bytes, 0, bytes.length, at - 1));
}
module.exports = { __proto__: null, holdsNode };
}
});

var require_wasm = __commonJS({
"wasm.cjs"(exports, module) {
"use strict";
var {
SafeError,
SafeSet,
apply,
construct,
copyOf,
create,
defineProperty,
digestOf,
getOwnPropertyDescriptor,
getPrototypeOf,
globalThis_,
isFrozen,
isView,
ownKeys,
setAdd,
setHas,
syncBuiltinESMExports,
utf8Slice,
wasm
} = require_primordials();
var { allowed, isPinnedSomewhere, matches, metadataOf, recordOf, relative } = require_image();
var { checkedOptions, guardBytecode } = require_bytecode();
var { read, realOf } = require_files();
var { needleOf, hasWasm, holds } = require_embedded();
var { holdsNode } = require_nodewasm();
var { replace, replaceConstructor } = require_patch();
var { pathOf } = require_urls();
var { verifiedFiles } = require_verify();
var { stack, violation } = require_violations();
function checkWasm(source) {
const bytes = copyOf(source);
if (allowed.wasm || isPinnedSomewhere(bytes)) return bytes;
const digest = digestOf("sha256", bytes, "hex");
if (setHas(known, digest) || isEmbedded(needleOf(bytes))) {
setAdd(known, digest);
return bytes;
}
violation({
__proto__: null,
code: "wasm",
detail: "WebAssembly that is in no pinned file",
got: metadataOf(-1, bytes),
hint: "if pinned code makes it at run time, start the program with --allow wasm"
});
return bytes;
}
var known = new SafeSet();
function isEmbedded(needle) {
const caller = callerPath();
if (caller !== void 0 && isHeldBy(caller, needle)) return true;
if (holdsNode(needle)) return true;
for (let i = 0; i < holderCount; i++) if (isHeldBy(holders[i], needle)) return true;
while (searched < verifiedFiles.count) {
const path = verifiedFiles.paths[searched++];
const text = pinnedText(path);
if (text === void 0 || !hasWasm(text)) continue;
holders[holderCount++] = path;
if (holds(text, needle)) return true;
}
return false;
}
var holders = create(null);
var holderCount = 0;
var searched = 0;
function callerPath() {
const frames = stack();
for (let i = 0; i < frames.length; i++) {
const path = pathOf(frames[i].scriptName);
if (path !== void 0) return path;
}
return void 0;
}
function isHeldBy(path, needle) {
const text = pinnedText(path);
return text !== void 0 && holds(text, needle);
}
function pinnedText(path) {
const bytes = read(path);
const at = recordOf(relative(realOf(path)) ?? "");
return bytes === void 0 || at < 0 || !matches(at, bytes) ? void 0 : utf8Slice(bytes, 0, bytes.length);
}
function enforceWasm() {
if (wasm === void 0) return;
if (isFrozen(wasm)) {
if (!allowed.wasm) standInForFrozen();
return;
}
const { compile, instantiate, compileStreaming } = wasm;
replaceConstructor(wasm, "Module", {
__proto__: null,
construct: (target, args, newTarget) => construct(target, [checkWasm(args[0]), args[1]], newTarget)
});
replace(wasm, "compile", async function(source, options) {
return apply(compile, wasm, [checkWasm(source), options]);
});
replace(wasm, "instantiate", async function(source, imports, options) {
const isModule = typeof source === "object" && source !== null && !isView(source) && isWasmModule(source);
return apply(instantiate, wasm, [isModule ? source : checkWasm(source), imports, options]);
});
const bytesOf = async (source) => {
const response = await source;
return checkWasm(await response.arrayBuffer());
};
if (compileStreaming !== void 0) {
replace(wasm, "compileStreaming", async function(source, options) {
return apply(compile, wasm, [await bytesOf(source), options]);
});
replace(wasm, "instantiateStreaming", async function(source, imports, options) {
return apply(instantiate, wasm, [await bytesOf(source), imports, options]);
});
}
}
function standInForFrozen() {
const stand = create(getPrototypeOf(wasm));
const names = ownKeys(wasm);
for (let i = 0; i < names.length; i++) {
const own = getOwnPropertyDescriptor(wasm, names[i]);
defineProperty(stand, names[i], { __proto__: null, value: compiles[names[i]] ? refused(own.value) : own.value, writable: true, enumerable: own.enumerable, configurable: true });
}
replace(globalThis_, "WebAssembly", stand);
}
var compiles = { __proto__: null, Module: true, compile: true, instantiate: true, compileStreaming: true, instantiateStreaming: true };
function refused(old) {
return function(...args) {
if (isOfNode(args[0])) throw new SafeError("nodeint run gives no WebAssembly with --frozen-intrinsics: start the program with --allow wasm");
violation({
__proto__: null,
code: "wasm",
detail: "WebAssembly cannot be checked with --frozen-intrinsics",
hint: "leave out the flag, or start the program with --allow wasm"
});
return new.target === void 0 ? apply(old, wasm, args) : construct(old, args);
};
}
function isOfNode(source) {
try {
return holdsNode(needleOf(copyOf(source)));
} catch {
return false;
}
}
var moduleExports = wasm?.Module.exports;
function isWasmModule(value) {
try {
moduleExports(value);
return true;
} catch {
return false;
}
}
function guardContexts(exports2) {
guardBytecode(exports2);
if (!allowed.wasm) {
const { createContext } = exports2;
replace(exports2, "createContext", function(object, options) {
return apply(createContext, this, [object, withoutWasm(options, "codeGeneration")]);
});
}
const { runInNewContext } = exports2;
replace(exports2, "runInNewContext", function(code, object, options) {
if (typeof options === "string") options = { __proto__: null, filename: options };
return apply(runInNewContext, this, [code, object, withoutWasm(checkedOptions(options), "contextCodeGeneration")]);
});
const inNewContext = exports2.Script.prototype.runInNewContext;
replace(exports2.Script.prototype, "runInNewContext", function(object, options) {
return apply(inNewContext, this, [object, withoutWasm(options, "contextCodeGeneration")]);
});
syncBuiltinESMExports();
}
function withoutWasm(options, name) {
if (allowed.wasm) return options;
return { __proto__: null, ...options, [name]: { __proto__: null, ...options?.[name], wasm: false } };
}
module.exports = { __proto__: null, enforceWasm, guardContexts };
}
});

var require_engines = __commonJS({
"engines.cjs"(exports, module) {
"use strict";
var { builtin, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, stringifyJSON } = require_primordials();
var { nodeBinding, quietly } = require_bindings();
var { refuse } = require_patch();
var engineOf = (name) => (engine) => ({
__proto__: null,
code: "native",
detail: name + " would load " + stringifyJSON(typeof engine === "string" ? engine : typeof engine)
});
function guardCrypto(exports2) {
refuse(exports2, "setEngine", engineOf("crypto.setEngine()"));
}
function enforceEngines() {
const crypto = nodeBinding("crypto");
if (crypto !== void 0) {
refuse(crypto, "setEngine", engineOf("crypto.setEngine()"));
guardContexts(crypto.SecureContext.prototype);
return;
}
const binding = nodeBinding("tls_wrap");
if (binding === void 0) return;
const { TLSWrap } = binding;
const get = () => {
guardTLS();
return TLSWrap;
};
defineProperty(binding, "TLSWrap", { __proto__: null, get, enumerable: true, configurable: false });
}
var guarded = false;
function guardTLS() {
if (guarded) return;
const { SecureContext } = quietly(() => builtin("_tls_common"));
const made = new SecureContext(void 0, void 0, "TLSv1.2", "TLSv1.3");
guardContexts(getPrototypeOf(getOwnPropertyDescriptor(made, "context").value));
}
function guardContexts(prototype) {
refuse(prototype, "setClientCertEngine", engineOf("the option clientCertEngine"));
refuse(prototype, "setEngineKey", () => ({ __proto__: null, code: "native", detail: "the option privateKeyEngine would load an engine" }));
guarded = true;
}
module.exports = { __proto__: null, enforceEngines, guardCrypto, guardTLS };
}
});

var require_v8flags = __commonJS({
"v8flags.cjs"(exports, module) {
"use strict";
var { apply, charAt, indexOf, push, slice, startsWith } = require_primordials();
var { kindOf } = require_nodeoptions();
var { replace } = require_patch();
var { violation } = require_violations();
function guardV8(exports2) {
const { setFlagsFromString } = exports2;
if (setFlagsFromString === void 0) return;
replace(exports2, "setFlagsFromString", function(flags) {
if (typeof flags !== "string") return apply(setFlagsFromString, this, []);
const words = wordsOf(flags);
for (let i = 0; i < words.length; i++) checkFlag(words[i]);
return apply(setFlagsFromString, this, [flags]);
});
}
function wordsOf(text) {
const words = [];
let word = "";
for (let i = 0; i <= text.length; i++) {
const c = charAt(text, i);
if (c > " " && c !== "\x7F") word += c;
else if (word !== "") {
push(words, word);
word = "";
}
}
return words;
}
function checkFlag(word) {
if (charAt(word, 0) !== "-") return;
let name = slice(word, charAt(word, 1) === "-" ? 2 : 1);
const equals = indexOf(name, "=");
if (equals >= 0) name = slice(name, 0, equals);
if (kindOf("--" + name) === "pass") return;
if (startsWith(name, "no") && kindOf("--" + slice(name, 2)) === "pass") return;
violation({ __proto__: null, code: "flag", detail: "v8.setFlagsFromString() with --" + name + ", which is not among the flags that change nothing about what is loaded" });
}
module.exports = { __proto__: null, guardV8 };
}
});

var require_workers = __commonJS({
"workers.cjs"(exports, module) {
"use strict";
var {
SafeProxy,
SafeWeakSet,
apply,
assign,
construct,
create,
defineProperty,
env,
getOwnPropertyDescriptor,
getPrototypeOf,
globalThis_,
isArray,
parseJSON,
process_,
push,
put,
slice,
startsWith,
stringifyJSON,
syncBuiltinESMExports,
textOf,
weakAdd,
weakHas,
wordsOf
} = require_primordials();
var { allowed } = require_image();
var { checkFlags, own, withOptions } = require_nodeoptions();
var { observers } = require_children();
var { whenLoaded } = require_loaded();
var { replace, replaceConstructor } = require_patch();
var { isOff } = require_powers();
var { evalHint, violation } = require_violations();
function guardWorkers(exports2) {
const { MessagePort, SHARE_ENV, Worker } = exports2;
guardPort(MessagePort);
closeHandle(Worker);
replaceConstructor(exports2, "Worker", {
__proto__: null,
construct: (target, args, newTarget) => {
const before = getOwnPropertyDescriptor(process_, "env");
const options = workerOptions(args[0], args[1], SHARE_ENV);
starting++;
try {
return construct(target, [args[0], options], newTarget);
} finally {
starting--;
if (isAccessor(before) && before.configurable) defineProperty(process_, "env", before);
}
}
});
syncBuiltinESMExports();
}
function closeHandle(Worker) {
let handle;
const prototype = new SafeProxy(Worker.prototype, {
__proto__: null,
set(target, key, value, receiver) {
if (typeof key === "symbol" && typeof value?.startThread === "function") handle = value;
return defineProperty(receiver, key, { __proto__: null, value, writable: true, configurable: true, enumerable: true }) === receiver;
}
});
function Unstarted() {
}
Unstarted.prototype = prototype;
try {
construct(Worker, ["/nodeint", { __proto__: null, execArgv: ["--nodeint-unknown"], env: { __proto__: null, NODE_OPTIONS: withOptions("", workerWords()) } }], Unstarted);
} catch {
}
if (handle === void 0) return;
defineProperty(getPrototypeOf(handle), "constructor", { __proto__: null, value: void 0, writable: false, configurable: false, enumerable: false });
}
var starting = 0;
var channels = new SafeWeakSet();
var guardedPort;
function enforceMessages() {
if (isOff("worker")) return;
whenLoaded("internal/worker/io", () => {
const { MessagePort } = globalThis_;
if (typeof MessagePort === "function") guardPort(MessagePort);
else guardedPort = null;
});
}
function guardPort(MessagePort) {
if (MessagePort === guardedPort) return;
if (guardedPort !== void 0) {
violation({ __proto__: null, code: "flag", detail: "the program has replaced the global MessagePort, and would start threads", hint: "load node:worker_threads before" });
}
guardedPort = MessagePort;
const { prototype } = MessagePort;
const post = prototype.postMessage;
replace(prototype, "postMessage", function(...args) {
if (args.length > 0 && (starting > 0 || weakHas(channels, this))) put(args, 0, checkMessage(this, args[0]));
return apply(post, this, args);
});
}
function checkMessage(port, message) {
if (typeof message !== "object" || message === null) return message;
const copy = assign(create(null), message);
if (copy.type !== "loadScript") return weakHas(channels, port) ? copy : message;
weakAdd(channels, port);
if (!allowed.eval && (copy.webWorkerData !== void 0 || copy.doEval !== false && !isImportOnly(copy))) {
violation({ __proto__: null, code: "eval", detail: "a message would give a worker code from a string", hint: evalHint });
}
return copy;
}
function isImportOnly({ doEval, filename }) {
if (doEval === "data-url") return true;
if (doEval !== "module" || typeof filename !== "string" || !startsWith(filename, 'import "')) return false;
try {
const url = slice(filename, 7);
return stringifyJSON(parseJSON(url)) === url;
} catch {
return false;
}
}
var names = ["argv", "workerData", "name", "resourceLimits", "trackUnmanagedFds", "stdin", "stdout", "stderr", "transferList"];
function workerOptions(file, given, share) {
const observe = observers.worker;
if (observe !== void 0) observe(file);
const options = create(null);
const source = given ?? create(null);
for (let i = 0; i < names.length; i++) options[names[i]] = source[names[i]];
options.eval = !!source.eval;
if (options.eval && !allowed.eval) violation({ __proto__: null, code: "eval", detail: "a worker with code from a string", hint: evalHint });
const execArgv = source.execArgv;
options.execArgv = isArray(execArgv) ? checkFlags(wordsOf(execArgv), true).flags : execArgv;
setEnvironment(options, source.env, share);
return options;
}
function setEnvironment(options, given, share) {
env.NODE_DISABLE_COMPILE_CACHE = "1";
if (given === share && share !== void 0) {
env.NODE_OPTIONS = withOptions(env.NODE_OPTIONS ?? "", own);
options.env = share;
shareOptions(options);
} else if (typeof given === "object" && given !== null || isArray(options.execArgv)) {
const copy = assign(create(null), given ?? env);
const environment = create(null);
for (const name in copy) environment[name] = textOf(copy[name]);
environment.NODE_OPTIONS = withOptions(environment.NODE_OPTIONS ?? "", workerWords());
environment.NODE_DISABLE_COMPILE_CACHE = "1";
options.env = environment;
} else if (given === void 0 || given === null) {
defineProperty(options, "env", { __proto__: null, get: restoreEnvironment, enumerable: true });
} else {
options.env = given;
}
}
function shareOptions(options) {
const flags = options.execArgv;
if (!isArray(flags)) return;
const parents = process_.execArgv;
let isSame = flags.length === 0 || flags.length === parents?.length;
for (let i = 0; isSame && i < flags.length; i++) isSame = flags[i] === parents[i];
if (!isSame) {
violation({
__proto__: null,
code: "flag",
detail: "a worker with SHARE_ENV and flags of its own: another thread could change NODE_OPTIONS before it starts",
hint: "leave out execArgv, or give the worker an environment of its own"
});
}
options.execArgv = void 0;
}
function restoreEnvironment() {
const now = getOwnPropertyDescriptor(process_, "env");
if (!isAccessor(now)) return void 0;
if (!now.configurable) violation({ __proto__: null, code: "flag", detail: "a worker with a process.env that is a getter" });
else defineProperty(process_, "env", { __proto__: null, value: env, writable: true, enumerable: true, configurable: true });
return void 0;
}
function isAccessor(descriptor) {
return descriptor === void 0 || descriptor.get !== void 0 || descriptor.set !== void 0;
}
function workerWords() {
const words = [];
for (let i = 0; i < own.length; i++) if (startsWith(own[i], "--import=") || startsWith(own[i], "--experimental-package-map=")) push(words, own[i]);
return words;
}
module.exports = { __proto__: null, enforceMessages, guardWorkers };
}
});

var require_builtins = __commonJS({
"builtins.cjs"(exports, module) {
"use strict";
var { apply, assign, builtin, create, getPrototypeOf, process_, slice, startsWith, stringifyJSON, syncBuiltinESMExports, textOf } = require_primordials();
var { allowed, config } = require_image();
var { bindingOf } = require_bindings();
var { guardChildren } = require_children();
var { enforceEngines, guardCrypto, guardTLS } = require_engines();
var { guardFFI, guardSqlite } = require_native();
var { refuse, replace } = require_patch();
var { guardSnapshots, useModule } = require_powers();
var { guardV8 } = require_v8flags();
var { clip, evalHint, transformHint, violation } = require_violations();
var { guardContexts } = require_wasm();
var { guardWorkers } = require_workers();
function guardBuiltin(name, asked) {
useModule(name, asked);
patchBuiltin(name);
}
var guarded = create(null);
function patchBuiltin(name) {
if (guarded[name] !== void 0 || guards[name] === void 0) return;
if (config.mode === "trace" && name !== "worker_threads" && name !== "child_process" && name !== "cluster" && name !== "v8") return;
const guard = guards[name];
guard(builtin(name === "sqlite" || name === "ffi" || name === "test" ? "node:" + name : name));
guarded[name] = true;
}
var guards = {
__proto__: null,
worker_threads: guardWorkers,
cluster: () => patchBuiltin("child_process"),
child_process: guardChildren,
crypto: guardCrypto,
inspector: guardInspector,
"inspector/promises": (exports2) => {
patchBuiltin("inspector");
guardInspector(exports2);
},
vm: guardContexts,
test: guardTest,
sqlite: guardSqlite,
ffi: guardFFI,
tls: guardTLS,
_tls_common: guardTLS,
v8: (exports2) => {
if (config.mode === "enforce") guardV8(exports2);
guardSnapshots(exports2);
}
};
function guardInspector(exports2) {
if (allowed.inspector) return;
const v = { __proto__: null, code: "inspector", detail: "the inspector would be opened, which can run any code", hint: "if this is intended, start the program with --allow inspector" };
refuse(exports2, "open", () => v);
refuse(exports2.Session.prototype, "connect", () => v);
refuse(exports2.Session.prototype, "connectToMainThread", () => v);
syncBuiltinESMExports();
}
function guardTest(exports2) {
if (!allowed.transform) {
const mocks = getPrototypeOf(exports2.mock);
refuse(mocks, "module", (specifier) => ({
__proto__: null,
code: "transform",
detail: "mock.module() would replace " + stringifyJSON(clip(textOf(specifier))),
hint: transformHint
}));
}
}
function getBuiltin(id) {
const exports2 = builtin(id);
if (exports2 !== void 0) guardBuiltin(startsWith(id, "node:") ? slice(id, 5) : id);
return exports2;
}
function binding(given) {
const name = textOf(given);
if (name === "inspector" && !allowed.inspector) {
violation({ __proto__: null, code: "inspector", detail: "process.binding('inspector') can run any code", hint: "start the program with --allow inspector" });
}
if (name === "contextify" && !allowed.eval) {
violation({ __proto__: null, code: "eval", detail: "process.binding('contextify') compiles code from strings", hint: evalHint });
}
const copy = assign({}, apply(bindingOf, process_, [name]));
if (name === "v8") guardV8(copy);
if (name === "contextify" && !allowed.wasm) {
refuse(copy, "makeContext", () => ({ __proto__: null, code: "wasm", detail: "process.binding('contextify') makes a context with a WebAssembly of its own" }));
}
return copy;
}
function enforceBuiltins() {
replace(process_, "getBuiltinModule", getBuiltin);
if (bindingOf !== void 0) replace(process_, "binding", binding);
patchBuiltin("crypto");
patchBuiltin("vm");
enforceEngines();
}
module.exports = { __proto__: null, enforceBuiltins, getBuiltin, guardBuiltin };
}
});

var require_packagemap = __commonJS({
"packagemap.cjs"(exports, module) {
"use strict";
var { Module, SafeError, apply, fs, process_ } = require_primordials();
var { config, root } = require_image();
function usesPackageMap() {
try {
askNode("/nodeint.js");
} catch (error) {
return error?.code !== "MODULE_NOT_FOUND";
}
return false;
}
function askNode(filename) {
const parent = { __proto__: null, id: "nodeint", filename, paths: [] };
apply(Module._resolveFilename, Module, ["nodeint-package-map", parent, false]);
}
function handPackages() {
const { readFileSync, realpathSync } = fs;
const { emitWarning } = process_;
let isRead = false;
let isPlaced = false;
fs.readFileSync = () => {
isRead = true;
return config.nodePackages;
};
fs.realpathSync = () => {
isPlaced = true;
return config.map;
};
process_.emitWarning = () => {
};
let error;
try {
askNode(root + "/nodeint.js");
} catch (thrown) {
error = thrown;
} finally {
fs.readFileSync = readFileSync;
fs.realpathSync = realpathSync;
process_.emitWarning = emitWarning;
}
const isRefused = error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_PACKAGE_MAP_EXTERNAL_FILE";
if (!isRead || !isPlaced || !isRefused) throw error ?? new SafeError("Node has not read the package map");
}
module.exports = { __proto__: null, handPackages, usesPackageMap };
}
});

var require_names = __commonJS({
"names.cjs"(exports, module) {
"use strict";
var { image } = require_input();
var {
assign,
create,
digestOf,
endsWith,
hexSlice,
indexOf,
lastIndexOf,
parseJSON,
process_,
slice,
startsWith,
utf8Slice
} = require_primordials();
var { config, namesAt } = require_image();
var { usesPackageMap } = require_packagemap();
var hasNames = config.mode === "enforce" && namesAt < image.length && !(config.packageMap !== "" && usesPackageMap());
var directories = hasNames ? number(namesAt) : 0;
var hasPaths = hasNames && (number(namesAt + 4) & 1) !== 0;
var hasLinks = hasNames && (number(namesAt + 4) & 2) !== 0;
var firstDirectory = namesAt + 8;
var firstText = firstDirectory + directories * 24;
function number(at) {
return (image[at] | image[at + 1] << 8 | image[at + 2] << 16 | image[at + 3] << 24) >>> 0;
}
var entries = create(null);
function entryOf(dir) {
const known = entries[dir];
if (known !== void 0) return known === null ? void 0 : known;
const at = find(hexOf(dir));
const entry = at < 0 ? null : parse(utf8Slice(image, firstText + number(at + 16), firstText + number(at + 16) + number(at + 20)));
entries[dir] = entry;
return entry === null ? void 0 : entry;
}
function hexOf(dir) {
return slice(digestOf("sha256", dir, "hex"), 0, 32);
}
function find(key) {
let low = 0;
let high = directories;
while (low < high) {
const middle = low + high >>> 1;
const at = firstDirectory + middle * 24;
const got = hexSlice(image, at, at + 16);
if (got === key) return at;
if (got < key) low = middle + 1;
else high = middle;
}
return -1;
}
var none = create(null);
function parse(text) {
const given = own(parseJSON(text));
const files = create(null);
if (given.f !== void 0) for (let i = 0; i < given.f.length; i++) files[given.f[i]] = true;
return {
__proto__: null,
files,
links: given.l === void 0 ? none : own(given.l),
type: given.t,
main: given.m,
conditions: given.c,
isPackage: given.o === true,
imports: specifiers(given.i),
scope: scopeOf(given),
single: given.x === void 0 ? none : own(given.x),
require: create(null),
import: create(null)
};
}
function own(object) {
return assign(create(null), object);
}
function scopeOf(given) {
if (given.s === void 0 && given.r === void 0) return void 0;
return { __proto__: null, both: specifiers(given.s), require: specifiers(given.r) };
}
function specifiers(object) {
if (object === void 0) return void 0;
const given = own(object);
return { __proto__: null, exact: given.e === void 0 ? none : own(given.e), prefixes: given.p };
}
function parentOf(dir) {
const at = lastIndexOf(dir, "/");
return at < 0 ? "" : slice(dir, 0, at);
}
var chains = { __proto__: null, require: create(null), import: create(null) };
function tablesOf(dir, kind) {
const known = chains[kind][dir];
if (known !== void 0) return known;
const entry = entryOf(dir);
const isOwn = entry?.scope !== void 0 || isBoundary(dir, entry);
const tables = isOwn ? collect(void 0, dir, kind) : tablesOf(parentOf(dir), kind);
chains[kind][dir] = tables;
return tables;
}
function isBoundary(dir, entry) {
return dir === "" || entry?.isPackage === true || dir === "node_modules" || endsWith(dir, "/node_modules");
}
function collect(single, dir, kind) {
const tables = { __proto__: null, length: 0 };
if (kind === "require") append(tables, single?.require);
if (kind === "require") collectUpward(tables, dir, kind);
append(tables, single?.both);
append(tables, collectUpward(tables, dir, "both")?.imports);
return tables;
}
function collectUpward(tables, dir, kind) {
for (let at = dir; ; at = parentOf(at)) {
const entry = entryOf(at);
append(tables, entry?.scope?.[kind]);
if (isBoundary(at, entry)) return entry;
}
}
function append(tables, table) {
if (table !== void 0) tables[tables.length++] = table;
}
function tablesOfFile(entry, dir, name, kind) {
const single = entry.single[name];
return single === void 0 ? void 0 : collect(scopeOf(own(single)), dir, kind);
}
function meaning(tables, specifier) {
for (let i = 0; i < tables.length; i++) {
const { exact, prefixes } = tables[i];
const value = exact[specifier];
if (value !== void 0) return value;
if (prefixes === void 0) continue;
for (let j = 0; j < prefixes.length; j++) {
const prefix = prefixes[j][0];
if (startsWith(specifier, prefix)) return below(prefixes[j][1], slice(specifier, prefix.length));
}
}
return void 0;
}
function below(dir, rest) {
if (dir === 0 || indexOf(rest, "%") >= 0) return 0;
const path = dir === "/" ? rest : dir + rest;
return isPinned(path) ? path : 0;
}
function isPinned(path) {
const at = lastIndexOf(path, "/");
return entryOf(at < 0 ? "" : slice(path, 0, at))?.files[slice(path, at + 1)] === true;
}
function followLinks(path) {
if (!hasLinks) return void 0;
let result;
for (let hops = 0; hops < 40; hops++) {
const next = followFirst(result ?? path);
if (next === void 0) return result;
result = next;
}
return void 0;
}
function followFirst(path) {
for (let from = 0; from < path.length; ) {
let end = indexOf(path, "/", from);
if (end < 0) end = path.length;
const target = entryOf(from === 0 ? "" : slice(path, 0, from - 1))?.links[slice(path, from, end)];
if (target !== void 0) return target + slice(path, end);
from = end + 1;
}
return void 0;
}
var types = create(null);
function typeOf(dir) {
const known = types[dir];
if (known !== void 0) return known;
let type;
if (dir === "node_modules" || endsWith(dir, "/node_modules")) type = "none";
else type = entryOf(dir)?.type ?? (dir === "" ? "?" : typeOf(parentOf(dir)));
types[dir] = type;
return type;
}
var stripsTypes = process_.features.typescript !== void 0 && process_.features.typescript !== false;
var formats = { __proto__: null, ".mjs": "module", ".cjs": "commonjs", ".json": "json", ".mts": "module-typescript", ".cts": "commonjs-typescript" };
function formatByType(path) {
const isScript = endsWith(path, ".ts") && stripsTypes;
if (!isScript && !endsWith(path, ".js")) return void 0;
const at = lastIndexOf(path, "/");
const type = typeOf(at < 0 ? "" : slice(path, 0, at));
if (type === "?") return void 0;
return isScript && type !== "none" ? type + "-typescript" : type;
}
function formatOf(path) {
const format = formatByType(path) ?? formats[slice(path, lastIndexOf(path, "."))];
return format === "none" || (endsWith(path, ".mts") || endsWith(path, ".cts")) && !stripsTypes ? void 0 : format;
}
module.exports = {
__proto__: null,
entryOf,
followLinks,
formatByType,
formatOf,
hasNames,
hasPaths,
isPinned,
meaning,
tablesOf,
tablesOfFile
};
}
});

var require_packagejson = __commonJS({
"packagejson.cjs"(exports, module) {
"use strict";
var { charAt, create, dirname, endsWith, existsSync, indexOf, lastIndexOf, separator, slice, startsWith } = require_primordials();
var { matches, metadata, metadataOf, packageOf, recordOf, relative, root } = require_image();
var { isPnpPath, pnpFileExists, read, readText, realOf } = require_files();
var { followLinks, hasNames } = require_names();
var { packageName, pathOf } = require_urls();
var { violation } = require_violations();
var modules = separator + "node_modules";
function checkManifests(specifier, parent, url) {
const first = charAt(specifier, 0);
const asker = parent !== void 0 && isPnpPath(parent) ? realOf(parent) : parent;
if (first === "#" && asker !== void 0) checkNearest(dirname(asker));
let path = startsWith(url, "node:") ? void 0 : pathOf(url);
if (path === void 0) return;
if (isPnpPath(path)) path = realOf(path);
if (!hasNames) checkNearest(dirname(path));
if (first === "#") {
checkPackageOf(path);
} else if (first === "." || first === separator || startsWith(specifier, "file:")) {
if (first === "." && asker !== void 0) checkSubpath(dirname(asker), "/" + specifier, path);
else if (first === separator) checkSubpath("", specifier, path);
} else {
checkBare(specifier, asker, path);
}
}
function checkBare(specifier, asker, path) {
const name = packageName(specifier);
if (asker !== void 0 && isSelf(checkNearest(dirname(asker)), name, path)) return;
const subpath = slice(specifier, name.length);
const at = lastIndexOf(path, modules + separator + name + separator);
if (at >= 0) checkPackage(slice(path, 0, at + 14 + name.length), subpath, path);
else if (asker !== void 0) findPackage(dirname(asker), name, subpath, path);
}
function isSelf(dir, name, path) {
if (dir === void 0 || !startsWith(path, dir + separator) || indexOf(path, modules + separator, dir.length) >= 0) return false;
const below = dir === root ? "" : relative(dir) + "/";
return startsWith(packageOf(below + "package.json") ?? "", name + "@");
}
function findPackage(dir, name, subpath, path) {
for (; ; dir = dirname(dir)) {
if (checkPackage(realOf(dir + modules + separator + name), subpath, path) || dir === root || dir === "") return;
}
}
function checkPackage(dir, subpath, path) {
if (!checkManifest(dir)) return false;
checkSubpath(dir, subpath, path);
return true;
}
function checkPackageOf(path) {
const at = lastIndexOf(path, modules + separator);
if (at < 0) return;
let end = indexOf(path, separator, at + 14);
if (end >= 0 && charAt(path, at + 14) === "@") end = indexOf(path, separator, end + 1);
if (end >= 0) checkManifest(slice(path, 0, end));
}
function checkNearest(dir) {
while (!endsWith(dir, modules)) {
if (checkManifest(dir)) return dir;
if (dir === root || !startsWith(dir, root)) return void 0;
dir = dirname(dir);
}
return void 0;
}
function checkSubpath(base, subpath, path) {
let dir = base;
for (let rest = subpath; rest !== ""; ) {
const end = indexOf(rest, "/", 1);
const part = slice(rest, charAt(rest, 0) === "/" ? 1 : 0, end < 0 ? rest.length : end);
rest = end < 0 ? "" : slice(rest, end);
if (part === "..") dir = dirname(dir);
else if (part !== "" && part !== ".") dir += separator + part;
}
if (dir !== base && dir !== path) checkManifest(dir);
}
function checkStarted(named) {
checkManifest(realOf(named));
}
var refused = create(null);
function checkManifest(dir) {
const path = dir + separator + "package.json";
const below = relative(path);
if (below === void 0) return false;
let at = recordOf(below);
const text = at >= 0 || existsSync(path) ? readText(path) : void 0;
const inPnp = isPnpPath(path) && pnpFileExists(path);
const isRefused = refused[path] === true;
if (text === void 0 && at < 0 && !inPnp && !isRefused) return false;
if (at < 0) at = recordOfLink(path, below);
if (!isRefused && text !== void 0 && at >= 0 && matches(at, text)) return true;
compare(path, at, read(path));
return true;
}
function checkText(path, bytes) {
const below = relative(path);
if (below === void 0) return;
let at = recordOf(below);
if (at < 0 && bytes === void 0) return;
if (at < 0) at = recordOfLink(path, below);
compare(path, at, bytes);
}
function compare(path, at, bytes) {
const isRefused = refused[path] === true;
if (!isRefused && bytes !== void 0 && at >= 0 && matches(at, bytes)) return;
refused[path] = true;
const v = { __proto__: null, path, code: at < 0 ? "unlisted" : "mismatch" };
v.detail = isRefused ? "was not what was pinned when Node may have read it" : at < 0 ? "not in the map, and it changes what names mean" : "not what was pinned";
if (at >= 0) v.want = metadata(at);
v.got = bytes === void 0 ? "nothing" : metadataOf(at, bytes);
violation(v);
}
function recordOfLink(path, below) {
const target = followLinks(below);
return target !== void 0 && relative(realOf(path)) === target ? recordOf(target) : -1;
}
module.exports = { __proto__: null, checkManifests, checkNearest, checkStarted, checkText };
}
});

var require_resolve = __commonJS({
"resolve.cjs"(exports, module) {
"use strict";
var {
Module,
SafeError,
absolute,
apply,
charAt,
charCodeAt,
create,
freeze,
hrefOf,
indexOf,
isBuiltin,
lastIndexOf,
pathToFileURL,
process_,
separator,
slice,
startsWith,
textOf
} = require_primordials();
var { config, relative, root } = require_image();
var { entryOf, followLinks, formatOf, hasNames, hasPaths, isPinned, meaning, tablesOf, tablesOfFile } = require_names();
var { checkManifests, checkStarted } = require_packagejson();
var { isImport, pathOf, requireScheme } = require_urls();
var { guardBuiltin } = require_builtins();
var { replace } = require_patch();
var asking = create(null);
function resolve(given, context, next) {
const specifier = textOf(given);
if (startsWith(specifier, requireScheme)) {
return { __proto__: null, url: specifier, format: "module", shortCircuit: true };
}
const { conditions, parentURL } = context;
const byImport = isImport(conditions);
const isPlain2 = hasNames && hasConditions(conditions, byImport);
const answer = isPlain2 ? byImport ? answerImport(specifier, parentURL) : answerLoad(specifier, parentURL) : void 0;
if (answer !== void 0) {
noteAsking(answer.url, specifier, parentURL);
return answer;
}
mayAnswer = isPlain2;
answered = void 0;
const outer = isImporting;
isImporting = byImport;
let result;
try {
result = next(specifier, context);
} finally {
isImporting = outer;
mayAnswer = true;
}
const url = result.url;
noteAsking(url, specifier, parentURL);
if (config.checkManifests !== false && (answered === void 0 || answered !== pathOf(url))) checkManifests(specifier, pathOf(parentURL), url);
return result;
}
function noteAsking(url, specifier, parentURL) {
if (startsWith(url, "node:")) guardBuiltin(slice(url, 5), { __proto__: null, parentURL, specifier });
else if (asking[url] === void 0) asking[url] = { __proto__: null, parentURL, specifier };
}
var known = { __proto__: null, require: void 0, import: void 0 };
var usual = { __proto__: null, node: true, require: true, import: true, "module-sync": true, "node-addons": true };
function hasConditions(conditions, byImport) {
const kind = byImport ? "import" : "require";
if (conditions === known[kind]) return true;
const wanted = entryOf("")?.conditions ?? [];
let count = 0;
let others = 0;
let unknown = 0;
for (let i = 0; i < conditions.length; i++) {
if (usual[conditions[i]] === true) count++;
else if (has(wanted, conditions[i])) others++;
else unknown++;
}
if (unknown !== 0 || count !== 4 || others !== wanted.length) return false;
known[kind] = conditions;
return true;
}
function has(list, value) {
for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
return false;
}
function answerImport(specifier, parentURL) {
if (parentURL === void 0) return answerMain(specifier);
if (startsWith(specifier, "data:")) return void 0;
const asker = askerOf(pathOf(parentURL));
return asker === void 0 ? void 0 : lookUp(asker, specifier, "import")?.answer;
}
var hasStarted = false;
function answerMain(specifier) {
const path = pathOf(specifier);
if (hasStarted || path === void 0) return void 0;
hasStarted = true;
const given = process_.argv[1];
if (typeof given !== "string") return void 0;
const named = pathOf(given) ?? absolute(given);
const record = resolvePath(belowRoot(named), "require", false);
if (record === void 0 && named !== path) checkStarted(named);
return record?.answer;
}
var loading;
var loadedBy;
function answerLoad(specifier, parentURL) {
if (loading !== specifier) return void 0;
loading = void 0;
const module2 = loadedBy;
loadedBy = void 0;
if (!isUntouched()) return void 0;
const record = answerRequire(specifier, module2, pathOf(parentURL));
if (record === void 0) return void 0;
if (hasUsualExtensions()) return record.answer;
return record.isProbed ? void 0 : record.withoutFormat;
}
function answerRequire(specifier, module2, path) {
if (charAt(specifier, 0) === separator) return resolveAbsolute(specifier);
const asker = askerOf(path);
if (asker === void 0 || module2?.filename !== path) return void 0;
const record = lookUp(asker, specifier, "require");
return record === void 0 || isRelative(specifier) || hasUsualPaths(asker, module2.paths) ? record : void 0;
}
var loadModule = Module._load;
function _load(request, parent) {
loading = request;
loadedBy = parent;
try {
return apply(loadModule, this, arguments);
} finally {
loading = void 0;
loadedBy = void 0;
}
}
var resolveFilename = Module._resolveFilename;
var mayAnswer = true;
var answered;
var isImporting = false;
function _resolveFilename(request, parent, isMain, options) {
const path = typeof parent?.filename === "string" ? pathOf(parent.filename) : void 0;
if (hasNames && mayAnswer && typeof request === "string" && !isMain && options?.paths === void 0 && isUntouched()) {
const record = answerRequire(request, parent, path);
if (record !== void 0 && (!record.isProbed || hasUsualExtensions())) {
answered = record.name;
return answered;
}
}
if (isImporting && config.nodePackages !== "" && path === void 0) {
throw new SafeError("a package map is in use");
}
const result = apply(resolveFilename, this, arguments);
if (config.checkManifests !== false && typeof result === "string") {
checkManifests("" + request, path, isBuiltin(result) ? "node:" : result);
answered = result;
}
return result;
}
var { _extensions: extensions, _findPath: findPath, _nodeModulePaths: nodeModulePaths, _resolveLookupPaths: lookupPaths } = Module;
function isUntouched() {
return Module._resolveFilename === _resolveFilename && Module._findPath === findPath && Module._nodeModulePaths === nodeModulePaths && Module._resolveLookupPaths === lookupPaths;
}
function hasUsualExtensions() {
if (Module._extensions !== extensions) return false;
let n = 0;
for (const extension in extensions) if (extension !== tried[n++]) return false;
return n === tried.length;
}
var tried = freeze([".js", ".json", ".node"]);
function hasUsualPaths(asker, paths) {
if (asker.paths === void 0) asker.paths = apply(nodeModulePaths, Module, [slice(asker.path, 0, lastIndexOf(asker.path, separator))]);
const usualPaths = asker.paths;
if (paths?.length !== usualPaths.length) return false;
for (let i = 0; i < usualPaths.length; i++) if (paths[i] !== usualPaths[i]) return false;
return true;
}
var askers = create(null);
function askerOf(path) {
if (path === void 0) return void 0;
const seen = askers[path];
if (seen !== void 0) return seen === null ? void 0 : seen;
const below = relative(path);
const asker = below === void 0 || !isPinned(below) ? null : newAsker(path, below);
askers[path] = asker;
return asker === null ? void 0 : asker;
}
function newAsker(path, below) {
const at = lastIndexOf(below, "/");
const dir = at < 0 ? "" : slice(below, 0, at);
const name = slice(below, at + 1);
const entry = entryOf(dir);
const asker = { __proto__: null, path, paths: void 0, dir, require: entry.require, import: entry.import, requireTables: void 0, importTables: void 0 };
if (entry.single[name] !== void 0) {
asker.require = create(null);
asker.import = create(null);
asker.requireTables = tablesOfFile(entry, dir, name, "require");
asker.importTables = tablesOfFile(entry, dir, name, "import");
}
return asker;
}
function lookUp(asker, specifier, kind) {
const answers = asker[kind];
const seen = answers[specifier];
if (seen !== void 0) return seen === null ? void 0 : seen;
const record = isBuiltin(specifier) ? void 0 : resolveName(asker, specifier, kind);
answers[specifier] = record === void 0 ? null : record;
return record;
}
function resolveName(asker, specifier, kind) {
const first = charAt(specifier, 0);
if (isRelative(specifier)) {
if (kind === "import" && !isPlain(specifier)) return void 0;
const path = join(asker.dir, specifier);
return path === void 0 ? void 0 : resolveAsked(asker, path, specifier, kind);
}
if (kind === "import" && (first === "/" || startsWith(specifier, "file:"))) {
return isPlain(specifier) ? resolvePath(relative(pathOf(first === "/" ? "file://" + specifier : specifier) ?? ""), kind, false) : void 0;
}
const value = meaning(asker[kind === "import" ? "importTables" : "requireTables"] ?? tablesOf(asker.dir, kind), specifier);
return value === void 0 || value === 0 ? void 0 : recordOf(value, kind, false);
}
function resolveAsked(asker, path, specifier, kind) {
const onlyDirectory = isDirectory(specifier);
if (hasPaths) {
const value = meaning(asker[kind === "import" ? "importTables" : "requireTables"] ?? tablesOf(asker.dir, kind), "./" + path + (onlyDirectory && path !== "" ? "/" : ""));
if (value !== void 0) return value === 0 ? void 0 : recordOf(value, kind, false);
}
return resolvePath(path, kind, onlyDirectory);
}
function belowRoot(path) {
return path === root ? "" : relative(path);
}
var absolutes = create(null);
function resolveAbsolute(specifier) {
const seen = absolutes[specifier];
if (seen !== void 0) return seen === null ? void 0 : seen;
const below = belowRoot(specifier);
const path = below === void 0 ? void 0 : join("", below);
const record = path === void 0 ? void 0 : resolvePath(path, "require", isDirectory(specifier));
absolutes[specifier] = record === void 0 ? null : record;
return record;
}
function resolvePath(path, kind, onlyDirectory) {
if (path === void 0) return void 0;
const record = resolveReal(path, kind, onlyDirectory);
if (record !== void 0) return record;
const real = followLinks(path);
return real === void 0 ? void 0 : resolveReal(real, kind, onlyDirectory);
}
function resolveReal(path, kind, onlyDirectory) {
if (!onlyDirectory && isPinned(path)) return recordOf(path, kind, false);
if (kind === "import") return void 0;
const found = (onlyDirectory ? void 0 : withExtension(path)) ?? inDirectory(path);
return found === void 0 ? void 0 : recordOf(found, kind, true);
}
function withExtension(path) {
for (let i = 0; i < tried.length; i++) if (isPinned(path + tried[i])) return path + tried[i];
return void 0;
}
function inDirectory(dir) {
const entry = entryOf(dir);
if (entry === void 0 || entry.type === "?") return void 0;
const prefix = dir === "" ? "" : dir + "/";
if (entry.main === void 0) return withExtension(prefix + "index");
const main = charAt(entry.main, 0) === "/" ? void 0 : join(dir, entry.main);
if (main === void 0 || main === "") return void 0;
return (isPinned(main) ? main : withExtension(main)) ?? withExtension(main + "/index");
}
var records = { __proto__: null, require: create(null), import: create(null) };
var fixedFormats = { __proto__: null, ".js": true, ".cjs": true, ".mjs": true, ".json": true, ".node": true };
function recordOf(value, kind, isProbed) {
if (charAt(value, 0) === "/") {
const answer = freeze({ __proto__: null, url: slice(value, 1), format: "builtin", shortCircuit: true });
return { __proto__: null, name: slice(value, 1), isProbed, answer, withoutFormat: answer };
}
const dot = lastIndexOf(value, ".");
if (dot < 0 || fixedFormats[slice(value, dot)] === void 0) return void 0;
const seen = records[kind][value];
if (seen !== void 0 && seen.isProbed === isProbed) return seen;
const name = root + separator + (separator === "/" ? value : absolute(root, value));
const url = isPlain(name) ? "file://" + name : hrefOf(pathToFileURL(name));
const record = {
__proto__: null,
name,
isProbed,
answer: freeze({ __proto__: null, url, format: formatOf(value), shortCircuit: true }),
withoutFormat: freeze({ __proto__: null, url, format: void 0, shortCircuit: true })
};
records[kind][value] = record;
return record;
}
function isRelative(specifier) {
return charAt(specifier, 0) === "." && (specifier === "." || specifier === ".." || startsWith(specifier, "./") || startsWith(specifier, "../"));
}
function isDirectory(specifier) {
const last = slice(specifier, lastIndexOf(specifier, "/") + 1);
return last === "" || last === "." || last === "..";
}
function join(dir, specifier) {
let path = dir;
for (let from = 0; from <= specifier.length; ) {
let end = indexOf(specifier, "/", from);
if (end < 0) end = specifier.length;
const part = slice(specifier, from, end);
from = end + 1;
if (part === "" || part === ".") continue;
if (part !== "..") {
path = path === "" ? part : path + "/" + part;
} else if (path === "") {
return void 0;
} else {
const at = lastIndexOf(path, "/");
path = at < 0 ? "" : slice(path, 0, at);
}
}
return path;
}
function isPlain(path) {
for (let i = 0; i < path.length; i++) {
const c = charCodeAt(path, i);
const isLetter = c >= 97 && c <= 122 || c >= 64 && c <= 90 || c >= 45 && c <= 58;
if (!isLetter && c !== 95 && c !== 43 && c !== 126 && c !== 36 && c !== 44 && c !== 61 && c !== 33) return false;
if (c === 47 && i > 7 && charCodeAt(path, i - 1) === 47) return false;
}
return separator === "/";
}
function enforceResolution() {
if (!hasNames) return;
replace(Module, "_load", _load);
replace(Module, "_resolveFilename", _resolveFilename);
}
module.exports = { __proto__: null, asking, enforceResolution, resolve };
}
});

var require_pnp = __commonJS({
"pnp.cjs"(exports, module) {
"use strict";
var {
SafeError,
SafeSet,
SafeURL,
assign,
builtin,
charAt,
create,
createRequire,
cwd,
dirname,
endsWith,
freeze,
getOwnPropertyDescriptor,
indexOf,
isBuiltin,
lastIndexOf,
parseJSON,
registerHooks,
separator,
setAdd,
slice,
startsWith,
utf8Slice
} = require_primordials();
var { config, root } = require_image();
var { isPnpPath, pnpFileExists, read, realOf } = require_files();
var { isImport, packageName, pathOf, requireScheme } = require_urls();
var { checkText } = require_packagejson();
var toURL = builtin("url").pathToFileURL;
var pnp;
function resolvePnp(specifier, context, next) {
if (pnp === void 0 || !isImport(context.conditions) || isBuiltin(specifier) || startsWith(specifier, requireScheme)) return next(specifier, context);
const parent = pathOf(context.parentURL);
const first = charAt(specifier, 0);
if (first === "." || first === "/" || indexOf(specifier, ":") >= 0) return resolvePath(specifier, context, next);
const path = askPnp(specifier, parent ?? cwd() + separator, context.conditions);
if (path === null) return next(specifier, context);
return isPnpPath(path) ? found(path, "") : next(toURL(path).href, context);
}
function resolvePath(specifier, context, next) {
let url;
try {
url = new SafeURL(specifier, context.parentURL);
} catch {
return next(specifier, context);
}
const path = url.protocol === "file:" ? pathOf(url.href) : void 0;
if (path === void 0 || !isPnpPath(path)) return next(specifier, context);
if (!pnpFileExists(path)) {
throw assign(new SafeError("Cannot find module '" + path + "' imported from " + context.parentURL), { __proto__: null, code: "ERR_MODULE_NOT_FOUND", url: url.href });
}
return found(path, url.search + url.hash);
}
function found(path, suffix) {
return { __proto__: null, url: toURL(path).href + suffix, format: formatOf(path), shortCircuit: true };
}
function askPnp(specifier, issuer, conditions) {
const set = new SafeSet();
for (let i = 0; i < conditions.length; i++) setAdd(set, conditions[i]);
try {
return pnp.resolveRequest(specifier, issuer, { conditions: set, extensions: packageName(specifier) === specifier ? void 0 : [] });
} catch (error) {
if (error?.code === "MODULE_NOT_FOUND") error.code = "ERR_MODULE_NOT_FOUND";
throw error;
}
}
function formatOf(path) {
const extension = slice(path, lastIndexOf(path, "."));
if (formats[extension] !== void 0) return formats[extension];
if (extension !== ".js") return void 0;
const plain = realOf(path);
for (let dir = dirname(plain); dir !== "" && !endsWith(dir, separator + "node_modules"); dir = dirname(dir)) {
if (types[dir] === void 0) types[dir] = typeOf(dir);
if (types[dir] !== "") return types[dir] === "none" ? void 0 : types[dir];
if (dir === root) break;
}
return void 0;
}
var formats = freeze({ __proto__: null, ".mjs": "module", ".cjs": "commonjs", ".json": "json", ".wasm": "wasm" });
var types = create(null);
function typeOf(dir) {
const path = dir + separator + "package.json";
const bytes = read(path);
checkText(path, bytes);
if (bytes === void 0) return "";
try {
const type = getOwnPropertyDescriptor(parseJSON(utf8Slice(bytes, 0, bytes.length)), "type")?.value;
return type === "module" || type === "commonjs" ? type : "none";
} catch {
return "none";
}
}
function loadPnp(url, context, next) {
const path = pathOf(url);
if (path === void 0 || !isPnpPath(path) || context.source !== void 0 && context.source !== null) return next(url, context);
const bytes = read(path);
if (bytes === void 0) return next(url, context);
const format = formatOf(path);
return { __proto__: null, format, source: format === "wasm" ? bytes : utf8Slice(bytes, 0, bytes.length), shortCircuit: true };
}
function hookPnp() {
registerHooks({ __proto__: null, resolve: resolvePnp, load: loadPnp });
}
function loadPnpFile() {
const api = createRequire(config.pnp)(config.pnp);
api.setup();
pnp = api;
}
module.exports = { __proto__: null, formatOf, hookPnp, loadPnpFile };
}
});

var require_modules = __commonJS({
"modules.cjs"(exports, module) {
"use strict";
var {
Module,
absolute,
apply,
charCodeAt,
copyOf,
create,
decode,
dirname,
encode,
endsWith,
existsSync,
getOwnPropertyDescriptor,
hrefOf,
indexOf,
isBuiltin,
lastIndexOf,
pathToFileURL,
registerHooks,
separator,
slice,
startsWith,
stringifyJSON,
textOf,
utf8Slice
} = require_primordials();
var { allowed, matches, relative } = require_image();
var { isPnpPath, read, usesPnp } = require_files();
var { guardBuiltin } = require_builtins();
var { isImport, pathOf, requireScheme, schemeOf } = require_urls();
var { clip, evalHint, transformHint, violation } = require_violations();
var { isTrustedText } = require_trusted();
var { placeOf, verified, verifiedFiles, verifiedText } = require_verify();
var { refuse, replace } = require_patch();
var { formatByType, hasNames, isPinned } = require_names();
var { checkNearest } = require_packagejson();
var { asking, enforceResolution, resolve } = require_resolve();
var formatOfPnp = usesPnp ? require_pnp().formatOf : void 0;
var handed = create(null);
function load(given, context, next) {
const url = textOf(given);
const byImport = isImport(context.conditions);
if (isBuiltin(url) && (startsWith(url, "node:") || !byImport)) {
guardBuiltin(withoutScheme(url));
return startsWith(url, "node:") ? next(url, context) : { __proto__: null, format: "builtin", source: "", shortCircuit: true };
}
if (startsWith(url, requireScheme)) return requireModule(url);
if (byImport && startsWith(url, "data:")) {
if (!allowed.eval) violation({ __proto__: null, code: "eval", detail: "a data: URL would run, which is in no pinned file", asked: asking[url], hint: evalHint });
return next(url, context);
}
const path = byImport ? startsWith(url, "file:///") ? pathOf(url) : void 0 : pathOf(url) ?? absolute(url);
if (path === void 0) return loadUnknown(url, context, next);
const pinned = pinnedFormat(path);
const format = pinned === void 0 ? context.format : checkedFormat(path, context.format, pinned);
const asBytes = byImport && (typeof format === "string" ? format === "wasm" : endsWith(path, ".wasm"));
const source = asBytes ? verified(path, asking[url]) : verifiedText(path, asking[url]);
return hand(path, url, format, context, next, source, pinned === "none" && endsWith(path, ".js"), byImport);
}
function withoutScheme(name) {
return startsWith(name, "node:") ? slice(name, 5) : name;
}
function loadUnknown(url, context, next) {
const scheme = schemeOf(url);
const result = scheme === "file:" || scheme === "data:" || scheme === "node:" ? void 0 : next(url, context);
violation({
__proto__: null,
code: "transform",
asked: asking[url],
detail: "a hook would load a module from " + stringifyJSON(clip(url)) + ", which is no file:///, node: or data: URL in its usual spelling",
hint: "make the URL with pathToFileURL() of node:url"
});
return result ?? next(url, context);
}
function pinnedFormat(path) {
if (!hasNames) return void 0;
const below = relative(path);
if (below === void 0 || !isPinned(below)) return void 0;
const format = formatByType(below);
if (format === "none" ? endsWith(path, ".ts") : indexOf(path, ".", lastIndexOf(path, separator)) < 0) checkNearest(dirname(path));
return format;
}
function checkedFormat(path, got, pinned) {
if (got === void 0 || got === null) return pinned === "none" ? void 0 : pinned;
const isWrong = pinned === "none" ? got === "module" || got === "module-typescript" : got !== pinned;
if (!isWrong || changesResolution.yes) return got;
checkNearest(dirname(path));
if (pinned !== "none") return pinned;
violation({ __proto__: null, code: "mismatch", path, detail: "Node found another type in a package.json than the pinned one" });
return got;
}
var typelessURL = hrefOf(pathToFileURL(separator === "/" ? "/nodeint.js" : "C:\\nodeint.js"));
function hand(path, url, format, context, next, source, isTypeless, byImport) {
const conditions = context.conditions;
if (!byImport) {
handed[path] = source;
return { __proto__: null, format: isPnpPath(path) ? formatOfPnp(path) : format, source, shortCircuit: true };
}
const isMain = asking[url] !== void 0 && asking[url].parentURL === void 0;
if (isMain && format === "json") return requireModule(requireScheme + encode(path));
const text = typeof source === "string" && charCodeAt(source, 0) === 65279 ? slice(source, 1) : source;
if (format === "module" && isEmpty(context.importAttributes)) {
return { __proto__: null, format: "module", source: text, shortCircuit: true };
}
const nonEmpty = source === "" ? "\n" : source;
const given = { __proto__: null, format, importAttributes: context.importAttributes, conditions, source: nonEmpty };
const result = next(isTypeless ? typelessURL : url, given);
const found = result.format;
if (isTypeless && found === "module") next(url, given);
if (found === "addon") return result;
if (found === "commonjs-typescript" || found === "typescript") {
return { __proto__: null, format: "commonjs", source: null, shouldBeReloadedByCJSLoader: true, shortCircuit: true };
}
if (found === "commonjs") handed[path] = source;
return {
__proto__: null,
format: found,
source: found === "wasm" && typeof source === "string" ? verified(path) : isMain && found === "commonjs" ? source : text,
shouldBeReloadedByCJSLoader: result.shouldBeReloadedByCJSLoader,
shortCircuit: true
};
}
function isEmpty(attributes) {
for (const _ in attributes) return false;
return true;
}
function requireModule(url) {
const name = stringifyJSON(decode(slice(url, requireScheme.length)));
return {
__proto__: null,
format: "module",
shortCircuit: true,
source: "import { createRequire } from 'node:module';\ncreateRequire(process.cwd() + '/')(" + name + ");\n"
};
}
var { wrap, wrapper } = Module;
var [before, behind] = [wrapper[0], wrapper[1]];
function isWrapped() {
return Module.wrap === wrap && Module.wrapper === wrapper && getOwnPropertyDescriptor(wrapper, "0")?.value === before && getOwnPropertyDescriptor(wrapper, "1")?.value === behind;
}
var compileModule = Module.prototype._compile;
function _compile(content, filename, format) {
const expected = typeof filename === "string" ? handed[filename] : void 0;
if (expected !== void 0) handed[filename] = void 0;
if (!allowed.transform) {
if (expected === void 0 || content !== expected) checkText(content, filename);
if (!isWrapped()) violation({ __proto__: null, code: "transform", path: filename, detail: "Module.wrapper puts other code round it", hint: transformHint });
} else if (expected === void 0 && typeof filename === "string") checkFile(filename);
return apply(compileModule, this, [content, filename, compiledFormat(filename, format)]);
}
function compiledFormat(filename, format) {
if (!hasNames || typeof format !== "string" || typeof filename !== "string") return format;
const pinned = pinnedFormat(filename);
return pinned === void 0 ? format : checkedFormat(filename, format, pinned);
}
function checkFile(filename) {
const path = pathOf(filename);
if (path !== void 0 && existsSync(path)) verified(path);
}
function checkText(content, filename) {
const path = typeof filename === "string" ? pathOf(filename) : void 0;
if (allowed.eval && (filename === "[eval]-wrapper" || filename === "[eval]" || filename === "[stdin]-wrapper" || filename === "[stdin]")) return;
if (typeof content === "string" && path !== void 0) {
const at = placeOf(path);
if (at >= 0 && (matches(at, content) || matches(at, "\uFEFF" + content))) return;
if (at < 0 && (isTrustedText(path, content) || isTrustedText(path, "\uFEFF" + content))) return;
if (at >= 0 && isDecoded(path, at, content)) return;
}
violation({
__proto__: null,
code: "transform",
path,
detail: "its text was changed on the way, or made up",
hint: transformHint
});
}
function isDecoded(path, at, content) {
const bytes = read(path);
if (bytes === void 0 || !matches(at, bytes)) return false;
const text = utf8Slice(bytes, 0, bytes.length);
return text === content || text === "\uFEFF" + content;
}
var changesResolution = { __proto__: null, yes: false };
function guardedRegisterHooks(hooks) {
const { resolve: resolve2, load: load2 } = hooks;
if (resolve2 !== void 0) changesResolution.yes = true;
const handle = registerHooks({ __proto__: null, resolve: resolve2, load: typeof load2 === "function" ? guarded(load2) : load2 });
return { deregister: () => handle.deregister() };
}
function guarded(load2) {
return (url, context, next) => {
const before2 = context.format;
verifiedFiles.latest = void 0;
const result = apply(load2, void 0, [url, context, next]);
if (typeof result !== "object" || result === null) return result;
const { format, source, shortCircuit, shouldBeReloadedByCJSLoader } = result;
const out = { __proto__: null, format, source, shouldBeReloadedByCJSLoader, shortCircuit };
checkBuiltin(url, out);
if (out.format === "builtin") return out;
if (allowed.transform) checkTransformed(url);
else checkUntransformed(url, before2, out);
return out;
};
}
function checkBuiltin(url, out) {
if (!isBuiltin(url)) {
if (out.format === "builtin") violation({ __proto__: null, code: "transform", detail: "a module of Node would be loaded as " + stringifyJSON(clip(url)) });
return;
}
guardBuiltin(withoutScheme(url));
if (out.format === "builtin") out.source = "";
else if (!allowed.transform) violation({ __proto__: null, code: "transform", detail: "a module of Node would be replaced: " + url, hint: transformHint });
}
function checkUntransformed(url, before2, out) {
const { format, source } = out;
const path = pathOf(url);
if (typeof before2 === "string" && format !== before2) {
violation({ __proto__: null, code: "transform", path, detail: "its format was changed from " + before2 + " to " + format, hint: transformHint });
}
if (source === null || source === void 0) return;
if (typeof source === "string") {
if (path === void 0 || source !== handed[path]) checkText(source, path);
return;
}
const copy = copyOf(source);
const at = path === void 0 ? -1 : placeOf(path);
if (at < 0 ? path === void 0 || !isTrustedText(path, copy) : !matches(at, copy)) checkText(void 0, path);
out.source = format === "wasm" ? copy : utf8Slice(copy, 0, copy.length);
}
function checkTransformed(url) {
const path = pathOf(url);
if (path !== void 0 && verifiedFiles.latest !== path) checkFile(path);
}
function enforceModules() {
registerHooks({ __proto__: null, resolve, load });
enforceResolution();
replace(Module.prototype, "_compile", _compile);
replace(Module, "registerHooks", guardedRegisterHooks);
refuse(Module, "register", (specifier) => ({
__proto__: null,
code: "loader",
detail: "module.register() would load " + stringifyJSON(clip("" + specifier)) + " in a thread where nothing is checked",
hint: "use module.registerHooks() with --allow transform. For tracers that need other flags then: nodeint explain loader"
}));
replace(Module, "enableCompileCache", function enableCompileCache() {
return { status: Module.constants?.compileCacheStatus?.DISABLED, message: "disabled by nodeint" };
});
}
module.exports = { __proto__: null, enforceModules, requireModule };
}
});

var require_ticks = __commonJS({
"ticks.cjs"(exports, module) {
"use strict";
var { builtin, process_ } = require_primordials();
var kept = { __proto__: null, object: void 0 };
function keepTick() {
const { executionAsyncResource } = builtin("async_hooks");
process_.nextTick(() => {
kept.object = executionAsyncResource();
});
}
module.exports = { __proto__: null, keepTick };
}
});

var require_recorder = __commonJS({
"recorder.cjs"(exports, module) {
"use strict";
var {
Module,
O_APPEND,
O_CREAT,
O_WRONLY,
SafeProxy,
SafeSet,
absolute,
apply,
builtin,
construct,
create,
dirname,
endsWith,
isArray,
openSync,
process_,
push,
registerHooks,
separator,
setAdd,
setHas,
slice,
startsWith,
stringifyJSON,
wellFormed,
writeSync
} = require_primordials();
var { config, root } = require_image();
var { read, realOf } = require_files();
var { isImport, pathOf, requireScheme } = require_urls();
var { exit, say, stack } = require_violations();
var { replace } = require_patch();
var { checkFlags, isNode } = require_nodeoptions();
var { observers } = require_children();
var { observers: powerObservers } = require_powers();
var { getBuiltin, guardBuiltin } = require_builtins();
var { requireModule } = require_modules();
var { dlopenNative } = require_native();
var written = new SafeSet();
var noted = create(null);
var recordFile = -1;
function note(how, path, asked) {
const real = realOf(path);
if (read(real) === void 0) return;
write(stringifyJSON({ __proto__: null, how, path: real, ...asked }));
}
function write(line) {
if (setHas(written, line)) return;
setAdd(written, line);
try {
writeSync(recordFile, line + "\n");
} catch (error) {
say("nodeint: error: cannot write what node loads to " + config.record + ": " + error.message + "\n");
exit();
}
}
function asker(parentURL, specifier, byImport) {
const path = parentURL === void 0 ? void 0 : pathOf(parentURL);
const frames = stack();
for (let i = 0; i < frames.length; i++) {
const at = pathOf(frames[i].scriptName);
if (at === void 0) continue;
if (path !== void 0 && at !== path) break;
return { __proto__: null, parent: realOf(at), line: frames[i].lineNumber, column: frames[i].columnNumber ?? frames[i].column, import: byImport || void 0, specifier: wellFormed(specifier) };
}
return path === void 0 ? void 0 : { __proto__: null, parent: realOf(path), import: byImport || void 0, specifier: wellFormed(specifier) };
}
function recordResolve(specifier, context, next) {
if (startsWith(specifier, requireScheme)) {
return { __proto__: null, url: specifier, format: "module", shortCircuit: true };
}
const result = next(specifier, context);
if (startsWith(result.url, "node:")) guardBuiltin(slice(result.url, 5), { __proto__: null, parentURL: context.parentURL, specifier });
const path = pathOf(result.url);
if (path !== void 0) note(howOf(path), path, asker(context.parentURL, specifier, isImport(context.conditions)));
return result;
}
function howOf(path) {
if (endsWith(path, ".node")) return "addon";
return endsWith(path, ".wasm") ? "wasm" : "module";
}
function recordLoad(url, context, next) {
if (startsWith(url, requireScheme)) return requireModule(url);
const path = pathOf(url);
if (path !== void 0) {
note(howOf(path), path);
noteManifests(dirname(realOf(path)));
}
return next(url, context);
}
function noteManifests(dir) {
while (noted[dir] === void 0) {
noted[dir] = true;
note("package", dir + separator + "package.json");
if (dir === root || !startsWith(dir, root)) return;
dir = dirname(dir);
}
}
function recordChild(options) {
const args = options.args;
if (!isNode("" + options.file) || !isArray(args)) return;
const words = [];
for (let i = 1; i < args.length; i++) push(words, "" + args[i]);
const script = words[checkFlags(words, false).rest];
if (script !== void 0) noteStart("child", script);
}
function recordWorker(file) {
const name = typeof file === "string" ? file : file?.href;
if (typeof name === "string" && !startsWith(name, "data:")) noteStart("worker", name);
}
function noteStart(how, name) {
const path = pathOf(name) ?? absolute(name);
note(how, path, asker(void 0, path, false));
}
function recordPower(power, asked) {
const by = asked?.parentURL === void 0 ? asker(void 0, "", false)?.parent : pathOf(asked.parentURL);
const path = by ?? process_.argv[1];
if (path === void 0) return;
write(stringifyJSON({ __proto__: null, how: "power", path: realOf(path), power }));
}
var audited = {
__proto__: null,
Addon: "addons",
ChildProcess: "child-process",
FFI: "ffi",
FileSystemWrite: "fs-write",
Net: "network",
WASI: "wasi",
WorkerThreads: "worker"
};
function recordAudit() {
const channels = ["addon", "child", "ffi", "fs", "net", "wasi", "worker"];
const { subscribe } = builtin("diagnostics_channel");
for (let i = 0; i < channels.length; i++) {
subscribe("node:permission-model:" + channels[i], (message) => {
const power = audited[message.permission];
if (power !== void 0) recordPower(power);
});
}
}
function recordVM() {
const vm = builtin("vm");
replace(vm, "Script", recordScript(vm.Script));
if (vm.SourceTextModule !== void 0) replace(vm, "SourceTextModule", recordScript(vm.SourceTextModule));
replace(vm, "compileFunction", recordRun(vm.compileFunction, 2));
replace(vm, "runInContext", recordRun(vm.runInContext, 2));
replace(vm, "runInNewContext", recordRun(vm.runInNewContext, 2));
replace(vm, "runInThisContext", recordRun(vm.runInThisContext, 1));
}
function recordScript(constructor) {
return new SafeProxy(constructor, {
__proto__: null,
construct: (target, args, newTarget) => (noteNamed(args[1]), construct(target, args, newTarget))
});
}
function noteNamed(options) {
const path = pathOf(typeof options === "string" ? options : options?.filename ?? options?.identifier);
if (path !== void 0) note("module", path);
}
function recordRun(run, index) {
return function() {
noteNamed(arguments[index]);
return apply(run, this, arguments);
};
}
function recordModules() {
registerHooks({ __proto__: null, resolve: recordResolve, load: recordLoad });
const loadModule = Module.prototype.load;
replace(Module.prototype, "load", function(filename) {
try {
return apply(loadModule, this, arguments);
} finally {
if (pathOf(filename) !== void 0) note(howOf(filename), filename);
}
});
replace(process_, "dlopen", function(module2, filename) {
note("addon", "" + filename, asker(void 0, "" + filename, false));
return apply(dlopenNative, this, arguments);
});
}
function record() {
recordFile = openSync(config.record, O_WRONLY | O_APPEND | O_CREAT, 438);
observers.child = recordChild;
observers.worker = recordWorker;
powerObservers.power = recordPower;
recordModules();
recordVM();
recordAudit();
replace(process_, "getBuiltinModule", getBuiltin);
}
module.exports = { __proto__: null, record };
}
});

var require_main = __commonJS({
"main.cjs"() {
var { Module, hideFromStrings, isWorker, pid, process_, syncBuiltinESMExports, writeSync } = require_primordials();
var { allowed, config } = require_image();
var { usesPnp } = require_files();
var { evalHint, violation } = require_violations();
var { checkProcess, kindOf } = require_nodeoptions();
var { enforceChildren } = require_children();
var { enforceNative } = require_native();
var { enforceWasm } = require_wasm();
var { enforceBuiltins } = require_builtins();
var { enforceModules } = require_modules();
var { handPackages } = require_packagemap();
var { enforcePowers } = require_powers();
var { enforceMessages } = require_workers();
var { keepTick } = require_ticks();
function checkStart() {
if (Module.getCompileCacheDir?.() !== void 0) {
violation({ __proto__: null, code: "flag", detail: "the compile cache is on, whose contents are not the source that was checked", hint: "unset NODE_COMPILE_CACHE" });
}
if (isWorker) return;
const words = checkProcess(process_.execArgv);
let hasMain = process_.argv.length > 1 && process_.argv[1] !== "-";
for (let i = 0; i < words.length; i++) hasMain ||= kindOf(words[i]) === "alone" || kindOf(words[i]) === "eval";
if (!hasMain && !allowed.eval) {
violation({ __proto__: null, code: "eval", detail: "a node process that reads its code from stdin", hint: evalHint });
}
}
function reportStart() {
if (isWorker || config.verdict < 0) return;
try {
writeSync(config.verdict, '{"pid":' + pid + ',"started":true}\n');
} catch {
}
}
var pnp = usesPnp ? require_pnp() : void 0;
pnp?.hookPnp();
if (config.mode === "enforce") {
hideFromStrings();
if (config.nodePackages !== "") handPackages();
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
const { record } = require_recorder();
enforceChildren();
record();
enforcePowers();
}
keepTick();
pnp?.loadPnpFile();
syncBuiltinESMExports();
}
});
require_main();
})();
})
