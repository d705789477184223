import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseRequirements } from './parse.ts';

/** Python packages that pip is to install: `requirements.txt`, as far as versions are pinned. */
export const requirements: Cataloger = {
  id: 'requirements',
  version: 1,
  wants: [{ name: 'requirements.txt' }],

  maxBytes: lockLimits.lines,
  essential: true,
  read(file) {
    return resultOf(file.path, parseRequirements(file.bytes));
  },
};
