import { parseStrictJson } from '../../codec/json/parse.ts';
import type { EnvelopeContent, LogEntry, MessageContent } from '../entity.ts';
import { SigningError } from '../error.ts';
import type { LoggedVerifier } from './body/body.ts';
import { readLogAnswer } from './check-answer.ts';
import { decodeLogEntry } from './encode-entry.ts';
import { paeDigest } from './envelope-digest.ts';
import { keyDetailsOf, type SignatureScheme } from './key-details.ts';
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
 * that the log holds it is for a verification to check.
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
  const { body } = await askLog(service, { path: 'api/v2/log/entries', json, accepted: [200, 201] });
  const subject = {
    content,
    verifier,
    artifactDigest: (asked: string) => (asked === scheme.hash ? digest : undefined),
  };
  return readLogAnswer(service.baseUrl, subject, () => decodeLogEntry(parseStrictJson(body)));
}
