import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parsePipfileLock } from './parse.ts';

/** Python packages of a project that Pipenv keeps: `Pipfile.lock`. */
export const pipfileLock: Cataloger = {
  id: 'pipfile-lock',
  version: 1,
  wants: [{ name: 'Pipfile.lock' }],

  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parsePipfileLock(file.bytes));
  },
};
