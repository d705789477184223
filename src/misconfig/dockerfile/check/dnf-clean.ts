import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { findUncleaned } from '../uncleaned.ts';

/** `dnf install` whose cache stays in the layer. */
export const dnfClean: Check<DockerfileDocument> = {
  info: dockerfileInfo('0019', 'purge-dnf-package-cache', {
    severity: 'HIGH',
    title: "'dnf clean all' missing",
    description:
      'What dnf downloads stays in the layer, which makes the image larger for nothing; a later layer cannot take it out again.',
    resolution: "Add '&& dnf clean all' to the RUN that installs, or mount a cache over /var/cache/dnf.",
  }),
  find: (document) =>
    findUncleaned(document, {
      manager: 'dnf',
      fills: new Set(['install', 'reinstall', 'localinstall', 'groupinstall']),
      cleans: new Set(['clean']),
      needsAll: true,
      cleaners: ['dnf', 'yum'],
      caches: ['/var/cache/dnf', '/var/cache/libdnf5'],
      advice: "'dnf clean all'",
    }),
};
