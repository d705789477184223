import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { isInstalledCopy } from '../installed-copy.ts';
import { lockLimits } from '../limits.ts';
import { parseComposerLock } from './parse.ts';

/** PHP packages of a project: `composer.lock`. */
export const composerLock: Cataloger = {
  id: 'composer-lock',
  version: 1,
  wants: [{ name: 'composer.lock' }],
  neighbours: ['composer.json'],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    if (isInstalledCopy(file.path, 'vendor')) return { facts: [] };
    return resultOf(file.path, parseComposerLock(file.bytes, file.neighbour('composer.json')));
  },
};
