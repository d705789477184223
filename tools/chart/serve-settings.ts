import { Command, type Option } from 'commander';
import { settingKeys, settingTable } from '../../src/cli/config/table.ts';
import { type ChartPart, chartParts } from './parts.ts';

/** A flag of `admission serve`, or of `operator serve`, as a value of the chart. */
export interface ServeSetting {
  /** `--pull-secret` */
  readonly flag: string;
  /** `pullSecret` */
  readonly name: string;
  readonly kind: 'switch' | 'text' | 'texts';
  readonly description: string;
  /** The words that it may be, where it is one of a few. */
  readonly choices?: readonly string[];
}

/** The flags of a part's command that a chart may be told, in the order of its help. */
export function serveSettings(part: ChartPart): readonly ServeSetting[] {
  const left = new Set([...part.given, ...part.elsewhere]);
  return serveOptions(part).flatMap((option) => {
    const { long, hidden, argChoices: choices } = option;
    if (long === null || long === undefined || hidden || left.has(long)) return [];
    const setting = { flag: long, name: nameOf(long), kind: kindOf(option), description: described(option) };
    return [choices === undefined ? setting : { ...setting, choices }];
  });
}

/** Flags that are left out and that the commands do not have any more. */
export function unknownFlags(): readonly string[] {
  return chartParts.flatMap((part) => {
    const known = new Set(serveOptions(part).map(({ long }) => long ?? ''));
    return [...part.given, ...part.elsewhere].filter((flag) => !known.has(flag));
  });
}

function serveOptions({ name, addCommands }: ChartPart): readonly Option[] {
  const program = new Command();
  addCommands(program, () => Promise.resolve());
  const parent = program.commands.find((command) => command.name() === name);
  const serve = parent?.commands.find((command) => command.name() === 'serve');
  if (serve === undefined) throw new Error(`there is no command \`${name} serve\``);
  return serve.options;
}

/** `--no-reports` is `noReports`, and not `reports`, so that what its help says is true of the value. */
function nameOf(flag: string): string {
  return flag.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function kindOf(option: Option): ServeSetting['kind'] {
  if (!option.required && !option.optional) return 'switch';
  const setting = settingKeys.map((key) => settingTable[key]).find(({ flag }) => flag === option.long);
  return Array.isArray(option.defaultValue) || setting?.kind.repeatable === true ? 'texts' : 'text';
}

function described({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const told = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : undefined);
  const words = argChoices === undefined ? '' : `${argChoices.join(', ')}: `;
  const text = `${words}${description.replace(/[;,] may be repeated$/, '')}`;
  return told === undefined ? text : `${text} (default: ${told})`;
}
