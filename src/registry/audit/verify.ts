import { hashEntry, headOf, type ChainHead, type SealedEntry } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import { auditLimits } from './limits.ts';

/** What can be wrong with a chain. */
export type ChainFault =
  /** An entry is missing, is there twice, or stands in the wrong place. */
  | 'order'
  /** It does not go on from the entry before. */
  | 'link'
  /** It was changed after it was written. */
  | 'content'
  /** The chain ends before the head that it is known to have. */
  | 'truncated'
  /** The chain has another entry where its head is known. */
  | 'replaced'
  /** Entries are there after the head, or of a chain that should not be there. */
  | 'unexpected';

/** The first place where a trail is broken. */
export interface ChainBreak {
  readonly chain: string;
  /** The sequence that was due there. */
  readonly sequence: number;
  /** How many entries of the trail were read before it. */
  readonly index: number;
  readonly fault: ChainFault;
  /** One sentence. */
  readonly message: string;
}

/** What verifying a trail found. */
export type ChainVerdict =
  | {
      readonly whole: true;
      readonly entries: number;
      readonly heads: readonly ChainHead[];
      /** Entries that were older than this were let go, as the trail itself says; milliseconds since 1970. */
      readonly letGoBefore?: number;
    }
  | BrokenTrail;

/** That a trail is not whole. */
export interface BrokenTrail {
  readonly whole: false;
  readonly broken: ChainBreak;
}

/** What is known of a trail besides its entries. */
export interface KnownHeads {
  /** Where each chain begins, when older entries lie elsewhere; where the trail says when it is not named. */
  readonly after?: readonly ChainHead[] | undefined;
  /**
   * Where each chain ended when that was written down. Without this, entries missing from an end cannot be noticed. A chain
   * may have gone on since.
   */
  readonly expected?: readonly ChainHead[] | undefined;
  /** True when no chain may have gone on beyond what is expected, and none may be there that is not. */
  readonly complete?: boolean | undefined;
}

const start = '0'.repeat(64);

/** The first entry of a chain that does not begin at its start. */
interface LateStart {
  readonly chain: string;
  readonly index: number;
  readonly time: number;
}

/**
 * Verifies a trail as it is read: the entries of each chain in their order, chains in any mixture. Memory grows with the
 * number of chains alone.
 *
 * A chain may lack its beginning where that was let go for its age (see `expireAudit`): an entry of the trail says of which time,
 * and the first entry that is left is older than that. Its hash is what the next one goes on from, so nobody can give it another
 * time; and it came after all that is missing before it. So what is younger cannot be missing, wherever it stood.
 */
export async function verifyChains(
  entries: AsyncIterable<SealedEntry> | Iterable<SealedEntry>,
  known: KnownHeads = {},
): Promise<ChainVerdict> {
  const heads = new Map<string, ChainHead>((known.after ?? []).map((head) => [head.chain, head]));
  const expected = new Map<string, ChainHead>((known.expected ?? []).map((head) => [head.chain, head]));
  const late: LateStart[] = [];
  let letGo: number | undefined;
  let found: BrokenTrail | undefined;
  let index = 0;
  for await (const sealed of entries) {
    letGo = laterOf(letGo, letGoBy(sealed.entry));
    // What comes after a break only tells which beginnings may be missing.
    if (found !== undefined) continue;
    const { chain } = sealed;
    const before = heads.get(chain);
    if (before === undefined && sealed.sequence > 1) late.push({ chain, index, time: sealed.entry.time });
    const head = before ?? headBefore(sealed);
    const fault = faultOf(head, sealed) ?? surprise(sealed, expected.get(chain), known.complete === true);
    if (fault !== undefined) found = broken(chain, head.sequence + 1, index, fault);
    heads.set(chain, headOf(sealed));
    index += 1;
  }
  const missing = late.find(({ time }) => letGo === undefined || time >= letGo);
  if (missing !== undefined) return broken(missing.chain, 1, missing.index, 'order');
  if (found !== undefined) return found;
  for (const { chain, sequence, hash } of expected.values()) {
    const head = heads.get(chain) ?? { chain, sequence: 0, hash: start };
    if (head.sequence < sequence) return broken(chain, head.sequence + 1, index, 'truncated');
    if (head.sequence === sequence && head.hash !== hash) return broken(chain, sequence, index, 'replaced');
  }
  const whole = { whole: true, entries: index, heads: [...heads.values()] } as const;
  return letGo === undefined ? whole : { ...whole, letGoBefore: letGo };
}

/** Where the first entry of a chain says that it goes on from. */
function headBefore({ chain, sequence, previous }: SealedEntry): ChainHead {
  return sequence > 1 ? { chain, sequence: sequence - 1, hash: previous } : { chain, sequence: 0, hash: start };
}

/** What an entry says of older ones that were let go; one that says so of young ones says it in vain. */
function letGoBy({ action, outcome, actor, time, before }: AuditEntry): number | undefined {
  if (action !== 'audit-expiry' || outcome !== 'done' || actor.kind !== 'system' || before === undefined)
    return undefined;
  return before <= time - auditLimits.leastKept ? before : undefined;
}

function laterOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function faultOf(head: ChainHead, sealed: SealedEntry): ChainFault | undefined {
  if (sealed.sequence !== head.sequence + 1) return 'order';
  if (sealed.previous !== head.hash) return 'link';
  return sealed.hash === hashEntry(sealed, sealed.entry) ? undefined : 'content';
}

function surprise(sealed: SealedEntry, expected: ChainHead | undefined, complete: boolean): ChainFault | undefined {
  if (expected === undefined) return complete ? 'unexpected' : undefined;
  if (sealed.sequence === expected.sequence && sealed.hash !== expected.hash) return 'replaced';
  return complete && sealed.sequence > expected.sequence ? 'unexpected' : undefined;
}

const sentences: Readonly<Record<ChainFault, string>> = {
  order: 'another entry stands there: one is missing, doubled or moved',
  link: 'the entry there does not go on from the one before',
  content: 'the entry there was changed',
  truncated: 'the chain ends before it, though more was written',
  replaced: 'another entry stands there than the one that was written down',
  unexpected: 'the entry there should not be there',
};

function broken(chain: string, sequence: number, index: number, fault: ChainFault): BrokenTrail {
  const message = `Chain ${chain} is broken at entry ${sequence}: ${sentences[fault]}. Compare it with an export or a backup`;
  return { whole: false, broken: { chain, sequence, index, fault, message } };
}
