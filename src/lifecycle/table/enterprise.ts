import type { DistributionSupport } from '../model.ts';
import { majorOf } from '../release-name.ts';

/**
 * Red Hat Enterprise Linux: its maintenance support (https://access.redhat.com/support/policy/updates/errata). Extended support is sold
 * for single releases, and no advisories of it are asked.
 */
export const rhel: DistributionSupport = {
  ids: ['rhel'],
  releaseOf: ({ version }) => majorOf(version),
  releases: {
    '4': { until: '2012-02-29' },
    '5': { until: '2017-03-31' },
    '6': { until: '2020-11-30' },
    '7': { until: '2024-06-30' },
    '8': { until: '2029-05-31' },
    '9': { until: '2032-05-31' },
    '10': { until: '2035-05-31' },
  },
};

/** CentOS Linux, and CentOS Stream, which calls itself by the same name and ends at other times (https://www.centos.org/cl-vs-cs/). */
export const centos: DistributionSupport = {
  ids: ['centos'],
  releaseOf: ({ version, prettyName = '' }) =>
    /\bstream\b/i.test(prettyName) ? `stream ${majorOf(version)}` : majorOf(version),
  releases: {
    '4': { until: '2012-02-29' },
    '5': { until: '2017-03-31' },
    '6': { until: '2020-11-30' },
    '7': { until: '2024-06-30' },
    '8': { until: '2021-12-31' },
    'stream 8': { until: '2024-05-31' },
    'stream 9': { until: '2027-05-31' },
    // The year alone was announced.
    'stream 10': { until: '2030-01-01' },
  },
};

/** AlmaLinux (https://wiki.almalinux.org/release-notes/). */
export const almalinux: DistributionSupport = {
  ids: ['almalinux'],
  releaseOf: ({ version }) => majorOf(version),
  releases: { '8': { until: '2029-03-01' }, '9': { until: '2032-05-31' }, '10': { until: '2035-05-31' } },
};

/** Rocky Linux (https://wiki.rockylinux.org/rocky/version/). */
export const rocky: DistributionSupport = {
  ids: ['rocky'],
  releaseOf: ({ version }) => majorOf(version),
  releases: { '8': { until: '2029-05-31' }, '9': { until: '2032-05-31' }, '10': { until: '2035-05-31' } },
};

/** Oracle Linux: Premier Support, whose ends are announced as months (https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf). */
export const oracle: DistributionSupport = {
  ids: ['ol'],
  releaseOf: ({ version }) => majorOf(version),
  releases: {
    '5': { until: '2017-06-30' },
    '6': { until: '2021-03-31' },
    '7': { until: '2024-12-31' },
    '8': { until: '2029-07-31' },
    '9': { until: '2032-06-30' },
    '10': { until: '2035-06-30' },
  },
};
