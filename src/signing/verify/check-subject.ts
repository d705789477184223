import type { ArtifactDigest, Statement, Subject } from '../statement/statement.ts';
import { VerificationError } from './verification-error.ts';

/**
 * Step 8 of the order of checks, second half: the artifact is one of the statement's subjects. A subject counts when it has
 * a digest of the artifact and no other digest of it that differs.
 *
 * @param digests of the artifact, in as many algorithms as are known
 * @throws VerificationError ARTIFACT_MISMATCH
 */
export function checkSubject(statement: Statement, digests: readonly ArtifactDigest[]): Subject {
  const subject = statement.subjects.find((candidate) => {
    const known = digests.filter(({ algorithm }) => candidate.digests.has(algorithm));
    return known.length > 0 && known.every(({ algorithm, hex }) => candidate.digests.get(algorithm) === hex);
  });
  if (subject !== undefined) return subject;
  const found = statement.subjects
    .slice(0, 3)
    .flatMap((candidate) => [...candidate.digests].map(([algorithm, hex]) => `${algorithm}:${hex}`));
  const rest = statement.subjects.length > 3 ? ' and others' : '';
  throw new VerificationError('ARTIFACT_MISMATCH', 'The statement is about something else than what was verified', {
    check: 'subject',
    found: `${found.join(', ').slice(0, 400)}${rest}`,
    wanted: digests.map(({ algorithm, hex }) => `${algorithm}:${hex}`).join(' or '),
  });
}
