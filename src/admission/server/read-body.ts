import { AdmissionError } from '../error.ts';
import type { Exchange } from './exchange.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { StartTimer } from './model.ts';

/** What a body is held to. */
export interface BodyLimits {
  readonly most: number;
  /** Room for what came, which the caller gives back when it is done with the body; what throws gave it back. */
  readonly held: HeldBytes;
  /** Milliseconds until it must be whole. */
  readonly time: number;
  readonly startTimer: StartTimer;
}

/**
 * Reads a body whole.
 *
 * @throws AdmissionError REVIEW_TOO_LARGE, REVIEW_TOO_SLOW, OVERLOADED or CALLER_GONE
 */
export function readBody(
  { body, announced }: Pick<Exchange, 'body' | 'announced'>,
  { most, held, time, startTimer }: BodyLimits,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: AdmissionError): void => {
      done();
      held.release(size);
      reject(error);
    };
    const data = (chunk: Buffer): void => {
      if (size + chunk.length > most) fail(tooLarge(most));
      else if (!held.take(chunk.length)) fail(noRoom());
      else {
        size += chunk.length;
        chunks.push(chunk);
      }
    };
    const end = (): void => {
      // A stream that was cut off ends as well.
      if (body.destroyed) return gone();
      done();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    };
    const gone = (): void => fail(new AdmissionError('CALLER_GONE', 'The request ended before its body was whole'));
    const stop = startTimer(time, () => fail(tooSlow()));
    const done = (): void => {
      stop();
      body.off('data', data).off('end', end).off('error', gone).off('close', gone);
    };
    if (announced > most) fail(tooLarge(most));
    else body.on('data', data).on('end', end).on('error', gone).on('close', gone);
  });
}

function tooLarge(most: number): AdmissionError {
  const sentence = `The body has more than the ${most} bytes that are taken; leave such objects out of the webhook's rules`;
  return new AdmissionError('REVIEW_TOO_LARGE', sentence);
}

function tooSlow(): AdmissionError {
  return new AdmissionError('REVIEW_TOO_SLOW', 'The body did not come in time; look at the network to the API server');
}

function noRoom(): AdmissionError {
  return new AdmissionError('OVERLOADED', 'Too many bytes are held for other reviews; try again, or run more replicas');
}
