import { isNetError } from '../../../net/error.ts';
import { backoffMs } from '../../../net/retry.ts';
import { StoreError } from '../../error.ts';
import type { ByteRange } from '../blob-store.ts';
import { checkRange } from '../check-range.ts';
import type { S3Client } from './client.ts';
import { isAbsent, S3Failure } from './failure.ts';
import { readRetries } from './limits.ts';

/**
 * Reads a range of an object as it comes, and asks for the rest when the connection breaks.
 *
 * @throws StoreError STORE_DAMAGED when the object is gone, or ends before the range
 */
export async function* readObjectRange(
  client: S3Client,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  checkRange({ start, end });
  let at = start;
  let retries = 0;
  while (at <= end) {
    try {
      for await (const chunk of await openRange(client, key, at, end, signal)) {
        if (at + chunk.length > end + 1) throw noRanges();
        at += chunk.length;
        retries = 0;
        yield chunk;
      }
    } catch (error) {
      if (!isNetError(error, 'RESET', 'TIMEOUT', 'TOO_SLOW') || retries === readRetries) throw error;
      await client.clock.sleep(backoffMs(retries, client.clock), signal);
      retries += 1;
      continue;
    }
    if (at <= end) throw tooShort();
  }
}

async function openRange(
  client: S3Client,
  key: string,
  at: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  let response;
  try {
    const headers = { range: `bytes=${at}-${end}` };
    response = await client.send({ key, headers, signal, maxBytes: end - at + 1 });
  } catch (error) {
    if (isAbsent(error) || (error instanceof S3Failure && error.status === 416)) throw tooShort();
    throw error;
  }
  if (response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${at}-`) === true) {
    return response.body;
  }
  response.discard();
  throw noRanges();
}

function tooShort(): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    'the object of a blob is shorter than it was, or gone; scrub the store or push it again',
  );
}

function noRanges(): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    'the object store does not give ranges of objects; see whether a proxy changes answers',
  );
}
