import { posix } from 'node:path';
import type { Cataloger } from '../../cataloger.ts';
import { parseFileList } from '../file-list.ts';
import { parseOpkg } from './parse.ts';

/** OpenWrt keeps its database in `usr/lib/opkg`, Yocto in `var/lib/opkg` and, before, in `lib/opkg`. */
const folders: readonly string[] = ['usr/lib/opkg', 'lib/opkg', 'var/lib/opkg'];

/** Packages that opkg installed, in OpenWrt and Yocto images. */
export const opkg: Cataloger = {
  id: 'opkg',
  version: 2,
  wants: folders.flatMap((folder) => [
    { path: `${folder}/status` },
    { directory: `${folder}/info`, extension: '.control' },
    { directory: `${folder}/info`, extension: '.list' },
  ]),
  maxBytes: 32 * 1024 * 1024,
  essential: true,
  read({ path, bytes }) {
    const directory = posix.dirname(path);
    if (folders.includes(directory)) return parseOpkg(bytes, path, false);
    if (!folders.some((folder) => directory === `${folder}/info`)) return { facts: [] };
    return path.endsWith('.list') ? parseFileList(bytes, path, 'opkg') : parseOpkg(bytes, path, true);
  },
};
