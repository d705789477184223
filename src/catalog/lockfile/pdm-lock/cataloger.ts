import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parsePdmLock } from './parse.ts';

/** Python packages of a project that PDM keeps: `pdm.lock`. */
export const pdmLock: Cataloger = {
  id: 'pdm-lock',
  version: 1,
  wants: [{ name: 'pdm.lock' }],
  neighbours: ['pyproject.toml'],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parsePdmLock(file.bytes, file.neighbour('pyproject.toml')));
  },
};
