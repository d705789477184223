import type { Settings, SettingKey } from './settings.ts';
import type { ValueKind } from './value-kind.ts';

/** What defaults depend on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder, absolute. */
  readonly home: string;
}

/** One setting: what it is called in each place, what its values look like, and what holds when nobody says. */
export interface Setting<Value> {
  /** With dashes: `--cache-dir`. */
  readonly flag: string;
  /** One letter, with its dash. */
  readonly short?: string;
  /** Names in the file, outermost first: `['cache', 'dir']`. */
  readonly path: readonly [string, ...string[]];
  readonly kind: ValueKind<Exclude<Value, undefined>>;
  readonly initial: Value | ((surroundings: Surroundings) => Value);
  /** The default in the words of the help, where the value itself is long or the machine decides it. */
  readonly usual?: string;
  /** One line. */
  readonly help: string;
  /** Never shown. */
  readonly secret?: true;
}

/** One entry for each setting, checked by the compiler. */
export type SettingTable = { readonly [Key in SettingKey]-?: Setting<Settings[Key]> };

/** The variable that sets a flag: `--cache-dir` is `SEAWORTHY_CACHE_DIR`. */
export function environmentName(flag: string): string {
  return `SEAWORTHY_${flag.replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`;
}
