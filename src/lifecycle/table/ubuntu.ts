import type { Day, DistributionSupport, ReleaseSupport } from '../model.ts';
import { minorOf } from '../release-name.ts';

/** Standard support, then Expanded Security Maintenance for those who are attached to Ubuntu Pro. */
function longTerm(until: Day, esm: Day): ReleaseSupport {
  return { until, extended: { until: esm, reaches: 'esm' } };
}

/** Ubuntu (https://ubuntu.com/about/release-cycle, and Debian's and Ubuntu's own package `distro-info-data`). */
export const ubuntu: DistributionSupport = {
  ids: ['ubuntu'],
  releaseOf: ({ version }) => minorOf(version),
  releases: {
    '10.04': { until: '2015-04-30' },
    '12.04': longTerm('2017-04-28', '2019-04-26'),
    '12.10': { until: '2014-05-16' },
    '13.04': { until: '2014-01-27' },
    '13.10': { until: '2014-07-17' },
    '14.04': longTerm('2019-04-25', '2024-04-25'),
    '14.10': { until: '2015-07-23' },
    '15.04': { until: '2016-02-04' },
    '15.10': { until: '2016-07-28' },
    '16.04': longTerm('2021-04-30', '2026-04-23'),
    '16.10': { until: '2017-07-20' },
    '17.04': { until: '2018-01-13' },
    '17.10': { until: '2018-07-19' },
    '18.04': longTerm('2023-05-31', '2028-04-26'),
    '18.10': { until: '2019-07-18' },
    '19.04': { until: '2020-01-23' },
    '19.10': { until: '2020-07-17' },
    '20.04': longTerm('2025-05-31', '2030-04-23'),
    '20.10': { until: '2021-07-22' },
    '21.04': { until: '2022-01-20' },
    '21.10': { until: '2022-07-14' },
    '22.04': longTerm('2027-06-01', '2032-04-09'),
    '22.10': { until: '2023-07-20' },
    '23.04': { until: '2024-01-25' },
    '23.10': { until: '2024-07-12' },
    '24.04': longTerm('2029-05-31', '2034-04-25'),
    '24.10': { until: '2025-07-10' },
    '25.04': { until: '2026-01-17' },
    '25.10': { until: '2026-07-09' },
    '26.04': longTerm('2031-05-29', '2036-04-23'),
    // By the rule of nine months.
    '26.10': { until: '2027-07-15' },
  },
};
