import { createHash } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { RefusedError } from '../error.ts';
import { decodeBytes, isObject, objectsAt, optionalTextAt, textAt } from '../json/fields.ts';
import { signedMessage } from '../key/check-signature.ts';
import type { SubmittedKey } from '../key/submitted-key.ts';
import { sigstoreDevLimits } from '../limits.ts';

/** A DSSE envelope that somebody submitted. */
export interface SubmittedEnvelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signatures: readonly EnvelopeSignature[];
}

/** One signature of an envelope; `text` is the base64 as it came. */
export interface EnvelopeSignature {
  readonly keyId?: string | undefined;
  readonly text: string;
}

/** Reads an envelope in its JSON form (DSSE, envelope.md). @throws RefusedError */
export function parseEnvelope(text: string): SubmittedEnvelope {
  const value = parseJson(text, 'The envelope');
  const signatures = objectsAt(value, 'signatures').map((signature) => ({
    keyId: optionalTextAt(signature, 'keyid'),
    text: textAt(signature, 'sig'),
  }));
  const payload = decodeBytes(textAt(value, 'payload'), 'payload');
  return { payloadType: textAt(value, 'payloadType'), payload, signatures };
}

/** Pairs every signature with the key that made it. @throws RefusedError when one has none */
export function matchSignatures(
  { payloadType, payload, signatures }: SubmittedEnvelope,
  keys: readonly SubmittedKey[],
): ReadonlyMap<string, SubmittedKey> {
  const most = sigstoreDevLimits.entrySignatures;
  if (signatures.length === 0 || signatures.length > most || keys.length > most) {
    throw new RefusedError('REQUEST_INVALID', `An envelope has one to ${most} signatures, and as many keys`);
  }
  const signed = preAuthenticationEncoding(payloadType, payload);
  return new Map(
    signatures.map(({ text }) => {
      const signature = decodeBytes(text, 'sig');
      const key = keys.find((candidate) => signedMessage(candidate, signed, signature));
      if (key === undefined)
        throw new RefusedError('REQUEST_INVALID', 'A signature of the envelope has no key that verifies it');
      return [text, key];
    }),
  );
}

/** What is signed of an envelope (DSSE, protocol.md). */
function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The digests that a statement is about, as Rekor's search knows them; none where the payload is no statement. */
export function subjectDigests({ payloadType, payload }: SubmittedEnvelope): readonly string[] {
  if (payloadType !== 'application/vnd.in-toto+json') return [];
  const statement = parseJson(payload, 'The statement');
  const subjects = Array.isArray(statement['subject']) ? statement['subject'].filter(isObject) : [];
  return subjects
    .flatMap(({ digest }) => (isObject(digest) ? Object.entries(digest) : []))
    .map((pair) => pair.join(':'));
}

/** A digest as entries have it. */
export function sha256Of(bytes: string | Uint8Array): { readonly algorithm: 'sha256'; readonly value: string } {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') };
}

function parseJson(text: string | Uint8Array, what: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseStrictJson(Buffer.from(text));
    if (isObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new RefusedError('REQUEST_INVALID', `${what} cannot be read: ${cause.message}`, { cause });
  }
  throw new RefusedError('REQUEST_INVALID', `${what} is not a JSON object`);
}
