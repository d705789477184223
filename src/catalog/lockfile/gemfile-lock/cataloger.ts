import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseGemfileLock } from './parse.ts';

/** Ruby gems of a project that Bundler keeps: `Gemfile.lock`, or `gems.locked`. */
export const gemfileLock: Cataloger = {
  id: 'gemfile-lock',
  version: 1,
  wants: [{ name: 'Gemfile.lock' }, { name: 'gems.locked' }],

  maxBytes: lockLimits.lines,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parseGemfileLock(file.bytes));
  },
};
