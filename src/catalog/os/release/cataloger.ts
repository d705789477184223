import { posix } from 'node:path';
import type { Cataloger, CatalogResult } from '../../cataloger.ts';
import { toDistro } from './distro.ts';
import type { ReleaseFields } from './distro.ts';
import {
  parseAlpineRelease,
  parseDebianVersion,
  parseLsbRelease,
  parseOsRelease,
  parseProStatus,
  parseRepositories,
} from './parse.ts';
import { parsePlatformName } from './platform-name.ts';
import { parseReleaseLine, parseSuseRelease } from './release-line.ts';

/** How far a file is believed, and how it is read. */
interface ReleaseFile {
  readonly rank: number;
  parse(text: string): ReleaseFields | undefined;
}

/**
 * Release files by path. A distribution's own file comes before those that derived ones carry as well: CentOS has a
 * `redhat-release`, Ubuntu a `debian_version`.
 */
const files: ReadonlyMap<string, ReleaseFile> = new Map([
  ['etc/os-release', { rank: 0, parse: parseOsRelease }],
  ['usr/lib/os-release', { rank: 1, parse: parseOsRelease }],
  ['etc/almalinux-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/alma-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/rocky-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/oracle-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/centos-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/fedora-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/photon-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/mariner-release', { rank: 10, parse: parseReleaseLine }],
  ['etc/SuSE-release', { rank: 10, parse: parseSuseRelease }],
  ['etc/alpine-release', { rank: 11, parse: parseAlpineRelease }],
  ['etc/lsb-release', { rank: 12, parse: parseLsbRelease }],
  ['etc/redhat-release', { rank: 13, parse: parseReleaseLine }],
  ['etc/system-release', { rank: 14, parse: parseReleaseLine }],
  ['usr/lib/system-release', { rank: 15, parse: parseReleaseLine }],
  ['etc/system-release-cpe', { rank: 16, parse: parsePlatformName }],
  ['usr/lib/system-release-cpe', { rank: 17, parse: parsePlatformName }],
  ['etc/debian_version', { rank: 18, parse: parseDebianVersion }],
]);

const proStatus = 'var/lib/ubuntu-advantage/status.json';
const repositories = 'etc/apk/repositories';
const repositoryFolder = 'etc/apk/repositories.d';

/**
 * What names the distribution's release. Only files at the root of the image count: the same file elsewhere belongs to
 * another root kept inside it.
 */
export const release: Cataloger = {
  id: 'release',
  version: 1,
  wants: [
    ...[...files.keys(), proStatus, repositories].map((path) => ({ path })),
    { directory: repositoryFolder, extension: '.list' },
  ],
  maxBytes: 4 * 1024 * 1024,
  read({ path, bytes }): CatalogResult {
    if (path === proStatus) return { facts: parseProStatus(bytes, 20) };
    const text = bytes.toString('utf8');
    if (path === repositories || posix.dirname(path) === repositoryFolder) return { facts: parseRepositories(text) };
    const file = files.get(path);
    const fields = file?.parse(text);
    const distro = fields === undefined ? undefined : toDistro(fields);
    if (file === undefined || distro === undefined) return { facts: [] };
    return { facts: [{ kind: 'release', rank: file.rank, distro }] };
  },
};
