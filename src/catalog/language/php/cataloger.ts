import type { Cataloger } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { parseInstalledJson } from './parse.ts';

/** PHP packages that Composer installed: the `composer/installed.json` that it keeps in the vendor folder. */
export const composer: Cataloger = {
  id: 'composer',
  version: 1,
  wants: [{ path: 'composer/installed.json' }],
  maxBytes: 32 * 1024 * 1024,
  read(file) {
    const { packages, unusable } = parseInstalledJson(file.bytes);
    return {
      facts: packages.map((found) => ({ kind: 'package', package: found })),
      problems: unusableEntries(file.path, unusable),
    };
  },
};
