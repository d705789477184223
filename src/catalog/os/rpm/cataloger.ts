import { posix } from 'node:path';
import type { Cataloger } from '../../cataloger.ts';
import { parseRpmDatabase } from './parse.ts';

/** Fedora and SUSE use `usr/lib/sysimage`, systems built as images `usr/share`, the others `var/lib`. */
const folders: ReadonlySet<string> = new Set(['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm']);

/** Berkeley DB, NDB and SQLite by custom; the content decides. */
const names = ['Packages', 'Packages.db', 'rpmdb.sqlite'];

/** Packages that rpm installed: Red Hat, SUSE, Amazon, Azure Linux, Photon and their kin. */
export const rpm: Cataloger = {
  id: 'rpm',
  version: 2,
  wants: [...folders].flatMap((folder) => names.map((name) => ({ path: `${folder}/${name}` }))),
  maxBytes: 256 * 1024 * 1024,
  essential: true,
  siblings: ['-wal'],
  read(file) {
    if (!folders.has(posix.dirname(file.path))) return { facts: [] };
    return parseRpmDatabase(file.bytes, file.sibling('-wal'), file.path);
  },
};
