import type { Cataloger } from '../../cataloger.ts';
import { isPackageManifest } from './package-root.ts';
import { parsePackageJson } from './parse.ts';

/**
 * Installed Node packages: the `package.json` at each package's root, wherever it lies in the image.
 *
 * Outside of any `node_modules` a manifest counts as well when it has a name and a version: that is the application
 * itself, npm as Debian and Alpine ship it, and everything below Debian's `usr/share/nodejs`.
 */
export const npm: Cataloger = {
  id: 'npm',
  version: 1,
  wants: [{ name: 'package.json' }],
  maxBytes: 8 * 1024 * 1024,
  read(file) {
    if (!isPackageManifest(file.path)) return { facts: [] };
    const found = parsePackageJson(file.bytes);
    return { facts: found === undefined ? [] : [{ kind: 'package', package: found }] };
  },
};
