import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { asObject } from '../../oci/json.ts';
import type { EnvelopeContent, LogEntry, MessageContent } from '../entity.ts';
import { SigningError } from '../error.ts';
import type { LoggedVerifier } from './body/body.ts';
import { readLogAnswer } from './check-answer.ts';
import { decodeLogEntry } from './encode-entry.ts';
import { paeDigest } from './envelope-digest.ts';
import { malformed } from './fields.ts';
import { keyDetailsOf, type SignatureScheme } from './key-details.ts';
import type { ServiceAnswer } from '../service.ts';
import { askLog, type LogService } from './service.ts';

/** What to log, and how it was signed. */
export type RekorV2Submission = { readonly verifier: LoggedVerifier; readonly scheme: SignatureScheme } & (
  | {
      readonly content: MessageContent;
      /** Of the artifact, in the scheme's algorithm. */
      readonly digest: Buffer;
    }
  | { readonly content: EnvelopeContent }
);

/**
 * Has a signature logged by Rekor v2 (rekor-tiles, `hashedRekordRequestV002`). An envelope is logged as the digest of its
 * pre-authentication encoding, in the algorithm that it was signed with. The answer is sure to be about what was sent;
 * that the log holds it is for a verification to check. A log that has the entry already says no, with the entry or, as
 * rekor-tiles does, without it.
 *
 * @throws SigningError SERVICE_UNAVAILABLE, SERVICE_REFUSED, SERVICE_PROTOCOL, KEY_INVALID
 */
export async function submitToRekorV2(service: LogService, submission: RekorV2Submission): Promise<LogEntry> {
  const { content, verifier, scheme } = submission;
  const keyDetails = keyDetailsOf(scheme);
  if (keyDetails === 'PKIX_ED25519') {
    throw new SigningError(
      'KEY_INVALID',
      'A log that is told only a digest takes Ed25519 signatures in prehashed form',
    );
  }
  const digest = 'digest' in submission ? submission.digest : paeDigest(scheme.hash, submission.content);
  const json = {
    hashedRekordRequestV002: {
      digest: digest.toString('base64'),
      signature: {
        content: content.signature.toString('base64'),
        verifier: {
          ...(verifier.kind === 'certificate'
            ? { x509Certificate: { rawBytes: verifier.der.toString('base64') } }
            : { publicKey: { rawBytes: verifier.spki.toString('base64') } }),
          keyDetails,
        },
      },
    },
  };
  const answer = await askLog(service, { path: 'api/v2/log/entries', json, accepted: [200, 201, 409] });
  const { status, body } = answer;
  if (status === 409 && !holdsEntry(body)) throw existsAlready(service, answer);
  const subject = {
    content,
    verifier,
    artifactDigest: (asked: string) => (asked === scheme.hash ? digest : undefined),
  };
  return readLogAnswer(service.baseUrl, subject, () => decodeLogEntry(parseStrictJson(body)));
}

/** Whether it has what only entries have, and is read as one: a wrong one is an error then, and not passed over. */
function holdsEntry(body: Buffer): boolean {
  try {
    return asObject(parseStrictJson(body), 'it', malformed)['canonicalizedBody'] !== undefined;
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    return false;
  }
}

/** Signatures of RSA and Ed25519 keys over the same bytes are the same, so that signing anew may not help. */
function existsAlready({ baseUrl }: LogService, { headers }: ServiceAnswer): SigningError {
  const index = headers.get('x-log-index') ?? '';
  const where = /^\d{1,19}$/.test(index) ? `, with index ${index},` : '';
  return new SigningError(
    'SERVICE_REFUSED',
    `The log ${URL.parse(baseUrl)?.host ?? ''} has this entry already${where} and does not give it again; use the bundle of that signing, or sign anew`,
  );
}
