import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';

/**
 * Refuses heads of requests that the parser lets pass although others before or behind this server may understand them
 * differently.
 *
 * @throws RegistryError UNSUPPORTED with the status that RFC 9110 or RFC 9112 has for it
 */
export function checkHead(request: IncomingMessage): void {
  const { url = '', httpVersion, httpVersionMajor, rawHeaders, headers } = request;
  // RFC 9110, 15.5.15.
  if (url.length > limits.urlLength) throw refusal(414, 'This path is longer than any that the registry has');
  // RFC 9110, 15.6.6: what HTTP/2 frames does not start with a line of text.
  if (httpVersionMajor !== 1) throw refusal(505, 'Only HTTP/1.1 is spoken here');
  // RFC 9112, 6.1: a coding that is not known hides what the body is.
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw refusal(501, 'The body is encoded in a way that is not known here; send it as it is');
  }
  // RFC 9112, 6.1: HTTP/1.0 has no chunks, so others may take what follows for another request.
  if (coding !== undefined && httpVersion === '1.0') throw refusal(400, 'HTTP/1.0 has no chunks; send a length');
  // RFC 9110, 5.3: which of two is meant is anybody's guess, and this parser passes over the second.
  const seen: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] as string;
    if (!singleLengths.has(raw.length)) continue;
    const name = raw.toLowerCase();
    if (!single.has(name)) continue;
    if (seen.includes(name)) throw refusal(400, `The request has two headers named ${name}`);
    seen.push(name);
  }
}

/** Headers that say once what a request is: where to, by whom, of which type and part. */
const single: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type', 'content-range', 'range']);

/** Few other headers are as long as one of these, so that most are passed over at once. */
const singleLengths: ReadonlySet<number> = new Set([...single].map(({ length }) => length));

function refusal(status: number, message: string): RegistryError {
  return new RegistryError('UNSUPPORTED', message, { status, headers: { connection: 'close' } });
}
