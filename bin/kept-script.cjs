// Runs a script with the code that V8 made of it the last time. Node's own compile cache keeps a module as it is before it
// runs, without the functions that are compiled when they are first called, which are nearly all; here it is kept as it is
// at the end.
'use strict';
const { hash } = require('crypto');
const { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } = require('fs');
const Module = require('module');
const { dirname, join } = require('path');
const { Script, constants } = require('vm');

const digestBytes = 32;

/**
 * @param file of ASCII, a CommonJS module
 * @param folder that nobody else can write to: what lies there is run
 * @param kind tells apart runs that call different functions
 */
exports.runKept = function runKept(file, folder, kind) {
  // As bytes of one kind each the source takes half the memory.
  const source = readFileSync(file, 'latin1');
  // V8 itself knows its own version and flags in what it made, but of the source the length only.
  const build = hash('sha256', source).slice(0, 32);
  const kept = join(folder, build + '-' + kind);
  const cachedData = readKept(kept);
  const script = new Script('(function (exports, require, module, __filename, __dirname) {' + source + '\n})', {
    filename: file,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined || script.cachedDataRejected) {
    process.on('exit', (status) => {
      // A run that failed has seen little of the program.
      if (status === 0) keep(folder, build, kept, script.createCachedData());
    });
  }
  const own = Module.createRequire(file);
  const module = new Module(file);
  // Chunks of the script ask for it by its name: they get what runs here, where they would else load and run it once more.
  own.cache[own.resolve(file)] = module;
  script.runInThisContext()(module.exports, own, module, file, dirname(file));
  module.loaded = true;
};

/** V8 does not look whether what it is given was damaged, and crashes. */
function readKept(path) {
  try {
    const bytes = readFileSync(path);
    const data = bytes.subarray(digestBytes);
    return hash('sha256', data, 'buffer').equals(bytes.subarray(0, digestBytes)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Others may be reading, so the file comes whole; what other builds left behind goes. */
function keep(folder, build, path, data) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) if (!name.startsWith(build)) rmSync(join(folder, name), { force: true });
    const written = path + '.' + process.pid;
    writeFileSync(written, Buffer.concat([hash('sha256', data, 'buffer'), data]), { mode: 0o600 });
    renameSync(written, path);
  } catch {
    // Where nothing can be kept, the program starts a little slower.
  }
}
