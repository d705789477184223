import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseNugetLock } from './parse.ts';

/** .NET packages of a project: `packages.lock.json`. */
export const nugetLock: Cataloger = {
  id: 'nuget-lock',
  version: 1,
  wants: [{ name: 'packages.lock.json' }],

  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parseNugetLock(file.bytes));
  },
};
