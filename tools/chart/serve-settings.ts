import { Command, type Option } from 'commander';
import { settingKeys, settingTable } from '../../src/cli/config/table.ts';
import { addAdmissionCommands } from '../../src/cli/program/admission.ts';

/** A flag of `admission serve` as a value of the chart. */
export interface ServeSetting {
  /** `--pull-secret` */
  readonly flag: string;
  /** `pullSecret` */
  readonly name: string;
  readonly kind: 'switch' | 'text' | 'texts';
  readonly description: string;
}

/** Flags that the chart itself gives, by what else it is told. */
const given: ReadonlySet<string> = new Set([
  '--listen',
  '--metrics-listen',
  '--cluster',
  '--namespace',
  '--service',
  '--cert-dir',
  '--inject-ca-from',
  '--cache-dir',
  '--gatekeeper-listen',
  '--gatekeeper-client-ca',
  '--gatekeeper-provider',
  '--gatekeeper-timeout',
  '--gatekeeper-mutate-timeout',
]);

/** Flags of a webhook that is no Pod of a chart, and of terminals. */
const elsewhere: ReadonlySet<string> = new Set([
  '--policy',
  '--kubeconfig',
  '--context',
  '--url',
  '--config',
  '--no-progress',
]);

/** The flags of `admission serve` that a chart may be told, in the order of its help. */
export function serveSettings(): readonly ServeSetting[] {
  return serveOptions().flatMap((option) => {
    const { long, hidden } = option;
    if (long === null || long === undefined || hidden || given.has(long) || elsewhere.has(long)) return [];
    return [{ flag: long, name: nameOf(long), kind: kindOf(option), description: described(option) }];
  });
}

/** Flags that are left out above and that the command does not have any more. */
export function unknownFlags(): readonly string[] {
  const known = new Set(serveOptions().map(({ long }) => long ?? ''));
  return [...given, ...elsewhere].filter((flag) => !known.has(flag));
}

function serveOptions(): readonly Option[] {
  const program = new Command();
  addAdmissionCommands(program, () => Promise.resolve());
  const [admission] = program.commands;
  const serve = admission?.commands.find((command) => command.name() === 'serve');
  if (serve === undefined) throw new Error('there is no command `admission serve`');
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

function described({ description, defaultValue, defaultValueDescription }: Option): string {
  const told = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : undefined);
  const text = description.replace(/[;,] may be repeated$/, '');
  return told === undefined ? text : `${text} (default: ${told})`;
}
