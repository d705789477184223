import { printable } from '../../../base/printable.ts';
import type { Digest } from '../../../oci/digest.ts';
import { formatTime } from '../../../base/time-text.ts';
import type { ImmutableRules } from './compile.ts';
import type { CurrentTag, TagHold, TagVerdict } from './model.ts';

/** A tag that is to be written. */
export interface TagWrite {
  readonly repository: string;
  readonly tag: string;
  /** Where it points now; absent when there is no such tag. */
  readonly current?: CurrentTag | undefined;
  /** Where it shall point. */
  readonly next: Digest;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Judges a push to a tag. A new tag may always be made, and the digest that it has already be pushed again. To be asked in
 * the transaction that writes the tag, with what that transaction read: two pushes may race.
 */
export function judgeTagWrite(rules: ImmutableRules, write: TagWrite): TagVerdict {
  const { repository, tag, current, next, now } = write;
  if (current === undefined || current.digest === next) return { allowed: true };
  const hold = rules.holdOf(repository, tag, current.pushedAt, now);
  return hold === undefined
    ? { allowed: true }
    : deny(`Tag ${repository}:${tag} stays at ${current.digest}`, hold, 'push under another tag');
}

/** A tag that is to be removed. */
export type TagDelete = Omit<TagWrite, 'next'>;

/** Judges the removal of a tag, by a client or by retention, under the same conditions as {@link judgeTagWrite}. */
export function judgeTagDelete(rules: ImmutableRules, { repository, tag, current, now }: TagDelete): TagVerdict {
  if (current === undefined) return { allowed: true };
  const hold = rules.holdOf(repository, tag, current.pushedAt, now);
  return hold === undefined
    ? { allowed: true }
    : deny(`Tag ${repository}:${tag} stays`, hold, 'change the rule if it must go');
}

/** A manifest that is to be removed by its digest, with all tags that name it. */
export interface ManifestDelete {
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly { readonly name: string; readonly pushedAt: number }[];
  readonly now: number;
}

/** Judges the removal of a manifest: it stays as long as an immutable tag names it. */
export function judgeManifestDelete(rules: ImmutableRules, removal: ManifestDelete): TagVerdict {
  const { repository, digest, tags, now } = removal;
  for (const { name, pushedAt } of tags) {
    const hold = rules.holdOf(repository, name, pushedAt, now);
    if (hold !== undefined) {
      const what = `${digest} stays, since tag ${repository}:${name} names it`;
      return deny(what, hold, 'change the rule if it must go');
    }
  }
  return { allowed: true };
}

/** The clause that says which rule holds a tag and how long. */
export function describeHold({ rule, until }: TagHold): string {
  const end = until === undefined ? '' : ` until ${formatTime(until)}`;
  return `immutable${end} by rule "${rule}"`;
}

function deny(what: string, hold: TagHold, advice: string): TagVerdict {
  const wait = hold.until === undefined ? '' : ', or wait';
  return { allowed: false, ...hold, message: `${printable(what, 600)}: it is ${describeHold(hold)}; ${advice}${wait}` };
}
