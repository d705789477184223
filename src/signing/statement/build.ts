import type { ArtifactDigest } from './statement.ts';
import { signPredicateType } from './predicate-type.ts';

/**
 * The statement of `sign`: that a digest is signed, with annotations (cosign since 3.0.5). It names no repository, so the
 * signature goes with the image wherever it is copied.
 */
export function buildSignStatement(digest: ArtifactDigest, annotations: ReadonlyMap<string, string>): Buffer {
  const kept = annotations.size === 0 ? {} : { annotations: Object.fromEntries(annotations) };
  return encode({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { [digest.algorithm]: digest.hex }, ...kept }],
    predicateType: signPredicateType,
    predicate: {},
  });
}

/** The statement of `attest`, as cosign writes it: v0.1, with the repository as the subject's name. */
export function buildStatement(
  name: string,
  digest: ArtifactDigest,
  predicateType: string,
  predicate: unknown,
): Buffer {
  return encode({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name, digest: { [digest.algorithm]: digest.hex } }],
    predicate,
  });
}

function encode(statement: unknown): Buffer {
  return Buffer.from(JSON.stringify(statement));
}
