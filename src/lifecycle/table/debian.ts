import type { Day, DistributionSupport, ReleaseSupport } from '../model.ts';
import { majorOf } from '../release-name.ts';

/** The security team's support, then that of Debian LTS, whose fixes come from the same repositories. */
function release(until: Day, lts?: Day): ReleaseSupport {
  return lts === undefined ? { until } : { until, extended: { until: lts, reaches: 'everybody' } };
}

/** Debian (https://wiki.debian.org/DebianReleases, https://wiki.debian.org/LTS). Testing has no number, and is not known. */
export const debian: DistributionSupport = {
  ids: ['debian'],
  releaseOf: ({ version }) => majorOf(version),
  releases: {
    '4': release('2010-02-15'),
    '5': release('2012-02-06'),
    '6': release('2014-05-31', '2016-02-29'),
    '7': release('2016-04-25', '2018-05-31'),
    '8': release('2018-06-17', '2020-06-30'),
    '9': release('2020-07-18', '2022-07-01'),
    '10': release('2022-09-10', '2024-06-30'),
    '11': release('2024-08-14', '2026-08-31'),
    '12': release('2026-07-11', '2028-06-30'),
    '13': release('2028-08-09', '2030-06-30'),
  },
};
