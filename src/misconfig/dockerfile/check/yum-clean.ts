import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { findUncleaned } from '../uncleaned.ts';

/** `yum install` whose cache stays in the layer. */
export const yumClean: Check<DockerfileDocument> = {
  info: dockerfileInfo('0015', 'purge-yum-package-cache', {
    severity: 'HIGH',
    title: "'yum clean all' missing",
    description:
      'What yum downloads stays in the layer, which makes the image larger for nothing; a later layer cannot take it out again.',
    resolution: "Add '&& yum clean all' to the RUN that installs, or mount a cache over /var/cache/yum.",
  }),
  find: (document) =>
    findUncleaned(document, {
      manager: 'yum',
      fills: new Set(['install', 'reinstall', 'localinstall', 'groupinstall']),
      cleans: new Set(['clean']),
      needsAll: true,
      // On newer systems, yum is a name of dnf.
      cleaners: ['yum', 'dnf'],
      caches: ['/var/cache/yum', '/var/cache/dnf'],
      advice: "'yum clean all'",
    }),
};
