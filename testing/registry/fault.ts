import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** One way in which a registry misbehaves. */
type Misbehaviour =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Sends the right bytes, a few at a time. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Sends the headers and nothing more. */
  | { readonly kind: 'silence' }
  /** Never answers at all. */
  | { readonly kind: 'hang' }
  /** Breaks the connection before any answer. */
  | { readonly kind: 'drop' }
  /** Sends other bytes of the same length. */
  | { readonly kind: 'wrong-bytes' }
  | { readonly kind: 'wrong-digest-header' }
  /** Sends so many bytes more, without a length. */
  | { readonly kind: 'long'; readonly extra: number }
  /** Ends cleanly after so many bytes, without a length. */
  | { readonly kind: 'short'; readonly after: number }
  /** Promises the whole length and breaks the connection after so many bytes. */
  | { readonly kind: 'reset'; readonly after: number }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  | { readonly kind: 'content-type'; readonly type: string }
  | { readonly kind: 'huge-headers' }
  /** Leaves a header out. */
  | { readonly kind: 'without'; readonly header: string }
  /** Compresses the body, though nobody asked for that. */
  | { readonly kind: 'gzip' }
  /** Sends the right bytes, and goes on until the client leaves. */
  | { readonly kind: 'endless' }
  /** Sends so many of the right bytes, and the rest when something happened, or breaks the connection then. */
  | { readonly kind: 'until'; readonly after: number; readonly event: Promise<void>; readonly breaks?: boolean }
  /** Sends all of it as if it were a part that somebody asked for. */
  | { readonly kind: 'partial' }
  /** Sends all of it, and a length that is so much more, or less. */
  | { readonly kind: 'length'; readonly by: number }
  /** Answers with bytes that are no HTTP. */
  | { readonly kind: 'garbage' };

/** A misbehaviour, and when. */
export type Fault = Misbehaviour & {
  /** Part of the path, or a pattern for it. */
  readonly path: string | RegExp;
  readonly method?: string;
  /** How often it happens; for ever by default. */
  readonly times?: number;
};

/** What a well-behaved registry would send. */
export interface Answer {
  status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Picks the faults due, counting each down. */
export class FaultPlan {
  readonly #left: { readonly fault: Fault; times: number }[];

  constructor(faults: readonly Fault[]) {
    this.#left = [];
    for (const fault of faults) this.add(fault);
  }

  add(fault: Fault): void {
    this.#left.push({ fault, times: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#left.length = 0;
  }

  next(method: string, path: string): Fault | undefined {
    const due = this.#left.find(({ fault, times }) => {
      const there = typeof fault.path === 'string' ? path.includes(fault.path) : fault.path.test(path);
      return times > 0 && there && (fault.method ?? method) === method;
    });
    if (due === undefined) return undefined;
    due.times -= 1;
    return due.fault;
  }
}

/** Sends an answer, spoilt by a fault when there is one. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): Promise<void> {
  const body = request.method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(answer.body);
  const head = (headers: Record<string, string> = {}, status: number = answer.status): ServerResponse =>
    response.writeHead(status, { 'content-length': String(answer.body.length), ...answer.headers, ...headers });
  const unsized = (): ServerResponse => {
    const { 'content-length': _length, ...headers } = answer.headers;
    return response.writeHead(answer.status, headers);
  };
  switch (fault?.kind) {
    case undefined:
      head().end(body);
      return;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '');
      return;
    case 'drip':
      head();
      for (let at = 0; at < body.length && !response.destroyed; at += fault.bytes) {
        response.write(body.subarray(at, at + fault.bytes));
        await wait(fault.everyMs);
      }
      response.end();
      return;
    case 'silence':
      head().flushHeaders();
      return;
    case 'hang':
      return;
    case 'drop':
      request.socket.destroy();
      return;
    case 'wrong-bytes':
      head().end(Buffer.from(body.map((byte) => byte ^ 0x20)));
      return;
    case 'wrong-digest-header':
      head({ 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end(body);
      return;
    case 'long':
      unsized().end(Buffer.concat([body, Buffer.alloc(fault.extra, 'x')]));
      return;
    case 'short':
      unsized().end(body.subarray(0, fault.after));
      return;
    case 'reset':
      head().write(body.subarray(0, fault.after), () => request.socket.destroy());
      return;
    case 'redirect':
      response.writeHead(fault.status ?? 307, { location: fault.to, 'content-length': '0' }).end();
      return;
    case 'content-type':
      head({ 'content-type': fault.type }).end(body);
      return;
    case 'huge-headers':
      head({ 'x-padding': 'x'.repeat(256 * 1024) }).end(body);
      return;
    case 'without': {
      const { [fault.header]: _left, ...headers } = answer.headers;
      response.writeHead(answer.status, { 'content-length': String(answer.body.length), ...headers }).end(body);
      return;
    }
    case 'gzip': {
      const packed = gzipSync(body);
      head({ 'content-encoding': 'gzip', 'content-length': String(packed.length) }).end(packed);
      return;
    }
    case 'endless':
      unsized().write(body);
      while (!response.destroyed) {
        response.write(Buffer.alloc(65_536, 'x'));
        await wait(1);
      }
      return;
    case 'until':
      head().write(body.subarray(0, fault.after));
      await fault.event;
      if (fault.breaks === true) request.socket.destroy();
      else response.end(body.subarray(fault.after));
      return;
    case 'partial':
      head({ 'content-range': `bytes 0-${answer.body.length - 1}/${answer.body.length}` }, 206).end(body);
      return;
    case 'length': {
      const headers = {
        ...answer.headers,
        'content-length': String(answer.body.length + fault.by),
        connection: 'close',
      };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      request.socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`), body]));
      return;
    }
    case 'garbage':
      request.socket.end('220 mail.example.com ESMTP\r\n\r\n');
      return;
  }
}
