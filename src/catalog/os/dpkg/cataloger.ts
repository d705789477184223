import { posix } from 'node:path';
import type { Cataloger } from '../../cataloger.ts';
import { cutShortProblems } from '../cut-short.ts';
import { parseFileList, parseFileSums } from '../file-list.ts';
import { parseStatus, parseStatusFile } from './parse-status.ts';

const folder = 'var/lib/dpkg';

/**
 * Packages that dpkg installed, and those of images built without it that keep one file per package in `status.d`.
 *
 * Who owns a file is read from `.list`, which every installed package has and which names whatever its `.md5sums` names
 * and more (configuration files, links). In `status.d` there are no such lists, only sums.
 */
export const dpkg: Cataloger = {
  id: 'dpkg',
  version: 3,
  wants: [
    { path: `${folder}/status` },
    { directory: `${folder}/status.d` },
    { directory: `${folder}/info`, extension: '.list' },
  ],
  maxBytes: 64 * 1024 * 1024,
  essential: true,
  read({ path, bytes }) {
    if (path === `${folder}/status`) {
      const { facts, problems = [] } = parseStatus(bytes, path);
      return { facts, problems: [...problems, ...cutShortProblems(path, bytes)] };
    }
    const directory = posix.dirname(path);
    if (directory === `${folder}/info`) return parseFileList(bytes, path, 'deb');
    if (directory !== `${folder}/status.d`) return { facts: [] };
    return path.endsWith('.md5sums') ? parseFileSums(bytes, path, 'deb') : parseStatusFile(bytes, path);
  },
};
