import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseUvLock } from './parse.ts';

/** Python packages of a project that uv keeps: `uv.lock`. */
export const uvLock: Cataloger = {
  id: 'uv-lock',
  version: 1,
  wants: [{ name: 'uv.lock' }],

  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parseUvLock(file.bytes));
  },
};
