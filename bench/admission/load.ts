/**
 * Sends reviews as an API server does, a process of its own: `node load.ts FILE` with a {@link ReviewLoad} writes what it saw as JSON. It keeps its
 * connections, and may share the machine with the webhook that it asks.
 */
import { readFileSync } from 'node:fs';
import { openClient } from '../../testing/admission/review-client.ts';
import { podReview } from './pod-review.ts';

/** What to send. */
export interface ReviewLoad {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  /** Of all replicas, in turn. */
  readonly ports: readonly number[];
  /** A file with the authority's certificate. */
  readonly authority: string;
  /** Of the reviews, in turn: the images of the Pod's containers. */
  readonly pods: readonly (readonly string[])[];
  /** Before what is measured, for the compiler; as fast as it goes. */
  readonly warmUp: number;
  readonly count: number;
  /** Reviews a second, sent when it is their time whatever became of the others; without one, each waits for one before it. */
  readonly rate?: number;
  /** Reviews at a time where there is no rate. */
  readonly atOnce: number;
}

/** What was seen; times in milliseconds. */
export interface ReviewTimes {
  readonly seconds: number;
  readonly median: number;
  readonly p99: number;
  readonly slowest: number;
}

const load = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as ReviewLoad;
const authority = readFileSync(load.authority, 'utf8');
const clients = load.ports.map((port) => openClient(load.protocol, port, authority));
const bodies = load.pods.map((images) => podReview(images));
let sent = 0;

async function ask(): Promise<number> {
  const client = clients[sent % clients.length] as (typeof clients)[number];
  const body = bodies[sent % bodies.length] as Buffer;
  sent += 1;
  const before = performance.now();
  const answer = await client.send({ path: '/mutate/fail?timeout=10s', body });
  const time = performance.now() - before;
  // A webhook that denies does less; nothing of what it does is what was to be measured.
  if (answer.status !== 200 || !answer.body.includes('"allowed":true')) {
    throw new Error(`A review was answered with status ${answer.status}: ${answer.body.slice(0, 1000)}`);
  }
  return time;
}

async function inTurn(count: number): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: load.atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        times.push(await ask());
      }
    }),
  );
  return times;
}

async function atRate(count: number, rate: number): Promise<number[]> {
  const begun = performance.now();
  const asked: Promise<number>[] = [];
  while (asked.length < count) {
    const due = ((performance.now() - begun) * rate) / 1000;
    while (asked.length < Math.min(due, count)) asked.push(ask());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return await Promise.all(asked);
}

await inTurn(load.warmUp);
const begun = performance.now();
const times = load.rate === undefined ? await inTurn(load.count) : await atRate(load.count, load.rate);
const seconds = (performance.now() - begun) / 1000;
for (const client of clients) client[Symbol.dispose]();
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(JSON.stringify({ seconds, median: at(0.5), p99: at(0.99), slowest: at(1) } satisfies ReviewTimes));
