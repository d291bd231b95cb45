// Builds the contents of the package, when npm asks for that: at `npm ci` and `npm install` in a clone, for a dependency on
// the repository (git+…), and at `npm pack`, which installs nothing first. Where there is nothing to build from or with,
// as at `npm ci --omit=dev`, it builds nothing. Prints only to stderr, because `npm pack --json` owns stdout.
import { execSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

/** Settings of the command that asked, which npm hands on to every npm below it. */
const OWN_TERMS = '--global=false --dry-run=false --include=dev';

function run(command) {
  execSync(`${command} ${OWN_TERMS}`, { stdio: ['ignore', 2, 2] });
}

const canBuild = () => existsSync('node_modules/typescript');
const isPacked = ['pack', 'publish'].includes(process.env.npm_command);

if (!existsSync('src/main.ts')) {
  console.error('source-stripe: not built, because the sources are not here.');
} else {
  if (!canBuild() && isPacked) run('npm ci --ignore-scripts --no-audit --no-fund');
  if (canBuild()) {
    // What an earlier build left behind would be packed, too.
    rmSync('dist', { recursive: true, force: true });
    run('npm run build --silent');
  } else {
    console.error('source-stripe: not built, because the development dependencies are not installed.');
  }
}
