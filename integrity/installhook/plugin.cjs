// Written by nodeint hook install; nodeint hook remove deletes it.
// After yarn has installed all packages, it runs nodeint, which updates or checks the map.
const { spawnSync } = require('child_process')
const { existsSync } = require('fs')
const { delimiter, join } = require('path')

module.exports = {
  name: 'NAME',
  factory: yarn => ({
    hooks: {
      afterAllInstalled(project, options) {
        if (options && options.mode === 'update-lockfile') return // nothing is installed
        const { ReportError } = yarn('@yarnpkg/core')
        const { npath } = yarn('@yarnpkg/fslib')
        const cwd = npath.fromPortablePath(project.cwd)
        const env = { ...process.env }
        const name = Object.keys(env).find(key => key.toUpperCase() === 'PATH') || 'PATH'
        env[name] = join(cwd, 'node_modules', '.bin') + delimiter + (env[name] || '')
        const found = env[name].split(delimiter).some(dir =>
          ['nodeint', 'nodeint.exe', 'nodeint.cmd'].some(file => existsSync(join(dir, file))))
        if (!found) {
          throw new ReportError(0, 'nodeint not found in node_modules/.bin or on the PATH: install it, or remove the install hook from plugins in .yarnrc.yml')
        }
        const frozen = options && options.immutable && !'COMMAND'.endsWith(' --check')
        const command = 'COMMAND' + (frozen ? ' --check' : '')
        const { status } = spawnSync(command, { cwd, env, shell: true, stdio: 'inherit' })
        if (status !== 0) throw new ReportError(0, command + ' failed: see its output above')
      },
    },
  }),
}
