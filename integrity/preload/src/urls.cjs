// Specifiers, URLs and paths.
'use strict';

const { SafeURL, charAt, fileURLToPath, indexOf, protocolOf, separator, slice, startsWith } = require('./primordials.cjs');

// requireScheme begins the specifier that the launcher makes of --require: Node runs
// --require before --import, so before the preload.
const requireScheme = 'nodeint:require/';

// pathOf returns the path of a module or script that is a file, or undefined.
function pathOf(name) {
  if (typeof name !== 'string') return undefined;
  if (startsWith(name, 'file:')) {
    if (separator === '/' && startsWith(name, 'file:///') && isPlain(name)) return slice(name, 7);
    try {
      return fileURLToPath(name);
    } catch {
      return undefined;
    }
  }
  if (startsWith(name, 'node:') || startsWith(name, 'nodeint:')) return undefined;
  return charAt(name, 0) === separator || charAt(name, 1) === ':' ? name : undefined;
}

// schemeOf returns the scheme of a URL as Node reads it, or undefined for what is no URL.
function schemeOf(url) {
  try {
    return protocolOf(new SafeURL(url));
  } catch {
    return undefined;
  }
}

// isPlain reports whether a URL has the characters of its path, unescaped. Nearly
// all have, and parsing a URL takes longer than all else that a module costs here.
function isPlain(url) {
  return indexOf(url, '%') < 0 && indexOf(url, '?') < 0 && indexOf(url, '#') < 0 && indexOf(url, '\\') < 0;
}

// packageName returns the package's name in a bare specifier.
function packageName(specifier) {
  const first = indexOf(specifier, '/');
  if (first < 0) return specifier;
  if (charAt(specifier, 0) !== '@') return slice(specifier, 0, first);
  const second = indexOf(specifier, '/', first + 1);
  return second < 0 ? specifier : slice(specifier, 0, second);
}

// isImport reports whether the conditions are those of import, not of require.
function isImport(conditions) {
  for (let i = 0; i < conditions.length; i++) if (conditions[i] === 'import') return true;
  return false;
}

module.exports = { __proto__: null, requireScheme, schemeOf, pathOf, packageName, isImport };
