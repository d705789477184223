import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { findUncleaned } from '../uncleaned.ts';

/** zypper whose cache stays in the layer. */
export const zypperClean: Check<DockerfileDocument> = {
  info: dockerfileInfo('0020', 'purge-zipper-cache', {
    severity: 'HIGH',
    title: "'zypper clean' missing",
    description:
      'What zypper downloads stays in the layer, which makes the image larger for nothing; a later layer cannot take it out again.',
    resolution: "Add '&& zypper clean' to the RUN that installs, or mount a cache over /var/cache/zypp.",
  }),
  find: (document) =>
    findUncleaned(document, {
      manager: 'zypper',
      fills: new Set(['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch']),
      cleans: new Set(['clean', 'cc']),
      needsAll: false,
      cleaners: ['zypper'],
      caches: ['/var/cache/zypp'],
      advice: "'zypper clean'",
    }),
};
