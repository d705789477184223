import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { isInstalledCopy } from '../installed-copy.ts';
import { lockLimits } from '../limits.ts';
import { parseBunLock } from './parse.ts';

/** npm packages of a project that Bun keeps: `bun.lock`, its form in text. */
export const bunLock: Cataloger = {
  id: 'bun-lock',
  version: 1,
  wants: [{ name: 'bun.lock' }],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    if (isInstalledCopy(file.path, 'node_modules')) return { facts: [] };
    return resultOf(file.path, parseBunLock(file.bytes));
  },
};
