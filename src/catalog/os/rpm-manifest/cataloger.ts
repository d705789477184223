import type { Cataloger } from '../../cataloger.ts';
import { parseManifest } from './parse.ts';

const path = 'var/lib/rpmmanifest/container-manifest-2';

/** Packages of Azure Linux and CBL-Mariner images that were built without an rpm database. */
export const rpmManifest: Cataloger = {
  id: 'rpm-manifest',
  version: 2,
  wants: [{ path }],
  maxBytes: 16 * 1024 * 1024,
  essential: true,
  read(file) {
    return file.path === path ? parseManifest(file.bytes, file.path) : { facts: [] };
  },
};
