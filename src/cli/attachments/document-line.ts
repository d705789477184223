import { escapeJson } from '../../base/printable-json.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';

/** A bundle or an envelope as it is printed, and the predicate type of the statement in it. */
export interface DocumentLine {
  /** JSON without line ends. */
  readonly line: string;
  /** False for a signature over bytes that are elsewhere. */
  readonly states: boolean;
  /** Absent where the payload is no statement. */
  readonly predicateType?: string;
}

/**
 * Makes one line of a bundle or an envelope. Its own statement tells the type: what the manifest around it says is only a
 * hint. Nothing is verified.
 *
 * @throws CodecError for what is no JSON
 */
export function documentLine(bytes: Uint8Array): DocumentLine {
  const document = parseStrictJson(bytes);
  const text = Buffer.from(bytes).toString('utf8').trim();
  // As it was written, where that is one line: JSON.stringify would round large numbers.
  const line = escapeJson(/[\r\n]/.test(text) ? JSON.stringify(document) : text);
  const envelope = fieldOf(document, 'dsseEnvelope') ?? document;
  const payload = fieldOf(envelope, 'payload');
  const predicateType = typeIn(payload);
  return { line, states: payload !== undefined, ...(predicateType === undefined ? {} : { predicateType }) };
}

function typeIn(payload: unknown): string | undefined {
  if (typeof payload !== 'string') return undefined;
  try {
    const type = fieldOf(parseStrictJson(decodeBase64(payload)), 'predicateType');
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
