import type { DistributionSupport } from '../model.ts';
import { majorOf } from '../release-name.ts';

/** Amazon Linux (https://aws.amazon.com/linux/). The first one was numbered by years and months. */
export const amazon: DistributionSupport = {
  ids: ['amzn'],
  releaseOf({ version }) {
    const major = majorOf(version);
    return /^201[0-8]$/.test(major) ? '1' : major;
  },
  releases: { '1': { until: '2023-12-31' }, '2': { until: '2026-06-30' }, '2023': { until: '2029-06-30' } },
};

/** Photon OS (https://github.com/vmware/photon/wiki). */
export const photon: DistributionSupport = {
  ids: ['photon'],
  releaseOf: ({ version }) => majorOf(version),
  releases: {
    '1': { until: '2022-02-28' },
    '2': { until: '2022-12-01' },
    '3': { until: '2025-10-02' },
    '4': { until: '2027-10-11' },
    '5': { until: 'open' },
  },
};

/** Azure Linux, which was CBL-Mariner (https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle). */
export const azure: DistributionSupport = {
  ids: ['azurelinux', 'mariner'],
  releaseOf: ({ version }) => majorOf(version),
  releases: { '1': { until: '2023-08-31' }, '2': { until: '2025-07-31' }, '3': { until: '2027-08-31' } },
};

/** Wolfi and Chainguard's images are built anew each day. */
export const wolfi: DistributionSupport = { ids: ['wolfi', 'chainguard'], releaseOf: () => '', releases: 'rolling' };
