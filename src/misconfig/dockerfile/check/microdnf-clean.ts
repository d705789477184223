import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { findUncleaned } from '../uncleaned.ts';

/** `microdnf install` whose cache stays in the layer. */
export const microdnfClean: Check<DockerfileDocument> = {
  info: dockerfileInfo('0027', 'purge-microdnf-package-cache', {
    severity: 'HIGH',
    title: "'microdnf clean all' missing",
    description:
      'What microdnf downloads stays in the layer, which makes the image larger for nothing; a later layer cannot take it out again.',
    resolution: "Add '&& microdnf clean all' to the RUN that installs, or mount a cache over /var/cache/yum.",
  }),
  find: (document) =>
    findUncleaned(document, {
      manager: 'microdnf',
      fills: new Set(['install', 'reinstall']),
      cleans: new Set(['clean']),
      needsAll: true,
      cleaners: ['microdnf'],
      caches: ['/var/cache/yum', '/var/cache/dnf', '/var/cache/libdnf5'],
      advice: "'microdnf clean all'",
    }),
};
