import { Option, type Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { commandSwitches, cosignAliases } from '../cosign-flags.ts';
import { scannerAliases, scannerSwitches } from '../trivy-flags.ts';
import { ConfigError } from './error.ts';
import { switchKind } from './kinds.ts';
import type { GivenValue, GivenValues } from './resolve.ts';
import { environmentName, type Setting } from './setting.ts';
import type { SettingKey } from './settings.ts';
import { settingKeys, settingTable } from './table.ts';
import { UnreadableValue } from './value-kind.ts';

/** Adds the flags of some settings to a command, and `--config`, in the order given. */
export function addSettings(command: Command, keys: readonly SettingKey[]): Command {
  for (const key of keys) for (const option of optionsOf(key)) command.addOption(option);
  return command.addOption(
    new Option('-c, --config <file>', 'read settings from this file (default: seaworthy.yaml when there is one)'),
  );
}

/** The settings file that the user named, by flag or by `SEAWORTHY_CONFIG`. */
export function configPath(command: Command, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return config ?? (env[environmentName('--config')] || undefined);
}

/** The settings that were given as flags to a command or to those above it, as texts. */
export function readFlags(command: Command): GivenValues {
  const given = new Map<SettingKey, GivenValue>();
  for (let at: Command | null = command; at !== null; at = at.parent) {
    // A command may have an option of its own that is called like a setting of others.
    for (const option of at.options) {
      if (!(option instanceof SettingOption) || given.has(option.key)) continue;
      const setting = settingTable[option.key] as Setting<unknown>;
      const texts = textsOf(command, setting);
      if (texts !== undefined) given.set(option.key, { texts, place: setting.flag });
    }
  }
  return given;
}

/** What shells complete of an option's value: a few words, of which several may stand there with commas between them. */
export interface OptionWords {
  readonly words: readonly string[];
  readonly isList: boolean;
}

/** The words that an option may have as its value; undefined where it may be anything. */
export function wordsOf(option: Option): OptionWords | undefined {
  if (!(option instanceof SettingOption)) {
    return option.argChoices === undefined ? undefined : { words: option.argChoices, isList: false };
  }
  const { kind } = settingTable[option.key] as Setting<unknown>;
  // The one repeatable kind that takes no commas is a place for a report.
  return kind.words && { words: kind.words, isList: kind.repeatable && option.key !== 'output' };
}

/** The setting that an option sets; undefined for options of one command. */
export function settingOf(option: Option): Setting<unknown> | undefined {
  return option instanceof SettingOption ? settingTable[option.key] : undefined;
}

/** An option that sets a setting. */
class SettingOption extends Option {
  readonly key: SettingKey;

  constructor(key: SettingKey, flags: string, description?: string) {
    super(flags, description);
    this.key = key;
  }
}

/**
 * Rewrites `--offline=false` as commander can read it (`--no-offline`), and `--offline=true` likewise, since pipelines
 * for Trivy and cosign write switches this way; and flags of these and others that have another name here. What follows `--` is left alone.
 *
 * @throws ConfigError SETTING_INVALID
 */
export function normalizeSwitches(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.flatMap((given, index) => {
    if (end >= 0 && index > end) return [given];
    const [, name = '', value] = /^(--[a-z0-9-]+)(?:=(.*))?$/s.exec(given) ?? [];
    const flag = cosignAliases.get(name) ?? scannerAliases.get(name) ?? name;
    if (value === undefined) return [flag === name ? given : flag];
    const own = commandSwitches.get(flag) ?? scannerSwitches.get(flag);
    if (own !== undefined) return isOn(flag, value) === own ? [] : [own ? opposite(flag) : flag];
    const setting = value === '' ? undefined : switches.get(flag);
    if (setting === undefined) return [`${flag}=${value}`];
    return [isOn(setting.flag, value) ? setting.flag : opposite(setting.flag)];
  });
}

function isOn(flag: string, text: string): boolean {
  try {
    return switchKind.parse([text]);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    throw new ConfigError('SETTING_INVALID', `${flag} cannot be "${printable(text)}"; write ${error.expected}`);
  }
}

/** Settings without a placeholder, by flag. */
const switches: ReadonlyMap<string, Setting<unknown>> = new Map(
  settingKeys
    .map((key) => settingTable[key] as Setting<unknown>)
    .filter(({ kind }) => kind.placeholder === undefined)
    .map((setting) => [setting.flag, setting] as const),
);

function optionsOf(key: SettingKey): Option[] {
  const { flag, short, kind, help, initial, usual: named } = settingTable[key] as Setting<unknown>;
  const names = short === undefined ? flag : `${short}, ${flag}`;
  if (kind.placeholder === undefined) {
    const shown = initial === true ? `${help} (default: true)` : help;
    return [new SettingOption(key, names, shown), new SettingOption(key, opposite(flag)).hideHelp()];
  }
  const usual = named ?? (typeof initial === 'function' || initial === undefined ? '' : kind.format(initial));
  const option = new SettingOption(
    key,
    `${names} <${kind.placeholder}>`,
    usual === '' ? help : `${help} (default: ${usual})`,
  );
  option.argParser((text: string, before: readonly string[] | undefined) =>
    kind.repeatable ? [...(before ?? []), text] : [text],
  );
  return [option];
}

function opposite(flag: string): string {
  return flag.startsWith('--no-') ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;
}

function textsOf(command: Command, { flag, kind }: Setting<unknown>): readonly string[] | undefined {
  const name = new Option(flag).attributeName();
  // Commander gives switches a value of its own when they have a negated form, so the source tells what the user gave.
  if (command.getOptionValueSourceWithGlobals(name) !== 'cli') return undefined;
  const value: unknown = command.optsWithGlobals()[name];
  if (kind.placeholder !== undefined) return value as readonly string[];
  const negated = flag.startsWith('--no-');
  return [String(negated ? value === false : value === true)];
}
