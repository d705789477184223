import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseGoMod } from './parse.ts';

/** Go modules that a project is built from: `go.mod`. */
export const goMod: Cataloger = {
  id: 'go-mod',
  version: 1,
  wants: [{ name: 'go.mod' }],
  neighbours: ['go.sum'],
  maxBytes: lockLimits.lines,
  essential: true,
  read(file) {
    return resultOf(file.path, parseGoMod(file.bytes, file.neighbour('go.sum')));
  },
};
