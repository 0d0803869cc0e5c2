// Package store finds the bytes of a package's archive: in the caches of package
// managers, in nodeint's own, and, if the caller says so, in registries.
//
// No source is trusted. An archive is what was wanted if its digest is the one
// that the lockfile has, wherever it comes from; a file or answer with another
// one is told ([Look]), and the search goes on.
//
// # Sources
//
// A tarball is looked for in
//
//  1. nodeint's own cache: Options.Cache, otherwise nodeint/archives in the user's
//     folder for caches, below it sha512/ab/cdef…;
//  2. npm's cache: npm_config_cache in the environment, cache in .npmrc, otherwise
//     ~/.npm (%LOCALAPPDATA%\npm-cache), below it _cacache/content-v2/sha512/ab/cd/ef…;
//  3. yarn 1's cache: YARN_CACHE_FOLDER, otherwise the folder that yarn 1 takes,
//     below it v6/npm-<name>-<version>-…/node_modules/<name>/.yarn-tarball.tgz;
//  4. its registry, with Options.Fetch.
//
// A zip of yarn 2 and later is looked for in nodeint's own cache, in .yarn/cache or
// cacheFolder, and in globalFolder's cache (~/.yarn/berry). No registry has it, since
// yarn makes it itself: with Options.Fetch and Want.Make it is made of the registry's
// tarball, counts if it has the digest, and is kept as if it had been fetched.
//
// Only regular files are opened, and none is waited for. In a cache where the name
// says which archive it is (npm's, nodeint's, a zip with the digits of its digest)
// another archive is wrong-digest; where several may have the name it is no fault.
// nodeint's own cache is written whole or not at all (temporary file, fsync, rename,
// fsync of the folder), to the user alone (0700, 0600); a file in it is hashed
// whenever it is used, and removed if it is wrong.
//
// # Settings
//
// npm's settings are read as npm 11 reads them: npm_config_… in the environment,
// .npmrc of the project, of the user (npm_config_userconfig), the global one
// (etc/npmrc below node's prefix, PREFIX or prefix=, or globalconfig). They are
// registry, @scope:registry, //host/path/: with _authToken, _auth, username and
// _password, certfile and keyfile; replace-registry-host, cafile, ca, ca[],
// strict-ssl, proxy, https-proxy, noproxy, cert and key, cache. ${NAME} and ${NAME?}
// stand for variables of the environment.
//
// yarn's (Options.Manager) are YARN_… in the environment, .yarnrc.yml of the project
// and of the user: npmRegistryServer, npmAuthToken, npmAuthIdent, npmScopes,
// npmRegistries, httpProxy, httpsProxy, httpsCaFilePath, enableStrictSsl,
// cacheFolder, globalFolder. ${NAME}, ${NAME-x} and ${NAME:-x} stand for variables.
//
// Where neither says anything of a proxy, HTTPS_PROXY, HTTP_PROXY and NO_PROXY do.
//
// # Where an archive is fetched
//
// The registry is that of the package's scope, or the default one. The address is
// the lockfile's, if its host is the registry's, or if replace-registry-host puts
// the registry in its place; otherwise, and if nothing is there, it is
// <registry>/<name>/-/<name without scope>-<version>.tgz. Any other host that a
// lockfile names is asked only if it is in Options.Hosts.
//
// An attempt has a time limit, and one for silence. After a timeout, a broken
// connection, 408, 425, 429 and 5xx it is tried again, with longer and longer pauses.
// Nothing larger than Options.Limit is read to its end.
//
// # What the project's files may say
//
// An attacker may write the project's .npmrc or .yarnrc.yml; the environment and
// the user's and global files are the user's own. A variable npm_config_… counts as
// the project's where the project's .npmrc has the same setting: npm puts its
// settings into the environment of what it starts.
//
//   - A credential is sent to the host and below the path that it is set for, and
//     nowhere else: not to other paths of that host, as npm does, nor to other hosts
//     after a redirect. yarn's that belong to no registry are for the registry that
//     the user's own settings name, whatever the project's say.
//   - The project may name the registry, since the digest says what is accepted. An
//     address or proxy of its with a variable of the environment is an error: it
//     would tell the variable to any host.
//   - A credential of its with a variable is sent only to registry.npmjs.org,
//     registry.yarnpkg.com, npm.pkg.github.com (which show no tenant what another
//     sends), to hosts that the user's own settings name, and to Options.EnvHosts.
//     Where it is not sent, the error says so.
//   - Its proxy, noproxy, cafile, ca and strict-ssl hold for requests that carry
//     nothing of the user's. The others go the way of the user's own settings, so
//     that it cannot put somebody in the middle of them.
//   - It cannot name client certificates, which are files of the user's.
//   - Where it sets userconfig, prefix or globalconfig, they are not followed.
//
// What is the user's goes over https, to this machine, or over http where the
// user's own settings name that registry with http. A redirect from https to http
// is not followed. No error has a credential in it, nor the value of a setting.
package store
