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
  const { url = '', httpVersionMajor, rawHeaders, headers } = request;
  // RFC 9110, 15.5.15.
  if (url.length > limits.urlLength) throw refusal(414, 'This path is longer than any that the registry has');
  // RFC 9110, 15.6.6: what HTTP/2 frames does not start with a line of text.
  if (httpVersionMajor !== 1) throw refusal(505, 'Only HTTP/1.1 is spoken here');
  // RFC 9112, 6.1: a coding that is not known hides what the body is.
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw refusal(501, 'The body is encoded in a way that is not known here; send it as it is');
  }
  // RFC 9112, 3.2: which of two hosts was meant is anybody's guess.
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw refusal(400, 'The request names two hosts');
}

function refusal(status: number, message: string): RegistryError {
  return new RegistryError('UNSUPPORTED', message, { status, headers: { connection: 'close' } });
}
