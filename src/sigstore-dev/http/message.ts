import type { IncomingHttpHeaders } from 'node:http';

/** A request as routes see it. */
export interface DevRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a route answers. */
export interface DevAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): DevAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An answer of any media type. */
export function answerOf(mediaType: string, body: string | Uint8Array, status = 200): DevAnswer {
  return { status, headers: { 'content-type': mediaType }, body };
}
