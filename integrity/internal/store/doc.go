// Package store finds the bytes of a package's archive: in the caches of package
// managers, in nodeint's own cache and, if the caller allows it, in registries.
//
// No source is trusted. Wherever an archive comes from, it is accepted only if it has
// the digest in the lockfile. A file or response with another digest is recorded (an
// [Attempt] with the result IsWrong), and the search continues.
//
// # Sources
//
// A tarball is searched in
//
//  1. nodeint's own cache: Options.Cache, otherwise nodeint/archives in the user's cache
//     directory; the file is sha512/ab/cdef…;
//  2. npm's cache: npm_config_cache in the environment, cache in .npmrc, otherwise ~/.npm
//     (%LOCALAPPDATA%\npm-cache); the file is _cacache/content-v2/sha512/ab/cd/ef…;
//  3. yarn 1's cache: YARN_CACHE_FOLDER, otherwise yarn 1's default directory; the file is
//     v6/npm-<name>-<version>-…/node_modules/<name>/.yarn-tarball.tgz;
//  4. its registry, with Options.Fetch.
//
// A zip of yarn 2 and later is searched in nodeint's own cache, in .yarn/cache or
// cacheFolder, and in the cache of globalFolder (~/.yarn/berry). Yarn makes the zips
// itself, so no registry has them. With Options.Fetch and Want.Make, the zip is made from
// the registry's tarball. It is accepted if it has the digest, and then kept like a
// downloaded archive.
//
// Only regular files are opened, and opening never blocks. If the file name identifies
// the archive (npm's cache, nodeint's cache, a zip with the digits of its digest), another
// archive has the result IsWrong. If several archives can have the name, it has the result
// IsAbsent. A cache directory that cannot be read has the result IsFailed.
//
// Files in nodeint's own cache are written whole or not at all (temporary file, fsync,
// rename, fsync of the directory), readable only by the user (0700, 0600). Each is hashed
// whenever it is used, and removed if its digest is wrong.
//
// # Settings
//
// npm's settings are read like npm 11 reads them: npm_config_… in the environment, .npmrc
// of the project, .npmrc of the user (npm_config_userconfig), and the global file
// (etc/npmrc below node's prefix, PREFIX or prefix=, or globalconfig). The settings are
// registry; @scope:registry; //host/path/: with _authToken, _auth, username and _password,
// certfile and keyfile; replace-registry-host; cafile, ca, ca[]; strict-ssl; proxy,
// https-proxy, noproxy; cert and key; cache. ${NAME} and ${NAME?} are environment
// variables.
//
// yarn's settings (Options.Manager) are YARN_… in the environment, and .yarnrc.yml of the
// project and of the user: npmRegistryServer, npmAuthToken, npmAuthIdent, npmScopes,
// npmRegistries, httpProxy, httpsProxy, httpsCaFilePath, enableStrictSsl, cacheFolder,
// globalFolder. ${NAME}, ${NAME-x} and ${NAME:-x} are environment variables.
//
// If the settings name no proxy, HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply.
//
// # Downloads
//
// The registry is that of the package's scope, or the default registry. The URL is that
// of the lockfile, if its host is the registry's, or if replace-registry-host replaces it
// by the registry. Otherwise, and if that URL does not exist, it is
// <registry>/<name>/-/<name without scope>-<version>.tgz. Another host in a lockfile is
// used only if it is in Options.Hosts.
//
// A request has a time limit, and a limit for the time without a byte. After a timeout, a
// broken connection, 408, 425, 429 and 5xx it is repeated, with growing pauses. No more
// than Options.Limit bytes are read.
//
// # Settings of the project
//
// An attacker may control the project's .npmrc or .yarnrc.yml. The environment and the
// user's and global files belong to the user. A variable npm_config_… counts as the
// project's if the project's .npmrc has the same setting, because npm passes its settings
// in the environment to the programs it starts.
//
//   - A credential is sent only to the host and below the path that it is set for. Unlike
//     npm, it is not sent to other paths of that host, nor to another host after a
//     redirect. A credential of yarn without a registry is for the registry that the
//     user's own settings name, whatever the project's settings name.
//   - The project may name the registry, because the digest decides what is accepted. A
//     registry or proxy URL of the project with an environment variable is an error,
//     because it would send the variable to any host.
//   - A credential of the project with an environment variable is sent only to
//     registry.npmjs.org, registry.yarnpkg.com and npm.pkg.github.com (which show no
//     tenant what another one sends), to hosts that the user's own settings name, and to
//     Options.EnvHosts. If it is not sent, the error says so.
//   - The project's proxy, noproxy, cafile, ca and strict-ssl apply only to requests
//     without a credential of the user. Requests with one use only the user's own
//     settings, so that the project cannot intercept them.
//   - The project cannot name client certificates, because they are files of the user.
//   - userconfig, prefix and globalconfig of the project are ignored.
//
// The user's credentials are sent over https, to this machine, or over http if the user's
// own settings name that registry with http. A redirect from https to http is an error.
// No error contains a credential or the value of a setting.
package store
