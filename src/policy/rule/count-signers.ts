import { PolicyError } from '../error.ts';
import type { BySigner, EvidenceKind, Gathered } from '../evidence.ts';
import type { SignerSet } from '../model.ts';
import type { Fact, UnknownFact } from '../verdict.ts';
import { assess, type Assessment } from './check-rule.ts';
import { memberOf, unknownOf, type Whose } from './gathered.ts';

/** What is known of a signer: something, or that there is nothing. */
export type KnownOf<Value> = Extract<Gathered<Value>, { state: 'known' | 'absent' }>;

/** What came of judging what is known of a signer. */
export interface SignerJudgement {
  /** Keys or identities by which the signer counts; undefined when it does not. Without any it counts by its name. */
  readonly by: readonly string[] | undefined;
  readonly fact: Fact;
  readonly changesAt?: readonly number[];
}

/**
 * Decides whether so many of some signers count. Each needs a key or an identity of its own, so that one person who answers to two
 * names counts once. Signers of whom nothing is known may still decide it; it is broken only when even they cannot.
 *
 * @param names in order, each once
 */
export function countSigners<Value>(
  names: readonly string[],
  atLeast: number,
  gathered: BySigner<Value> | undefined,
  what: EvidenceKind,
  judge: (signer: string, known: KnownOf<Value>) => SignerJudgement,
  whose: Whose = {},
): Assessment {
  const credentials: (readonly string[])[] = [];
  const support: Fact[] = [];
  const refused: Fact[] = [];
  const unknown: UnknownFact[] = [];
  const changesAt: number[] = [];
  for (const signer of names) {
    const member = memberOf(gathered, signer);
    const missing = unknownOf(member, what, { ...whose, signer });
    if (missing !== undefined) {
      unknown.push(missing);
      continue;
    }
    const judgement = judge(signer, member as KnownOf<Value>);
    changesAt.push(...(judgement.changesAt ?? []));
    if (judgement.by === undefined) refused.push(judgement.fact);
    else {
      // A space keeps names apart from keys and identities.
      credentials.push(judgement.by.length === 0 ? [` ${signer}`] : judgement.by);
      support.push(judgement.fact);
    }
  }
  const count = countDistinct(credentials);
  if (count >= atLeast) return assess({ support, changesAt });
  if (count + unknown.length >= atLeast) return assess({ unknown, changesAt });
  // Those who did sign are told where all did, since then it is their being one that breaks the rule.
  return assess({ violations: refused.length > 0 ? refused : support, changesAt });
}

/** The signers of a set, in order and each once. @throws PolicyError for sets within it */
export function plainNames({ signers }: SignerSet): readonly string[] {
  const names = signers.filter((choice) => typeof choice === 'string');
  if (names.length < signers.length) {
    throw new PolicyError('POLICY_INVALID', 'Sets of signers within sets cannot be used yet; name signers');
  }
  return [...new Set(names)].sort();
}

/**
 * The most signers that can each be given a credential of its own: a matching that grows by augmenting paths (Kuhn's method),
 * small enough for the few dozen that there may be.
 */
function countDistinct(credentials: readonly (readonly string[])[]): number {
  const holder = new Map<string, number>();
  const place = (signer: number, tried: Set<string>): boolean => {
    for (const credential of credentials[signer] ?? []) {
      if (tried.has(credential)) continue;
      tried.add(credential);
      const other = holder.get(credential);
      if (other === undefined || place(other, tried)) {
        holder.set(credential, signer);
        return true;
      }
    }
    return false;
  };
  return credentials.filter((_, signer) => place(signer, new Set())).length;
}
