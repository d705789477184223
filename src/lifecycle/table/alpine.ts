import type { Distro } from '../../package/distro.ts';
import type { DistributionSupport } from '../model.ts';
import { minorOf } from '../release-name.ts';

/** Alpine (https://alpinelinux.org/releases/). The development branch, `edge`, has no end and no release, and is not known. */
export const alpine: DistributionSupport = {
  ids: ['alpine'],
  releaseOf: branchOf,
  releases: {
    '2.7': { until: '2015-11-01' },
    '3.0': { until: '2016-05-01' },
    '3.1': { until: '2016-11-01' },
    '3.2': { until: '2017-05-01' },
    '3.3': { until: '2017-11-01' },
    '3.4': { until: '2018-05-01' },
    '3.5': { until: '2018-11-01' },
    '3.6': { until: '2019-05-01' },
    '3.7': { until: '2019-11-01' },
    '3.8': { until: '2020-05-01' },
    '3.9': { until: '2020-11-01' },
    '3.10': { until: '2021-05-01' },
    '3.11': { until: '2021-11-01' },
    '3.12': { until: '2022-05-01' },
    '3.13': { until: '2022-11-01' },
    '3.14': { until: '2023-05-01' },
    '3.15': { until: '2023-11-01' },
    '3.16': { until: '2024-05-23' },
    '3.17': { until: '2024-11-22' },
    '3.18': { until: '2025-05-09' },
    '3.19': { until: '2025-11-01' },
    '3.20': { until: '2026-04-01' },
    '3.21': { until: '2026-11-01' },
    '3.22': { until: '2027-05-01' },
    '3.23': { until: '2027-11-01' },
    // By the project's rule of two years.
    '3.24': { until: '2028-05-01' },
  },
};

/**
 * The branch that fixes come from, told as where flaws are looked up: what `etc/apk/repositories` names counts more than the release
 * file, and the highest branch wins, since apk takes the newest package of any.
 */
function branchOf({ version, repositories = [] }: Distro): string {
  if (repositories.length === 0) return minorOf(version);
  if (repositories.includes('edge')) return '';
  const [highest = ''] = repositories
    .map((branch) => minorOf(branch.replace(/^v/, '')))
    .sort((a, b) => new Intl.Collator('en', { numeric: true }).compare(b, a));
  return highest;
}
