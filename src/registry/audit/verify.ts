import { hashEntry, headOf, type ChainHead, type SealedEntry } from './chain.ts';

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
  | { readonly whole: true; readonly entries: number; readonly heads: readonly ChainHead[] }
  | { readonly whole: false; readonly broken: ChainBreak };

/** What is known of a trail besides its entries. */
export interface KnownHeads {
  /** Where each chain begins, when older entries were taken away on purpose; at its start when it is not named. */
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

/**
 * Verifies a trail as it is read: the entries of each chain in their order, chains in any mixture. Memory grows with the
 * number of chains alone.
 */
export async function verifyChains(
  entries: AsyncIterable<SealedEntry> | Iterable<SealedEntry>,
  known: KnownHeads = {},
): Promise<ChainVerdict> {
  const heads = new Map<string, ChainHead>((known.after ?? []).map((head) => [head.chain, head]));
  const expected = new Map<string, ChainHead>((known.expected ?? []).map((head) => [head.chain, head]));
  let index = 0;
  for await (const sealed of entries) {
    const { chain } = sealed;
    const head = heads.get(chain) ?? { chain, sequence: 0, hash: start };
    const fault = faultOf(head, sealed) ?? surprise(sealed, expected.get(chain), known.complete === true);
    if (fault !== undefined) return broken(chain, head.sequence + 1, index, fault);
    heads.set(chain, headOf(sealed));
    index += 1;
  }
  for (const { chain, sequence, hash } of expected.values()) {
    const head = heads.get(chain) ?? { chain, sequence: 0, hash: start };
    if (head.sequence < sequence) return broken(chain, head.sequence + 1, index, 'truncated');
    if (head.sequence === sequence && head.hash !== hash) return broken(chain, sequence, index, 'replaced');
  }
  return { whole: true, entries: index, heads: [...heads.values()] };
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

function broken(chain: string, sequence: number, index: number, fault: ChainFault): ChainVerdict {
  const message = `Chain ${chain} is broken at entry ${sequence}: ${sentences[fault]}. Compare it with an export or a backup`;
  return { whole: false, broken: { chain, sequence, index, fault, message } };
}
