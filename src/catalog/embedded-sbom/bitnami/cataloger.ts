import type { Cataloger } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { parseBitnamiDocument } from './parse.ts';

/** Components of Bitnami's images: `.spdx-NAME.spdx` in each component's folder below `/opt/bitnami`, SPDX in JSON. */
export const bitnami: Cataloger = {
  id: 'bitnami',
  version: 1,
  wants: [{ extension: '.spdx' }],
  maxBytes: 32 * 1024 * 1024,
  read(file) {
    if (!/(?:^|\/)opt\/bitnami\/(?:.+\/)?\.spdx-[^/]+\.spdx$/.test(file.path)) return { facts: [] };
    const { facts, unusable } = parseBitnamiDocument(file.bytes, file.path);
    return { facts, problems: unusableEntries(file.path, unusable) };
  },
};
