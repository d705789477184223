import type { Cataloger } from '../../cataloger.ts';
import { cutShortProblems } from '../cut-short.ts';
import { parseInstalled } from './parse.ts';

/** The second is where distributions that merged `/lib` into `/usr/lib` keep it. */
const paths: ReadonlySet<string> = new Set(['lib/apk/db/installed', 'usr/lib/apk/db/installed']);

/** Packages that apk installed: Alpine, Wolfi, Chainguard and their kin. */
export const apk: Cataloger = {
  id: 'apk',
  version: 3,
  wants: [...paths].map((path) => ({ path })),
  maxBytes: 64 * 1024 * 1024,
  essential: true,
  read(file) {
    if (!paths.has(file.path)) return { facts: [] };
    const { facts, problems = [] } = parseInstalled(file.bytes, file.path);
    return { facts, problems: [...problems, ...cutShortProblems(file.path, file.bytes)] };
  },
};
