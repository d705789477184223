import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Evidence, VerifiedAttestation } from '../../evidence.ts';
import { celValue } from '../../resource/cel/value.ts';
import { memberOf } from '../../rule/gathered.ts';

/**
 * The statements of a type that count, of each manifest that was looked at: the newest, where it is known when each was signed, and all
 * otherwise, in an order of their own.
 *
 * @throws LangError where those of a signer are not known
 */
export function statementsIn(
  evidence: readonly Evidence[],
  predicateType: string,
  signers: readonly string[],
): readonly VerifiedAttestation[] {
  const found = new Map<string, VerifiedAttestation>();
  for (const { attestations } of evidence) {
    const bySigner = memberOf(attestations, predicateType);
    const own = signers.flatMap((signer) => {
      const gathered = memberOf(bySigner, signer);
      if (gathered?.state === 'absent') return [];
      if (gathered?.state === 'known') return gathered.value.verified;
      throw new LangError('EVALUATION', `The statements of ${signer} are not known`);
    });
    for (const each of newest(own)) found.set(JSON.stringify([each.predicate, each.by, each.signedAt ?? null]), each);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** Whoever states something anew means it in place of what was stated before. */
function newest(statements: readonly VerifiedAttestation[]): readonly VerifiedAttestation[] {
  const times = statements.map(({ signedAt }) => signedAt ?? Number.NaN);
  const last = Math.max(...times);
  return Number.isNaN(last) ? statements : statements.filter(({ signedAt }) => signedAt === last);
}

/**
 * A statement as expressions see it. Policies ask for members of the predicate both with `predicate` before them and without, so that both
 * are there.
 */
export function payloadOf({ predicate }: VerifiedAttestation, predicateType: string): unknown {
  const value = celValue(predicate as JsonValue);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return { predicateType, predicate: value, ...value };
}
