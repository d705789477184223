import type { Cataloger } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { parseDepsJson } from './parse.ts';

/** NuGet packages of .NET applications and shared runtimes: the `NAME.deps.json` beside their assemblies. */
export const dotnetDeps: Cataloger = {
  id: 'dotnet-deps',
  version: 1,
  wants: [{ extension: '.deps.json' }],
  maxBytes: 32 * 1024 * 1024,
  read(file) {
    const { packages, unusable } = parseDepsJson(file.bytes);
    return {
      facts: packages.map((found) => ({ kind: 'package', package: found })),
      problems: unusableEntries(file.path, unusable),
    };
  },
};
