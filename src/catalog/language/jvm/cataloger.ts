import type { Cataloger } from '../../cataloger.ts';
import { looksLikeJavaHome } from './java-home.ts';
import { parseRelease } from './parse.ts';

/** Java runtimes: the `release` file at the root of a JDK or JRE. */
export const jvmRelease: Cataloger = {
  id: 'jvm-release',
  version: 1,
  wants: [{ name: 'release' }],
  // Real ones have some kilobytes. Programs may be called so as well: they are read and found to be something else.
  maxBytes: 64 * 1024 * 1024,
  read(file) {
    const found = looksLikeJavaHome(file.path) ? parseRelease(file.bytes) : undefined;
    return { facts: found === undefined ? [] : [{ kind: 'package', package: found }] };
  },
};
