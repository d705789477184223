import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, isSeaworthyError } from '../../src/base/error.ts';
import type { PinnedRelease } from '../first-scan/pinned-packages.ts';
import { showChain } from './chain.ts';
import { typedLine } from './command-line.ts';
import { settingsOf } from './environment.ts';
import { ChainError } from './error.ts';
import { type Recipes, releasesOf } from './packages.ts';
import { openStage, type Stage } from './stage.ts';

/** Where the packages come from. */
export interface PackageSource {
  readonly recipes: Recipes;
  /** The tarballs of releases, in their order. @throws the signal's reason, as soon as it is aborted */
  fetch(
    releases: readonly PinnedRelease[],
    say: (text: string) => void,
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
}

const usage = `Usage: npm start [-- --keep]

Shows the whole chain on this machine: an image is built, gated, listed, pushed, signed and admitted, others are stopped.

  --keep   leave the servers up at the end, and say how to end them
`;

/** Signals that end the chain, with the exit statuses that shells give them. */
const endings = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs the chain as a program: whatever happens, what it started is ended and what it wrote is removed, unless it is told
 * to keep that and got to its end.
 *
 * @returns the exit status
 */
export async function main(argv: readonly string[], source: PackageSource): Promise<number> {
  const unknown = argv.filter((arg) => !['--keep', '--help', '-h'].includes(arg));
  if (unknown.length > 0 || argv.some((arg) => arg !== '--keep')) {
    (unknown.length > 0 ? process.stderr : process.stdout).write(usage);
    return unknown.length > 0 ? 2 : 0;
  }
  const interrupted = new AbortController();
  let ending: keyof typeof endings | undefined;
  // Further signals change nothing, up to the very end: npm passes on those that the terminal sends to everybody.
  const interrupt = (signal: keyof typeof endings): void => {
    ending ??= signal;
    interrupted.abort();
  };
  for (const signal of Object.keys(endings)) process.on(signal, interrupt);
  try {
    await runIn(await makeFolder(tmpdir()), argv.includes('--keep'), source, interrupted.signal);
    return ending === undefined ? 0 : endings[ending];
  } catch (error) {
    if (ending !== undefined) return endings[ending];
    if (!isExpected(error)) throw error;
    process.stderr.write(`\n${errorMessage(error)}\n`);
    return 1;
  }
}

/** @throws ChainError FOLDER_UNAVAILABLE */
async function makeFolder(temporary: string): Promise<string> {
  try {
    return await mkdtemp(join(temporary, 'seaworthy-start-'));
  } catch (error) {
    const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';
    const { code } = error as NodeJS.ErrnoException;
    throw new ChainError(
      'FOLDER_UNAVAILABLE',
      `No folder can be made in ${temporary} (${code}); name one for temporary files with the variable ${variable}`,
      { cause: error },
    );
  }
}

async function runIn(work: string, keeps: boolean, source: PackageSource, signal: AbortSignal): Promise<void> {
  const started = Date.now();
  const stage = openStage({ work, env: process.env, signal, write: (text) => void process.stdout.write(text) });
  let kept = false;
  try {
    const releases = releasesOf(source.recipes);
    const tarballs = await source.fetch(releases, stage.say, signal);
    stage.say('Everything below runs for real, on this machine and on loopback only. To type a command yourself:\n');
    stage.say(prelude(work));
    await showChain(stage, source.recipes, (release) => tarballs[releases.indexOf(release)] as Uint8Array);
    stage.say(`\nThe whole chain, in ${Math.round((Date.now() - started) / 1000)} seconds.`);
    signal.throwIfAborted();
    kept = keeps;
  } finally {
    if (kept) leaveUp(stage);
    else await cleanUp(stage);
  }
  if (!kept) stage.say('All servers are ended and all files removed; "npm start -- --keep" leaves them to look at.');
}

/** Ends the servers, the last one first, and removes the folder. */
async function cleanUp({ servers, work, say }: Stage): Promise<void> {
  if (servers.length > 0) say('\nEnding the servers ...');
  await Promise.all(servers.map(async (server) => await server.stop()));
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}

function leaveUp({ servers, work, say }: Stage): void {
  const place = { work, platform: process.platform };
  const registry = servers.find(({ name }) => name === 'registry');
  say('\nThe servers are left up:\n');
  for (const server of servers) {
    say(`  ${server.name.padEnd(9)} ${server.url}  process ${server.pid}, log ${typedLine([server.log], place)}`);
    server.release();
  }
  say(`\nIn this folder, look at them with:\n\n${prelude(work)}`);
  say(`  curl ${registry?.url}/v2/_catalog`);
  say(`  ./bin/seaworthy.js tree ${registry?.host}/shop/app:1.1`);
  say("  ./bin/seaworthy.js triage 'lodash@<4.17.21' --registry " + registry?.host);
  const pids = servers.map(({ pid }) => pid);
  const ends =
    process.platform === 'win32'
      ? [`taskkill /F ${pids.map((pid) => `/PID ${pid}`).join(' ')}`, `rmdir /s "${work}"`]
      : [
          `kill ${pids.join(' ')}`,
          // They answer what is under way first, and write to the folder until then.
          `while ps -p ${pids.join(',')} >/dev/null; do sleep 1; done`,
          `rm -r ${typedLine([work], { ...place, work: '\0' })}`,
        ];
  say(`\nEnd them, and remove all that they have:\n\n${ends.map((line) => `  ${line}\n`).join('')}`);
}

/** What is typed before any of the commands. */
function prelude(work: string): string {
  const place = { work, platform: process.platform };
  const isWindows = process.platform === 'win32';
  const set = isWindows ? 'set' : 'export';
  const folder = isWindows ? [] : [`export W=${typedLine([work], { ...place, work: '\0' })}`];
  const settings = Object.entries(settingsOf(work)).map(
    ([name, value]) => `${set} ${name}=${typedLine([value], place)}`,
  );
  return [...folder, ...settings].map((line) => `  ${line}\n`).join('');
}

/** True for what a person can mend: named errors of this program, and those of the file system. */
function isExpected(error: unknown): boolean {
  return isSeaworthyError(error) || (error instanceof Error && 'syscall' in error);
}
