import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import { Pace } from './pace.ts';

/** What a pace is told by: how far a request and its answer are. */
interface Progress {
  readonly complete?: boolean;
  /** Of the body, taken by this side and not used yet. */
  readonly unread?: number;
  readonly read?: number;
  readonly written?: number;
  readonly unsent?: number;
}

/** Looks every five seconds, and gives the seconds after which the client is let go; undefined when it never is. */
function letGoAfter(seconds: number, progressAt: (second: number) => Progress): number | undefined {
  let progress: Progress = {};
  const socket = {
    get bytesRead() {
      return progress.read ?? 0;
    },
    get bytesWritten() {
      return progress.written ?? 0;
    },
  };
  const request = {
    socket,
    get complete() {
      return progress.complete ?? false;
    },
    get readableLength() {
      return progress.unread ?? 0;
    },
  };
  const response = {
    get writableLength() {
      return progress.unsent ?? 0;
    },
  };
  const exchange = { request: request as IncomingMessage, response: response as ServerResponse };
  const pace = new Pace(exchange, 2048);
  for (let second = 0; second <= seconds; second += limits.paceEvery / 1000) {
    progress = progressAt(second);
    if (pace.isTooSlow(second * 1000)) return second;
  }
  return undefined;
}

const MiB = 1024 ** 2;
/** Of a modem with 56 kbit/s. */
const modem = 7000;

for (const [title, expected, progressAt] of [
  ['a byte of the body a second', 30, (second) => ({ read: second })],
  ['nothing of the body', 30, () => ({})],
  ['a body over a modem', undefined, (second) => ({ read: second * modem })],
  ['a body at exactly the least speed', undefined, (second) => ({ read: second * 2048 })],
  ['a body just below it', 30, (second) => ({ read: second * 2047 })],
  ['a body that comes fast, and then a byte a second', 90, (second) => ({ read: Math.min(second, 59) * MiB + second })],
  ['a body in bursts, with half a minute between', undefined, (second) => ({ read: Math.floor(second / 25) * MiB })],
  ['a body that this side does not read', undefined, () => ({ unread: 1 })],
  ['a body that is whole, and an answer that is not made yet', undefined, () => ({ complete: true })],
  [
    'an answer of which a byte a second is taken',
    30 + MiB / 2048 + 3,
    () => ({ complete: true, written: MiB, unsent: MiB }),
  ],
  [
    'an answer over a modem, in parts of a MiB',
    undefined,
    (second) => ({ complete: true, written: Math.ceil((second * modem + 1) / MiB) * MiB, unsent: MiB }),
  ],
  ['a small answer that nobody takes', 35, () => ({ complete: true, written: 400, unsent: 400 })],
  ['a store that gives nothing to send', undefined, () => ({ complete: true, written: MiB })],
] satisfies readonly (readonly [string, number | undefined, (second: number) => Progress])[]) {
  test(`Pace, ${title}: ${expected === undefined ? 'kept' : `let go after ${expected} s`}`, () => {
    assert.equal(letGoAfter(3600, progressAt), expected);
  });
}
