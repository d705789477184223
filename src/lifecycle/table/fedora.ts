import type { DistributionSupport } from '../model.ts';
import { majorOf } from '../release-name.ts';

/** Fedora (https://docs.fedoraproject.org/en-US/releases/lifecycle/): each ends four weeks after the second release that follows it. */
export const fedora: DistributionSupport = {
  ids: ['fedora'],
  releaseOf: ({ version }) => majorOf(version),
  releases: {
    '20': { until: '2015-06-23' },
    '21': { until: '2015-12-01' },
    '22': { until: '2016-07-19' },
    '23': { until: '2016-12-20' },
    '24': { until: '2017-08-08' },
    '25': { until: '2017-12-12' },
    '26': { until: '2018-05-29' },
    '27': { until: '2018-11-30' },
    '28': { until: '2019-05-28' },
    '29': { until: '2019-11-26' },
    '30': { until: '2020-05-26' },
    '31': { until: '2020-11-24' },
    '32': { until: '2021-05-25' },
    '33': { until: '2021-11-30' },
    '34': { until: '2022-06-07' },
    '35': { until: '2022-12-13' },
    '36': { until: '2023-05-16' },
    '37': { until: '2023-12-05' },
    '38': { until: '2024-05-21' },
    '39': { until: '2024-11-26' },
    '40': { until: '2025-05-13' },
    '41': { until: '2025-12-15' },
    '42': { until: '2026-05-13' },
    '43': { until: '2026-12-09' },
    '44': { until: '2027-06-02' },
  },
};
