import type { SignedEntity } from '../entity.ts';
import { parseStatement } from '../statement/parse.ts';
import type { Statement, Subject } from '../statement/statement.ts';
import { digestsOf } from './artifact-digests.ts';
import { checkAnnotations, type WantedAnnotations } from './check-annotations.ts';
import { checkPredicateType } from './check-predicate-type.ts';
import { checkSubject } from './check-subject.ts';
import type { Artifact, VerificationPolicy } from './policy.ts';
import type { VerifiedSignature } from './verified-signature.ts';
import { VerificationError } from './verification-error.ts';
import { verifyEntity } from './verify-entity.ts';

/** What a statement must be about and say. */
export interface StatementPolicy extends VerificationPolicy {
  /** Absent: any, for those who look at it themselves. */
  readonly predicateType?: string;
  readonly annotations: WantedAnnotations;
  /** False only for `--check-claims=false`: then nobody asks what it is about. */
  readonly checkSubject: boolean;
}

/** A statement that holds. */
export interface VerifiedStatement extends VerifiedSignature {
  readonly statement: Statement;
  /** The subject that is the artifact; absent where nobody asked. */
  readonly subject?: Subject;
}

/**
 * Verifies a signed statement: the signature first, then what it is about, its annotations and its predicate type.
 *
 * @throws VerificationError
 */
export async function verifyStatement(
  entity: SignedEntity,
  artifact: Artifact,
  policy: StatementPolicy,
  now: Date,
): Promise<VerifiedStatement> {
  const { content } = entity;
  if (content.kind !== 'envelope') {
    throw new VerificationError('SIGNATURE_UNSUPPORTED', 'The bundle signs bytes and states nothing', {
      check: 'shape',
      found: 'a message signature',
      wanted: 'a statement in an envelope',
    });
  }
  const verified = await verifyEntity(entity, artifact, policy, now);
  const statement = parseStatement(content.payload);
  const subject = policy.checkSubject ? checkSubject(statement, digestsOf(artifact).forSubjects) : undefined;
  if (policy.annotations.size > 0) {
    checkAnnotations((subject ?? statement.subjects[0])?.annotations ?? new Map(), policy.annotations);
  }
  if (policy.predicateType !== undefined) checkPredicateType(statement, policy.predicateType);
  return {
    ...verified,
    passed: [
      ...verified.passed,
      ...(subject === undefined ? [] : (['subject'] as const)),
      ...(policy.annotations.size > 0 ? (['annotations'] as const) : []),
      ...(policy.predicateType === undefined ? [] : (['predicate-type'] as const)),
    ],
    statement,
    ...(subject === undefined ? {} : { subject }),
  };
}
