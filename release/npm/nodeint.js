#!/usr/bin/env node
// Starts the nodeint program of this platform, which is in a package of its own:
// @nodeint/linux-x64 and so on. No install script is needed for that.
'use strict';

// Only what every start needs is loaded at once: the launcher is part of each nodeint command.
const { accessSync, constants } = require('node:fs');

const scope = '@nodeint/';

// manifest returns the package.json of this package.
const manifest = () => require('../package.json');

// docs returns the address of a section of the page about installing.
const docs = (section) => `https://github.com/nodeint/nodeint/blob/v${manifest().version}/docs/install.md#${section}`;

// The exit status of nodeint if it could not check.
const exitFailed = 5;

// fail prints the reason why there is no program to start, and a step that helps.
function fail(reason, hint) {
  console.error(`nodeint: ${reason}`);
  console.error(`nodeint: hint: ${hint}`);
  process.exit(exitFailed);
}

// resolve returns the path of the program in a platform's package, or undefined.
function resolve(pkg) {
  try {
    return require.resolve(`${pkg}/bin/nodeint${pkg.startsWith(`${scope}win32-`) ? '.exe' : ''}`);
  } catch {
    return undefined;
  }
}

// again returns the command that installs the project's optional dependencies too.
function again() {
  const [manager, version] = (process.env.npm_config_user_agent || '').split(/[/ ]/);
  switch (manager) {
    case 'npm':
      return 'npm install --include=optional';
    case 'pnpm':
    case 'bun':
      return `${manager} install`;
    case 'yarn':
      return version.startsWith('1.') ? 'yarn install --force' : 'yarn install';
  }
  return 'install again with optional dependencies (npm install --include=optional)';
}

// missing reports that the platform's package is not installed.
function missing(pkg) {
  const packages = Object.keys(manifest().optionalDependencies);
  if (!packages.includes(pkg)) {
    const platforms = packages.map((p) => p.slice(scope.length)).join(', ');
    fail(`there is no program for ${pkg.slice(scope.length)}, only for ${platforms}`, `build it from source: ${docs('from-source')}`);
  }
  const other = packages.find((p) => resolve(p) !== undefined);
  if (other !== undefined) {
    fail(`the package ${pkg} is not installed, but ${other} is: the dependencies were installed for another platform`,
      `delete node_modules, and install on this machine: ${again()}`);
  }
  fail(`the package ${pkg} is not installed: the install left out optional dependencies, or the lockfile does not list it`,
    `${again()} (if that does not help, see ${docs('a-missing-platform')})`);
}

// find returns the path of the program.
function find() {
  const pkg = `${scope}${process.platform}-${process.arch}`;
  const file = resolve(pkg);
  if (file === undefined) {
    missing(pkg);
  }
  // Plug'n'Play keeps packages in zip files. It unpacks those with preferUnplugged.
  if (/\.zip[\\/]/.test(file)) {
    fail(`the package ${pkg} is in a zip file, where no program can be started`, `yarn unplug --all --recursive ${pkg}`);
  }
  try {
    accessSync(file, constants.X_OK);
  } catch (err) {
    fail(`cannot execute ${file}: ${err.code}`, err.code === 'EACCES' ? `chmod +x ${file}` : again());
  }
  return file;
}

// spawn starts the program as a child process, relays signals to it, and ends as it ends.
function spawn(file, args) {
  const { constants: { signals: numbers } } = require('node:os');
  // A terminal sends these to the child too, and a second one would end it at once.
  const terminal = [process.stdin, process.stdout, process.stderr].some((s) => s.isTTY);
  const shared = ['SIGINT', 'SIGQUIT', ...process.platform === 'win32' ? ['SIGHUP', 'SIGBREAK'] : []];
  const signals = [...shared, 'SIGTERM', 'SIGHUP', 'SIGUSR2'].filter((s) => s in numbers);

  let child = null;
  const relays = [...new Set(signals)].map((signal) => {
    const relay = () => {
      if (!(terminal && shared.includes(signal))) {
        child.kill(signal);
      }
    };
    process.on(signal, relay);
    return [signal, relay];
  });
  child = require('node:child_process').spawn(file, args, { stdio: 'inherit' });
  child.on('error', (err) => fail(`cannot execute ${file}: ${err.message}`, `see ${docs('npm-and-other-package-managers')}`));
  child.on('exit', (code, signal) => {
    for (const [s, relay] of relays) {
      process.off(s, relay);
    }
    if (signal === null) {
      process.exit(code);
    }
    // Node.js ignores SIGPIPE, and opens its debugger on SIGUSR1.
    if (signal !== 'SIGPIPE' && signal !== 'SIGUSR1') {
      process.kill(process.pid, signal);
    }
    setTimeout(() => process.exit(128 + numbers[signal]), 100);
  });
}

const file = find();
const args = process.argv.slice(2);
// With execve, no process of Node.js stays. It exists from Node.js 22.15 on, except on Windows.
if (process.platform !== 'win32' && typeof process.execve === 'function') {
  process.execve(file, [file, ...args]);
} else {
  spawn(require('node:path').resolve(file), args);
}
