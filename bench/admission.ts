import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { issueAuthority, issueLeaf } from '../src/admission/certificates/issue.ts';
import { defaultLifetimes } from '../src/admission/certificates/model.ts';
import { findProgram } from '../testing/registry/find-program.ts';
import type { ReviewLoad, ReviewTimes } from './admission/load.ts';
import { podReview } from './admission/pod-review.ts';
import { run } from './measure.ts';
import type { Line } from './workspace.ts';

/** What a process used since it began: milliseconds of a processor, MiB of resident memory. */
interface Used {
  readonly cpu: number;
  readonly memory: number;
}

interface Webhook extends AsyncDisposable {
  readonly port: number;
  readonly used: () => Promise<Used>;
}

/**
 * The webhook with a judge that answers at once, beside a bare HTTPS server of Node that answers the same without looking. Load comes
 * from a process on the same machine, over TLS and kept connections.
 */
export async function admissionBench(): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    const authority = issueAuthority(Date.now(), defaultLifetimes);
    const leaf = issueLeaf(authority, { dnsNames: ['localhost'] }, Date.now(), defaultLifetimes);
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    writeFileSync(join(folder, 'tls.crt'), leaf.certificate);
    writeFileSync(join(folder, 'tls.key'), leaf.key, { mode: 0o600 });
    return [
      { label: 'load of the machine before', value: (loadavg()[0] ?? 0).toFixed(2) },
      { label: 'size of a review', value: `${podReview().length} bytes` },
      ...(await paced(folder)),
      ...(await unpaced(folder)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 500 reviews a second, the webhook on a processor of its own. */
async function paced(folder: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (const protocol of ['HTTP/2', 'HTTP/1.1'] as const) {
    await using webhook = await start('own', folder, 0);
    const seen = await send(folder, webhook, { protocol, warmUp: 3000, count: 7500, rate: 500, atOnce: 4 }, 1);
    const { memory } = await webhook.used();
    lines.push(
      { ...inTime(seen.median, 1), label: `500 reviews/s on one processor, ${protocol}, median` },
      { ...inTime(seen.p99, 10), label: `500 reviews/s on one processor, ${protocol}, 99th of 100` },
      {
        label: `resident memory after that, ${protocol}`,
        value: `${memory.toFixed(0)} MiB`,
        bar: '≤ 190 MiB (200 MB)',
        met: memory <= 190,
      },
    );
  }
  return lines;
}

/** As many as both processors give. */
async function unpaced(folder: string): Promise<Line[]> {
  const lines: Line[] = [];
  const cost: Record<string, number> = {};
  for (const [kind, protocol] of [
    ['echo', 'HTTP/1.1'],
    ['own', 'HTTP/1.1'],
    ['own', 'HTTP/2'],
  ] as const) {
    await using webhook = await start(kind, folder);
    const load = { protocol, warmUp: 4000, count: 20_000, atOnce: 16 };
    await send(folder, webhook, { ...load, count: 0 });
    const before = await webhook.used();
    const seen = await send(folder, webhook, load);
    const after = await webhook.used();
    const speed = load.count / seen.seconds;
    const name = kind === 'own' ? `as many as go, ${protocol}` : `a bare HTTPS server, ${protocol}`;
    // The warm-up of the second run is of the same kind.
    cost[`${kind} ${protocol}`] = (after.cpu - before.cpu) / (load.count + load.warmUp);
    lines.push({
      label: name,
      value: `${speed.toFixed(0)} reviews/s, median ${seen.median.toFixed(2)} ms`,
      ...(kind === 'own' ? { bar: '≥ 2000 reviews/s', met: speed >= 2000 } : {}),
    });
    if (kind === 'own')
      lines.push({ label: `resident memory after that, ${protocol}`, value: `${after.memory.toFixed(0)} MiB` });
  }
  const bare = cost['echo HTTP/1.1'] ?? Number.NaN;
  for (const protocol of ['HTTP/1.1', 'HTTP/2']) {
    const own = cost[`own ${protocol}`] ?? Number.NaN;
    const value = `${(own * 1000).toFixed(0)} µs, ${(own / bare).toFixed(2)} × bare`;
    lines.push({ label: `processor time of a review, ${protocol}`, value });
  }
  return lines;
}

function inTime(milliseconds: number, bar: number): Omit<Line, 'label'> {
  return { value: `${milliseconds.toFixed(2)} ms`, bar: `≤ ${bar} ms`, met: milliseconds <= bar };
}

/** @param processor that it runs on; any where it is not said, or the system cannot do that */
function pinned(args: readonly string[], processor: number | undefined): readonly [string, readonly string[]] {
  const taskset = processor === undefined ? undefined : findProgram('taskset');
  if (taskset === undefined) return [process.execPath, args];
  return [taskset, ['-c', String(processor), process.execPath, ...args]];
}

async function start(kind: 'own' | 'echo', folder: string, processor?: number): Promise<Webhook> {
  const program = join(import.meta.dirname, 'admission', 'server.ts');
  const [command, args] = pinned([program, kind, folder], processor);
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const [port] = (await once(lines, 'line')) as [string];
  return {
    port: Number(port),
    async used() {
      const answer = once(lines, 'line') as Promise<[string]>;
      child.stdin.write('\n');
      return JSON.parse((await answer)[0]) as Used;
    },
    async [Symbol.asyncDispose]() {
      const over = once(child, 'exit');
      child.stdin.end();
      await over;
    },
  };
}

async function send(
  folder: string,
  { port }: Webhook,
  load: Omit<ReviewLoad, 'port' | 'authority'>,
  processor?: number,
): Promise<ReviewTimes> {
  const task: ReviewLoad = { ...load, port, authority: join(folder, 'ca.crt') };
  const program = join(import.meta.dirname, 'admission', 'load.ts');
  const { status, stdout, stderr } = await run(...pinned([program, JSON.stringify(task)], processor));
  if (status !== 0) throw new Error(`The load ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout) as ReviewTimes;
}
