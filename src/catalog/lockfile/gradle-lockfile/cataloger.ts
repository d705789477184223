import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseGradleLockfile } from './parse.ts';

/** Java libraries of a project that Gradle keeps: `gradle.lockfile`, `buildscript-gradle.lockfile`. */
export const gradleLockfile: Cataloger = {
  id: 'gradle-lockfile',
  version: 1,
  wants: [{ name: 'gradle.lockfile' }, { name: 'buildscript-gradle.lockfile' }],

  maxBytes: lockLimits.lines,
  essential: true,
  read(file) {
    return resultOf(file.path, parseGradleLockfile(file.bytes));
  },
};
