import type { Cataloger } from '../../cataloger.ts';
import { isInstalledCopy } from '../installed-copy.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parsePackageLock } from './parse.ts';

/** npm packages of a project: `package-lock.json`, or the `npm-shrinkwrap.json` that is published with a package. */
export const packageLock: Cataloger = {
  id: 'package-lock',
  version: 1,
  wants: [{ name: 'package-lock.json' }, { name: 'npm-shrinkwrap.json' }],
  neighbours: ['package.json'],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    if (isInstalledCopy(file.path, 'node_modules')) return { facts: [] };
    return resultOf(file.path, parsePackageLock(file.bytes, file.neighbour('package.json')));
  },
};
