import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, type Listening } from './listen.ts';

/** A request that came. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly method: string | undefined;
}

/** A receiver of events, or of whatever else is posted. */
export interface EventReceiver extends AsyncDisposable {
  readonly server: Listening;
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when so many came; fails after some seconds. */
  until(count: number): Promise<readonly Received[]>;
}

/** Starts a receiver on loopback that remembers what came, and answers as it is told. */
export async function startReceiver(
  answer: (response: ServerResponse, count: number) => void = (response) => response.end(),
): Promise<EventReceiver> {
  const received: Received[] = [];
  const server = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), method: request.method });
      answer(response, received.length);
    });
  });
  return {
    server,
    url: server.url,
    received,
    async until(count) {
      for (let look = 0; received.length < count; look += 1) {
        if (look === 1000) throw new Error(`Only ${received.length} of ${count} came`);
        await sleep(10);
      }
      return received;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Whether a delivery is signed with a key, as a receiver verifies it (Standard Webhooks, "Verifying signatures"). */
export function isSignedWith({ headers, body }: Received, key: Uint8Array): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
  const mac = createHmac('sha256', key)
    .update(`${String(id)}.${String(time)}.${body}`)
    .digest('base64');
  return String(signatures).split(' ').includes(`v1,${mac}`);
}
