import { printable } from '../../base/printable.ts';
import { ConfigError } from './error.ts';
import { environmentName, type Setting, type Surroundings } from './setting.ts';
import type { SettingKey, Settings } from './settings.ts';
import { settingKeys, settingTable } from './table.ts';
import { UnreadableValue } from './value-kind.ts';

/** What was written somewhere, before it is read as a value. */
export interface GivenValue {
  readonly texts: readonly string[];
  /** Where, for people: `--severity`, `SEAWORTHY_SEVERITY`, `seaworthy.yaml:3`. */
  readonly place: string;
}

/** What was given, by setting. */
export type GivenValues = ReadonlyMap<SettingKey, GivenValue>;

/** Where the values come from, strongest first. */
export interface SettingSources extends Surroundings {
  readonly flags: GivenValues;
  readonly file?: GivenValues;
}

/** The kind of place that a value comes from. */
export type OriginKind = 'flag' | 'environment' | 'file' | 'default';

/** Where a value comes from. */
export interface Origin {
  readonly kind: OriginKind;
  /** As in {@link GivenValue}; `default` for defaults. */
  readonly place: string;
}

/** All settings, and where each comes from. */
export interface ResolvedSettings {
  readonly settings: Settings;
  readonly origins: ReadonlyMap<SettingKey, Origin>;
}

/**
 * Decides every setting: flags before `SEAWORTHY_*` before the file before defaults. An empty variable is as good as none.
 *
 * @throws ConfigError SETTING_INVALID, for a value that is overridden too: it would fail as soon as the override goes
 */
export function resolveSettings(sources: SettingSources): ResolvedSettings {
  const settings: Partial<Record<SettingKey, unknown>> = {};
  const origins = new Map<SettingKey, Origin>();
  for (const key of settingKeys) {
    const setting = settingTable[key] as Setting<unknown>;
    const found: { value: unknown; origin: Origin }[] = [];
    for (const [kind, given] of givenFor(key, setting, sources)) {
      if (given !== undefined) found.push({ value: read(setting, given, kind), origin: { kind, place: given.place } });
    }
    const [strongest] = found;
    const value = strongest === undefined ? initialOf(setting, sources) : strongest.value;
    if (value !== undefined) settings[key] = value;
    origins.set(key, strongest?.origin ?? { kind: 'default', place: 'default' });
  }
  return { settings: settings as unknown as Settings, origins };
}

function givenFor(
  key: SettingKey,
  { flag }: Setting<unknown>,
  { flags, env, file }: SettingSources,
): readonly (readonly [OriginKind, GivenValue | undefined])[] {
  const variable = environmentName(flag);
  const text = env[variable];
  return [
    ['flag', flags.get(key)],
    ['environment', text === undefined || text === '' ? undefined : { texts: [text], place: variable }],
    ['file', file?.get(key)],
  ];
}

function initialOf({ initial }: Setting<unknown>, surroundings: Surroundings): unknown {
  return typeof initial === 'function' ? (initial as (given: Surroundings) => unknown)(surroundings) : initial;
}

function read({ kind, secret, path }: Setting<unknown>, { texts, place }: GivenValue, from: OriginKind): unknown {
  const name = from === 'file' ? `"${path.join('.')}" in ${place}` : place;
  if (texts.length !== 1 && !kind.repeatable) {
    throw new ConfigError('SETTING_INVALID', `${name} takes one value, not ${texts.length}; give it once`);
  }
  try {
    return kind.parse(texts);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    const shown = secret ? 'a value' : `"${printable(error.text, 100)}"`;
    throw new ConfigError('SETTING_INVALID', `${name} cannot be ${shown}; write ${error.expected}`);
  }
}
