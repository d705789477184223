import type { Distro } from '../package/distro.ts';
import { distributions } from './list.ts';
import type { Day, ReleaseSupport } from './model.ts';

/** Milliseconds since 1970: from then on a release gets no more fixes. `open` where no end is set: it rolls on, or none was announced. */
export type SupportEnd = number | 'open';

/** When the release of an image stops getting fixes of flaws; undefined where the table does not know it, which says nothing. */
export function supportEnd(distro: Distro): SupportEnd | undefined {
  const known = distributions.find(({ ids }) => ids.includes(distro.id));
  if (known === undefined) return undefined;
  const { releases, releaseOf } = known;
  if (releases === 'rolling') return 'open';
  const release = releaseOf(distro);
  const support = Object.hasOwn(releases, release) ? releases[release] : undefined;
  if (support === undefined) return undefined;
  const last = lastDay(support, distro);
  return last === 'open' ? 'open' : endOf(last);
}

/** Whether it gets no more fixes at a time; undefined where that is not known. @param now milliseconds since 1970 */
export function isEndOfLife(distro: Distro, now: number): boolean | undefined {
  const end = supportEnd(distro);
  return end === undefined ? undefined : end !== 'open' && now >= end;
}

function lastDay({ until, extended }: ReleaseSupport, { esm }: Distro): Day | 'open' {
  if (extended === undefined) return until;
  return extended.reaches === 'everybody' || esm === true ? extended.until : until;
}

function endOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) + 86_400_000;
}
