import { rolling, type OsRule } from './rule.ts';

/**
 * Distributions that roll on without releases: their security data names origins, and the version of the package as it is
 * installed. Each speaks for itself.
 */
export const wolfi: OsRule = rollingApk('wolfi', 'Wolfi');
export const chainguard: OsRule = rollingApk('chainguard', 'Chainguard');
export const minimos: OsRule = rollingApk('minimos', 'MinimOS');

function rollingApk(id: string, ecosystem: string): OsRule {
  return { id, distros: [id], packageType: 'apk', ecosystem, name: 'source', version: 'binary', releases: rolling };
}
