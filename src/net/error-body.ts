import type { NetworkResponse } from './network.ts';

/** How much of an answer that says no is read. */
export interface ErrorBodyLimits {
  readonly errorBytes: number;
  /** Milliseconds. */
  readonly errorMs: number;
}

/** The beginning of the body of an answer that says no: what came in time. It is welcome and not needed, so that nothing fails here. */
export async function readErrorBody(
  response: NetworkResponse,
  { errorBytes, errorMs }: ErrorBodyLimits,
): Promise<Buffer> {
  const timer = setTimeout(() => response.discard(), errorMs);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= errorBytes) break;
    }
  } catch {
    // The status is the answer.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).subarray(0, errorBytes);
}
