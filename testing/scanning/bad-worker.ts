import { join } from 'node:path';
import { workerProgram, type WorkerProgram } from '../../src/scan/process/pool/worker-program.ts';
import type { TemporaryDirectory } from '../image/temporary-directory.ts';

/** What a worker does when it is asked to scan; the first question, whether it is there, it answers. */
export const badWorkers = {
  hangs: 'await new Promise(() => undefined);',
  'never pauses': 'for (;;);',
  'eats memory outside its heap': 'const all = []; for (;;) { all.push(Buffer.alloc(8e6, 1)); await pause(); }',
  'eats its heap': 'const all = []; for (;;) all.push({ a: [all.length] });',
  'is killed': "process.kill(process.pid, 'SIGSEGV'); await new Promise(() => undefined);",
  'ends by itself': 'process.exit(0);',
  'throws outside': "setImmediate(() => { throw new Error('no'); }); await new Promise(() => undefined);",
  'answers without end': 'for (;;) yield Buffer.alloc(2e6, 32);',
  'answers nothing': '',
  'answers something else': 'yield* encodeParts({ signature: 1 }, [Buffer.alloc(1), Buffer.alloc(1)]);',
  'says what is no frame': 'socket.write(Buffer.alloc(64, 255)); await new Promise(() => undefined);',
  'asks for other content':
    "for await (const chunk of peer.ask({ kind: 'content', digest: `sha256:${'0'.repeat(64)}` })) yield chunk;",
} as const;

/** What one does that has room for one layer at a time alone, when it is asked to read more. */
export const badWithSeveralLayers: Readonly<Record<'eats memory' | 'is killed', string>> = {
  'eats memory': onlyOne('const all = []; for (;;) { all.push(Buffer.alloc(8e6, 1)); await pause(); }'),
  'is killed': onlyOne("process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined);"),
};

function onlyOne(several: string): string {
  return `if (question.reading.width > 1) { ${several} }
  const { zstdCompressSync } = await import('node:zlib');
  const packed = zstdCompressSync(JSON.stringify({ problems: [], findings: [] }));
  yield* encodeParts({ signature: '1', builtAt: null, isIncomplete: false, facts: { problems: [] }, packages: [] }, [packed, packed]);`;
}

/** A program that misbehaves so in place of the worker. */
export function badWorker(folder: TemporaryDirectory, scan: string): WorkerProgram {
  const real = workerProgram();
  const channel = join(real.script, '../../channel');
  folder.write(
    'worker.mjs',
    `import { Socket } from 'node:net';
import { setImmediate as pause } from 'node:timers/promises';
import { encodeParts } from '${channel}/parts.ts';
import { Peer } from '${channel}/peer.ts';
const socket = new Socket({ fd: 3, readable: true, writable: true });
socket.on('close', () => process.exit());
const peer = new Peer(socket, async function* (question) {
  if (question.kind === 'ready') return yield* encodeParts(null);
  ${scan}
});`,
  );
  const script = join(folder.path, 'worker.mjs');
  return { script, readable: [...real.readable, folder.path] };
}
