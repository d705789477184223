import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parsePoetryLock } from './parse.ts';

/** Python packages of a project that Poetry keeps: `poetry.lock`. */
export const poetryLock: Cataloger = {
  id: 'poetry-lock',
  version: 1,
  wants: [{ name: 'poetry.lock' }],
  neighbours: ['pyproject.toml'],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parsePoetryLock(file.bytes, file.neighbour('pyproject.toml')));
  },
};
