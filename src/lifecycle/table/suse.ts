import type { DistributionSupport } from '../model.ts';
import { minorOf } from '../release-name.ts';

/** SUSE Linux Enterprise: general support of each service pack (https://www.suse.com/lifecycle). No advisories of LTSS are asked. */
export const sles: DistributionSupport = {
  ids: ['sles', 'sled'],
  // Before its first service pack, a release calls itself `15`.
  releaseOf: ({ version }) => (/^\d+$/.test(version) ? `${version}.0` : minorOf(version)),
  releases: {
    '11.0': { until: '2010-12-31' },
    '11.1': { until: '2012-08-31' },
    '11.2': { until: '2014-01-31' },
    '11.3': { until: '2016-01-31' },
    '11.4': { until: '2019-03-31' },
    '12.0': { until: '2016-06-30' },
    '12.1': { until: '2017-05-31' },
    '12.2': { until: '2018-03-31' },
    '12.3': { until: '2019-06-30' },
    '12.4': { until: '2020-06-30' },
    '12.5': { until: '2024-10-31' },
    '15.0': { until: '2019-12-31' },
    '15.1': { until: '2021-01-31' },
    '15.2': { until: '2021-12-31' },
    '15.3': { until: '2022-12-31' },
    '15.4': { until: '2023-12-31' },
    '15.5': { until: '2024-12-31' },
    '15.6': { until: '2025-12-31' },
    '15.7': { until: '2031-07-31' },
    '16.0': { until: '2027-11-30' },
  },
};

/** openSUSE Leap, and the releases before it (https://en.opensuse.org/Lifetime). */
export const leap: DistributionSupport = {
  ids: ['opensuse-leap', 'opensuse'],
  releaseOf: ({ version }) => minorOf(version),
  releases: {
    '13.1': { until: '2016-02-03' },
    '13.2': { until: '2017-01-17' },
    '42.1': { until: '2017-05-17' },
    '42.2': { until: '2018-01-26' },
    '42.3': { until: '2019-07-01' },
    '15.0': { until: '2019-12-03' },
    '15.1': { until: '2021-02-02' },
    '15.2': { until: '2022-01-04' },
    '15.3': { until: '2022-12-31' },
    '15.4': { until: '2023-12-07' },
    '15.5': { until: '2024-12-31' },
    '15.6': { until: '2026-04-30' },
    '16.0': { until: '2027-10-31' },
  },
};

/** openSUSE Tumbleweed. */
export const tumbleweed: DistributionSupport = {
  ids: ['opensuse-tumbleweed'],
  releaseOf: () => '',
  releases: 'rolling',
};
