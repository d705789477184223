import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { isInstalledCopy } from '../installed-copy.ts';
import { lockLimits } from '../limits.ts';
import { parseYarnLock } from './parse.ts';

/** npm packages of a project that Yarn keeps: `yarn.lock`. */
export const yarnLock: Cataloger = {
  id: 'yarn-lock',
  version: 1,
  wants: [{ name: 'yarn.lock' }],
  neighbours: ['package.json'],
  maxBytes: lockLimits.bytes,
  essential: true,
  read(file) {
    if (isInstalledCopy(file.path, 'node_modules')) return { facts: [] };
    return resultOf(file.path, parseYarnLock(file.bytes, file.neighbour('package.json')));
  },
};
