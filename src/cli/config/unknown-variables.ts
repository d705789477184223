import { environmentName } from './setting.ts';
import { suggest } from '../../base/suggest.ts';
import { settingKeys, settingTable } from './table.ts';

const prefix = 'SEAWORTHY_';
/** Variables that are no settings: the file that holds them, the password, and what benches read. */
const others = ['SEAWORTHY_CONFIG', 'SEAWORTHY_PASSWORD', 'SEAWORTHY_BENCH_IMAGE'];

/**
 * Sentences about variables that look like settings and are none: a gate that somebody meant to set must not stay open
 * for a letter. They are no errors, since newer versions may know more variables than this one.
 */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([...settingKeys.map((key) => environmentName(settingTable[key].flag)), ...others]);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.has(name))
    .sort()
    .map((name) => {
      const near = suggest(
        name.slice(prefix.length),
        [...known].map((each) => each.slice(prefix.length)),
      );
      const meant = near === undefined ? '' : ` (did you mean ${prefix}${near}?)`;
      return `The variable ${name.replaceAll(/[^\w]/g, '?').slice(0, 100)} is no setting and has no effect${meant}`;
    });
}
