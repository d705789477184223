import { createHash, hash } from 'node:crypto';
import type { EnvelopeContent, MessageContent } from '../entity.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { Digest, LogEntryBody, LoggedVerifier } from './body/body.ts';
import { envelopeTexts, paeDigest } from './envelope-digest.ts';

/** What an entry has to be about. */
export interface LoggedSubject {
  readonly content: MessageContent | EnvelopeContent;
  /** Whose signature it is: the certificate that came with it, or else the key. */
  readonly verifier: LoggedVerifier;
  /**
   * The digest of the artifact; undefined when it is not known in this algorithm. Not asked for envelopes, which bring
   * their bytes.
   */
  readonly artifactDigest?: (algorithm: HashAlgorithm) => Buffer | undefined;
  /** The envelope's JSON as it came, when it was not put together from parts. */
  readonly envelopeJson?: Uint8Array;
}

/** How an entry differs from what it has to be about. */
export interface BodyMismatch {
  /** Completes "The log's entry …". */
  readonly what: string;
  readonly found: string;
  readonly wanted: string;
}

/**
 * Compares an entry with a signature: the same signature, by the same key or certificate, over the same bytes. Where an
 * entry keeps no signature, the envelope's digest must be that of the envelope with this signature.
 */
export function matchBody(body: LogEntryBody, subject: LoggedSubject): BodyMismatch | undefined {
  const [logged, ...others] = body.signatures;
  if (logged === undefined || others.length > 0) {
    return { what: 'has several signatures', found: `${body.signatures.length} signatures`, wanted: 'one' };
  }
  return (
    matchVerifier(logged.verifier, subject.verifier) ??
    matchSignature(logged.signature, subject.content.signature) ??
    matchSubject(body, subject)
  );
}

function matchVerifier(found: LoggedVerifier, wanted: LoggedVerifier): BodyMismatch | undefined {
  if (found.kind === wanted.kind && verifierBytes(found).equals(verifierBytes(wanted))) return undefined;
  const noun = wanted.kind === 'certificate' ? 'certificate' : 'key';
  return { what: `is about another ${noun}`, found: nameVerifier(found), wanted: nameVerifier(wanted) };
}

function matchSignature(found: Buffer | undefined, wanted: Buffer): BodyMismatch | undefined {
  if (found === undefined || found.equals(wanted)) return undefined;
  return { what: 'is about another signature', found: shorten(found), wanted: shorten(wanted) };
}

function matchSubject(
  { subject: logged, signatures }: LogEntryBody,
  { content, artifactDigest, envelopeJson }: LoggedSubject,
): BodyMismatch | undefined {
  if (logged.kind === 'message') {
    const { algorithm } = logged.digest;
    if (content.kind === 'envelope') {
      return matchDigest('envelope', logged.digest, paeDigest(algorithm, content));
    }
    return matchDigest('artifact', logged.digest, artifactDigest?.(algorithm));
  }
  if (content.kind === 'message') {
    return { what: 'is about an envelope', found: 'an envelope', wanted: 'a signature over an artifact' };
  }
  const { payload, envelope } = logged;
  const wrong = matchDigest('payload', payload, createHash(payload.algorithm).update(content.payload).digest());
  if (wrong !== undefined || envelope === undefined || signatures[0]?.signature !== undefined) return wrong;
  const texts = envelopeJson === undefined ? envelopeTexts(content) : [envelopeJson];
  const digests = texts.map((text) => hash(envelope.algorithm, text, 'buffer'));
  if (digests.some((digest) => digest.equals(envelope.value))) return undefined;
  return matchDigest('envelope', envelope, digests[0]);
}

function matchDigest(noun: string, found: Digest, wanted: Buffer | undefined): BodyMismatch | undefined {
  if (wanted?.equals(found.value) === true) return undefined;
  return {
    what: `is about another ${noun}`,
    found: `${found.algorithm}:${found.value.toString('hex')}`,
    wanted: wanted === undefined ? 'a digest in another algorithm' : `${found.algorithm}:${wanted.toString('hex')}`,
  };
}

function verifierBytes(verifier: LoggedVerifier): Buffer {
  return verifier.kind === 'certificate' ? verifier.der : verifier.spki;
}

function nameVerifier(verifier: LoggedVerifier): string {
  const print = createHash('sha256').update(verifierBytes(verifier)).digest('hex');
  return `${verifier.kind === 'certificate' ? 'certificate' : 'key'} sha256:${print}`;
}

function shorten(signature: Buffer): string {
  const text = signature.toString('base64');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
