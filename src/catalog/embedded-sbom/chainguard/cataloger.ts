import type { Cataloger } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { parseApkDocument } from './parse.ts';

/** The SBOMs that packages of Wolfi and Chainguard bring along: `/var/lib/db/sbom/NAME-VERSION.spdx.json`. */
export const embeddedSbom: Cataloger = {
  id: 'embedded-sbom',
  version: 1,
  wants: [{ directory: 'var/lib/db/sbom', extension: '.spdx.json' }],
  maxBytes: 32 * 1024 * 1024,
  read(file) {
    const { facts, unusable } = parseApkDocument(file.bytes);
    return { facts, problems: unusableEntries(file.path, unusable) };
  },
};
