import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The program as users start it. */
export const launcher: string = join(import.meta.dirname, '..', '..', 'bin', 'seaworthy.js');

/** Milliseconds after which a program that does not end is killed, so that a hang fails a test and not the whole run. */
const patience = 60_000;

/** How the program ended and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the program finds around it. */
export interface Surroundings {
  /** Laid over the environment of the tests, of which settings for the program are left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard input; empty by default. */
  readonly input?: string;
}

/** The program, under way. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
}

/** Starts the program as a user would. */
export function start(args: readonly string[], { env = {}, cwd, input = '' }: Surroundings = {}): Running {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { ...plainEnvironment(process.env), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patience,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  // Commands that read no input may be gone before it is written.
  child.stdin.on('error', () => undefined).end(input);
  const texts = [gather(child.stdout), gather(child.stderr)];
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const [stdout, stderr] = texts.map((text) => text()) as [string, string];
      resolve({ status, signal, stdout, stderr });
    });
  });
  return { child, ended };
}

/** Runs the program to its end. */
export function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return start(args, surroundings).ended;
}

/** Asserts that the program ended as an error should: status 2, and one line with the code and what to do. */
export function assertOneError({ status, stdout, stderr }: Ended, code: string, saying: RegExp = /./): void {
  // No line ends and no control characters but the last.
  assert.match(stderr, new RegExp(`^error ${code}: \\P{Cc}+\\n$`, 'u'));
  assert.match(stderr, saying);
  assert.doesNotMatch(stderr, /\n\s+at /);
  assert.equal(stdout, '');
  assert.equal(status, 2);
}

function gather(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !/^(?:SEAWORTHY_|DOCKER_|CONTAINER_HOST|REGISTRY_AUTH_FILE|(?:no|https?|all)_proxy$|NO_COLOR|FORCE_COLOR|CLICOLOR)/i.test(
        name,
      ),
  );
  return Object.fromEntries(kept);
}
