import type { BySigner, EvidenceKind, Gathered } from '../evidence.ts';
import type { SignerSet } from '../model.ts';
import type { Fact, UnknownFact } from '../verdict.ts';
import { assess, type Assessment } from './check-rule.ts';
import { memberOf, unknownOf, type Whose } from './gathered.ts';
import { isMet } from './signer-set/is-met.ts';
import { signerNamesOf } from './signer-set/names.ts';

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
 * Decides whether so many of some signers count. Each needs a key or an identity of its own within the whole set, so that one person who
 * answers to two names counts once. Signers of whom nothing is known may still decide it; it is broken only when even they cannot.
 */
export function countSigners<Value>(
  set: SignerSet,
  gathered: BySigner<Value> | undefined,
  what: EvidenceKind,
  judge: (signer: string, known: KnownOf<Value>) => SignerJudgement,
  whose: Whose = {},
): Assessment {
  const credentials = new Map<string, readonly string[]>();
  const open = new Set<string>();
  const support: Fact[] = [];
  const refused: Fact[] = [];
  const unknown: UnknownFact[] = [];
  const changesAt: number[] = [];
  for (const signer of signerNamesOf(set)) {
    const member = memberOf(gathered, signer);
    const missing = unknownOf(member, what, { ...whose, signer });
    if (missing !== undefined) {
      unknown.push(missing);
      open.add(signer);
      continue;
    }
    const judgement = judge(signer, member as KnownOf<Value>);
    changesAt.push(...(judgement.changesAt ?? []));
    if (judgement.by === undefined) refused.push(judgement.fact);
    else {
      // A space keeps names apart from keys and identities.
      credentials.set(signer, judgement.by.length === 0 ? [` ${signer}`] : judgement.by);
      support.push(judgement.fact);
    }
  }
  if (isMet(set, credentials)) return assess({ support, changesAt });
  if (unknown.length > 0 && isMet(set, credentials, open)) return assess({ unknown, changesAt });
  // Those who did sign are told where all did, since then it is their being one that breaks the rule.
  return assess({ violations: refused.length > 0 ? refused : support, changesAt });
}
