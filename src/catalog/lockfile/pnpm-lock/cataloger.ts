import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { isInstalledCopy } from '../installed-copy.ts';
import { lockLimits } from '../limits.ts';
import { parsePnpmLock } from './parse.ts';

/** npm packages of a project that pnpm keeps: `pnpm-lock.yaml`. */
export const pnpmLock: Cataloger = {
  id: 'pnpm-lock',
  version: 1,
  wants: [{ name: 'pnpm-lock.yaml' }],
  maxBytes: lockLimits.yaml,
  essential: true,
  readsEmpty: true,
  read(file) {
    if (isInstalledCopy(file.path, 'node_modules')) return { facts: [] };
    return resultOf(file.path, parsePnpmLock(file.bytes));
  },
};
