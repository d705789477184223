import type { Digest } from '../../oci/digest.ts';
import type { ByteRange, OpenBlob } from '../../store/blob/blob-store.ts';

/** Values of headers; a list is sent as one header for each. */
export type AnswerHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** Content of a repository that the gate did not let pass, and why. */
export interface RefusedPart {
  readonly repository: string;
  readonly digest: Digest;
  readonly error: Error;
}

/** What a request is answered with. For HEAD, the body is left out and its headers stay. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body?: Uint8Array | string;
  /** A blob instead of a body; it is closed when it was sent. */
  readonly blob?: { readonly open: OpenBlob; readonly range: ByteRange | undefined };
  /** What was refused on the way, where the client goes on by another way and is not told. */
  readonly refused?: RefusedPart;
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, headers: AnswerHeaders = {}): Answer {
  const body = JSON.stringify(value);
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    body,
  };
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: AnswerHeaders = {}): Answer {
  return { status, headers: { 'content-length': 0, ...headers } };
}
