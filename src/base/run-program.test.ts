import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ProgramEnd, type ProgramRun, runProgram } from './run-program.ts';

/** Runs a script with this very Node.js. */
function run(script: string, changes: Partial<ProgramRun> = {}): Promise<ProgramEnd> {
  return runProgram({
    program: process.execPath,
    args: ['-e', script],
    env: {},
    timeoutMs: 30_000,
    maxOutputBytes: 1000,
    ...changes,
  });
}

const forEver = 'setInterval(() => {}, 1000)';

interface Row {
  readonly name: string;
  readonly script: string;
  readonly changes?: Partial<ProgramRun>;
  readonly end: { readonly kind: ProgramEnd['kind']; readonly status?: number | null; readonly output?: string };
}

const rows: readonly Row[] = [
  {
    name: 'what it prints and its status',
    script: 'process.stdout.write("ahoy"); process.exitCode = 3',
    end: { kind: 'ended', status: 3, output: 'ahoy' },
  },
  {
    name: 'what it makes of its input and environment',
    script: 'process.stdin.on("data", (c) => process.stdout.write(c + process.env.NAME))',
    changes: { input: 'in ', env: { NAME: 'env', UNSET: undefined } },
    end: { kind: 'ended', status: 0, output: 'in env' },
  },
  {
    name: 'a program that does not read its input',
    script: '',
    changes: { input: Buffer.alloc(1_000_000) },
    end: { kind: 'ended', status: 0, output: '' },
  },
  {
    name: 'that a signal ended it',
    script: 'process.kill(process.pid, "SIGTERM"); ' + forEver,
    end: { kind: 'ended', status: null, output: '' },
  },
  {
    name: 'that it printed just enough',
    script: 'process.stdout.write("x".repeat(1000))',
    end: { kind: 'ended', status: 0, output: 'x'.repeat(1000) },
  },
  {
    name: 'that it printed too much',
    script: `process.stdout.write("x".repeat(1001)); ${forEver}`,
    end: { kind: 'flood' },
  },
  { name: 'that its time was up', script: forEver, changes: { timeoutMs: 100 }, end: { kind: 'timeout' } },
  { name: 'that it is missing', script: '', changes: { program: 'no-such-program' }, end: { kind: 'missing' } },
];

for (const { name, script, changes, end } of rows) {
  test(`runProgram() tells ${name}`, async () => {
    const found = await run(script, changes);
    assert.deepEqual(found.kind === 'ended' ? { ...found, output: found.output.toString() } : found, end);
  });
}

test('runProgram() tells that a program cannot be started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-'));
  try {
    const program = join(folder, 'program');
    writeFileSync(program, '');
    chmodSync(program, 0o600);
    assert.deepEqual(await run('', { program }), { kind: 'unstartable' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('runProgram() ends with the signal', async () => {
  const reason = new Error('enough');
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(async () => run('', { signal: AbortSignal.abort(reason) }), isReason);
  const controller = new AbortController();
  const running = run(forEver, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(running, isReason);
});
