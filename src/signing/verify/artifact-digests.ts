import { createHash } from 'node:crypto';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { ArtifactDigest } from '../statement/statement.ts';
import type { Artifact } from './policy.ts';

/** The digests of what is verified, each made when it is first asked for. */
export interface ArtifactDigests {
  /** Hex; undefined where the artifact's bytes are not at hand and this digest was not given. */
  of(algorithm: HashAlgorithm): string | undefined;
  /** What statements are compared with: SHA-256 and SHA-512 of bytes, or the digest that was given. */
  readonly forSubjects: readonly ArtifactDigest[];
}

/** Makes the digests of an artifact. */
export function digestsOf(artifact: Artifact): ArtifactDigests {
  if (artifact.kind === 'digest') {
    const { algorithm, hex } = artifact;
    return { of: (wanted) => (wanted === algorithm ? hex : undefined), forSubjects: [{ algorithm, hex }] };
  }
  const known = new Map<HashAlgorithm, string>();
  const digest = (algorithm: HashAlgorithm): string =>
    artifact.kind === 'bytes'
      ? createHash(algorithm).update(artifact.bytes).digest('hex')
      : Buffer.from(artifact.digests[algorithm]).toString('hex');
  const of = (algorithm: HashAlgorithm): string => {
    const hex = known.get(algorithm) ?? digest(algorithm);
    known.set(algorithm, hex);
    return hex;
  };
  return {
    of,
    get forSubjects() {
      return (['sha256', 'sha512'] as const).map((algorithm) => ({ algorithm, hex: of(algorithm) }));
    },
  };
}
