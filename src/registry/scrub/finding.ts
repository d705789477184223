import type { Digest } from '../../oci/digest.ts';

/** What may be wrong between records and bytes. */
export type FindingKind =
  /** A repository has a blob or manifest whose bytes are not there. */
  | 'bytes-missing'
  /** Its bytes are there, and are more or fewer than they should be. */
  | 'bytes-wrong-size'
  /** Its bytes have another digest than its name. */
  | 'bytes-wrong'
  /** It was found to be damaged before, and was not pushed since. */
  | 'still-damaged'
  /** It was found to be damaged before, and is whole. */
  | 'whole-again'
  /** Bytes in the blob store that nothing knows. */
  | 'bytes-orphaned'
  /** A repository has a blob or manifest of which nothing else is recorded. */
  | 'record-missing'
  /** A manifest that cannot be read as one. */
  | 'manifest-unreadable'
  /** It is not recorded that a manifest names something, so that garbage collection would take it. */
  | 'link-missing'
  /** A manifest names something that its repository has not. */
  | 'target-missing';

/** One thing that is wrong. Plain data. */
export interface Finding {
  readonly kind: FindingKind;
  readonly digest: Digest;
  /** Where one is concerned. */
  readonly repository?: string;
  /** Repositories that have it, the first of them, where the bytes of a blob are concerned. */
  readonly holders?: readonly string[];
  /** What a manifest names, where that is the matter. */
  readonly target?: Digest;
  /** Bytes that there should be, or that are too many. */
  readonly size?: number;
  /** Whether it was mended, as far as that goes without the bytes. */
  readonly repaired: boolean;
  /** What to do, as a sentence. */
  readonly advice: string;
}

/** Kinds that a repair mends by itself; with the others, bytes or a decision are missing. */
const mendable: ReadonlySet<FindingKind> = new Set(['whole-again', 'bytes-orphaned', 'link-missing', 'target-missing']);

/** Whether nothing is left to do about a finding. */
export function isMended({ kind, repaired }: Pick<Finding, 'kind' | 'repaired'>): boolean {
  return repaired && mendable.has(kind);
}

const pushAgain = 'Push an image with this content again, or copy it from where it is whole';

/** What to do about each. */
export const advices: Readonly<Record<FindingKind, readonly [found: string, repaired: string]>> = {
  'bytes-missing': [`${pushAgain}; repair first, so that clients see that it is missing`, pushAgain],
  'bytes-wrong-size': [`${pushAgain}; repair first, so that clients see that it is missing`, pushAgain],
  'bytes-wrong': [`${pushAgain}; repair first, so that clients see that it is missing`, pushAgain],
  'still-damaged': [pushAgain, pushAgain],
  'whole-again': ['Repair to show it to clients again', 'Nothing: clients see it again'],
  'bytes-orphaned': [
    'Repair to remove them, if this is the database that belongs to them',
    'Nothing: they are removed',
  ],
  'record-missing': [`${pushAgain}; the database lost a row, so look at its disk`, pushAgain],
  'manifest-unreadable': ['Delete the manifest, and push the image again', 'Push the image again'],
  'link-missing': ['Repair, before garbage is collected', 'Nothing: it is recorded again'],
  'target-missing': ['Push the image again, or delete this manifest', 'Nothing: the repository has it again'],
};
