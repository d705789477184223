import { compareSemver } from '../../../../version/semver-order.ts';
import { semver } from '../../../../version/semver.ts';
import { lastUse } from '../policy.ts';
import { compareText, type TagView } from '../repository-view.ts';
import type { TagOrder } from './model.ts';

const plainSemver = { foldCase: false, orderBuild: false };

/** Sorts tags newest first; tags that the order cannot place are left out. Equals are in the order of push, then of name. */
export function newestFirst(tags: readonly TagView[], order: TagOrder): readonly TagView[] {
  if (order === 'push') return tags.toSorted(byPush);
  if (order === 'pull') return tags.toSorted((a, b) => lastUse(b) - lastUse(a) || byPush(a, b));
  return tags
    .filter(({ tag }) => semver.isValid(tag.name))
    .sort((a, b) => compareSemver(b.tag.name, a.tag.name, plainSemver) || byPush(a, b));
}

function byPush(a: TagView, b: TagView): number {
  return b.tag.pushedAt - a.tag.pushedAt || compareText(a.tag.name, b.tag.name);
}
