// The script that a single file starts with, as a program and in each of its threads. All else is loaded from its assets.
import { getAsset } from 'node:sea';
import { isMainThread } from 'node:worker_threads';
import { scriptPrefix, startFunction } from '../../base/single-file.ts';
import { listenEarly } from './listen-early.ts';
import { keptFolder, openKeptCode } from './kept-code.ts';
import { openScripts, type ScriptSource } from './scripts.ts';
import { setUnpackingThreads } from './unpacking-threads.ts';

const text = (name: string): string => getAsset(name, 'utf8');
const plain: ScriptSource = { text, code: () => undefined };

/** Runs one script of the program, by its name: that of a thread or of a further process. */
function startScript(name: string): void {
  openScripts(plain).load(`cli/${name}.cjs`);
}

/** Runs the command line, or what this process was started for by another one. */
function startProgram(): void {
  const first = process.argv[2] ?? '';
  if (first.startsWith(scriptPrefix)) return startScript(first.slice(scriptPrefix.length));
  setUnpackingThreads(first, process.env);
  // A launcher has left its mark only on what it starts; here there is none.
  const script = first === 'verify' ? 'verify/verify.cjs' : 'cli/main.cjs';
  const folder = keptFolder(process.env);
  if (folder === undefined) return void openScripts(plain).load(script);
  // Commands call different parts of the program.
  const kind = /^[a-z][a-z-]{1,30}$/.test(first) ? first : 'any';
  const kept = openKeptCode(folder, text('build').slice(0, 32), kind);
  const scripts = openScripts({ text, code: (name) => kept.get(name) });
  process.on('exit', (status) => {
    // A run that failed has seen little of the program.
    const code = status === 0 ? scripts.newCode() : new Map<string, Buffer>();
    if (code.size > 0) kept.keep(code);
  });
  scripts.load(script);
}

Object.assign(globalThis, { [startFunction]: startScript });
if (isMainThread) {
  // The kernel hands no signal to the first process of a container that does not listen for it: until the program does, this ends it.
  if (process.pid === 1) listenEarly(process);
  startProgram();
}
