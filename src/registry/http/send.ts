import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../limits.ts';
import type { ServedRequest } from '../pipeline/served-request.ts';
import type { Answer } from './answer.ts';

/** Bytes of a body nobody read that are taken in for the sake of the connection; beyond, it is closed. */
const drainedBytes = 1_048_576;

/**
 * Sends an answer. Blobs go straight to the socket: a chunk is written, and the next is read while the socket drains.
 *
 * @returns bytes of the body that were sent
 */
export async function sendAnswer(served: ServedRequest, answer: Answer): Promise<number> {
  const { request, response, method } = served;
  const { body, blob } = answer;
  if (blob !== undefined) return sendBlob(served, answer, blob);
  const leaves = writeHead(served, answer);
  const sent = method === 'HEAD' ? undefined : body;
  if (leaves) {
    response.write(sent ?? '');
    await lingered(request);
    response.end();
  } else {
    response.end(sent);
    if (!request.complete) request.resume();
  }
  return sent === undefined ? 0 : Buffer.byteLength(sent);
}

async function sendBlob(served: ServedRequest, answer: Answer, blob: NonNullable<Answer['blob']>): Promise<number> {
  await using open = blob.open;
  const { response, signal } = served;
  writeHead(served, answer);
  // A head goes out with the first bytes. Where those are still on their way, its client is to know that something comes.
  const late = setTimeout(() => response.flushHeaders(), limits.headDelay);
  let sent = 0;
  try {
    for await (const chunk of open.read(blob.range, signal)) {
      if (sent === 0) clearTimeout(late);
      signal.throwIfAborted();
      await written(response, chunk, signal);
      sent += chunk.length;
    }
  } finally {
    clearTimeout(late);
  }
  response.end();
  return sent;
}

/** Writes the head, and tells whether the connection ends with this answer. */
function writeHead(served: ServedRequest, { status, headers }: Answer): boolean {
  const { response } = served;
  const leaves = leavesMuch(served);
  if (leaves) response.setHeader('connection', 'close');
  response.writeHead(status, headers as Record<string, string | number | string[]>);
  return leaves;
}

/**
 * Until the socket holds no reference to the chunk any more: its memory is used again. A socket that is destroyed, and has not
 * said so yet, keeps what is written to it and never calls back.
 */
function written(response: ServerResponse, chunk: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    response.write(chunk, (error) => {
      signal.removeEventListener('abort', onAbort);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/**
 * Takes some more of what a client goes on sending, so that it gets to read the answer: a connection that is closed over bytes
 * nobody read is reset, and clients may lose what came before (RFC 9112, 9.6).
 */
function lingered(request: IncomingMessage): Promise<void> {
  if (request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left: number = limits.lingerBytes;
    const timer = setTimeout(done, limits.lingerTime);
    function done(): void {
      clearTimeout(timer);
      resolve();
    }
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) done();
    });
    request.once('end', done).once('close', done).once('error', done);
  });
}

/** Whether a client goes on sending what was refused: it is told to stop, rather than read to the end. */
function leavesMuch({ request }: ServedRequest): boolean {
  if (request.complete || request.readableEnded) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > drainedBytes;
}
