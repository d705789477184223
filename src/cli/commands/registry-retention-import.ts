import { resolve } from 'node:path';
import { checkConfig } from '../../registry/config/check-config.ts';
import { ruleLimits } from '../../registry/rule/limits.ts';
import { readEcrSettings } from '../../registry/rule/retention/import/ecr/read-settings.ts';
import { readHarborSettings } from '../../registry/rule/retention/import/harbor/read-settings.ts';
import type { ImportedSettings } from '../../registry/rule/retention/import/imported-settings.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, registryExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readBounded } from '../read-bounded.ts';

/** Whose rules they are, and what they are about. */
export interface RetentionImportOptions {
  /** `ecr` or `harbor`. */
  readonly from: string;
  /** ECR: patterns of repositories. */
  readonly repository: readonly string[];
  /** Harbor: the name of the project. */
  readonly project?: string;
}

/** `registry retention import`: writes rules of another registry as settings, and tells what they cannot say. */
export async function retentionImportCommand(
  file: string,
  options: RetentionImportOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const read = readerOf(options);
  const imported = read(await readText(file, host));
  const yaml = await toYaml(imported);
  const mistakes = await mistakesIn(yaml, host);
  await host.stdout.write(yaml);
  for (const { lost, path, why } of imported.notes) {
    if (lost || !settings.quiet) await host.stderr.write(`${lost ? 'lost' : 'note'}: ${cleanText(`${path} ${why}`)}\n`);
  }
  for (const mistake of mistakes) await host.stderr.write(`lost: ${cleanText(mistake)}\n`);
  return imported.notes.some(({ lost }) => lost) || mistakes.length > 0 ? registryExitCode.partly : exitCode.ok;
}

function readerOf({ from, repository, project }: RetentionImportOptions): (text: Uint8Array) => ImportedSettings {
  if (from === 'ecr') {
    if (project !== undefined) throw new ConfigError('SETTING_INVALID', '--project is for Harbor; give --repository');
    return (text) => readEcrSettings(text, repository);
  }
  if (from !== 'harbor') throw new ConfigError('SETTING_INVALID', `--from is "${from}"; give ecr or harbor`);
  if (repository.length > 0) {
    throw new ConfigError('SETTING_INVALID', '--repository is for ECR; the rules of Harbor name theirs themselves');
  }
  if (project === undefined || !/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(project)) {
    throw new ConfigError('SETTING_INVALID', "Name the project of the rules with --project; Harbor's files do not");
  }
  return (text) => readHarborSettings(text, project);
}

async function readText(file: string, host: Host): Promise<Uint8Array> {
  if (file === '-') return await host.readStdin(ruleLimits.policyBytes + 1);
  try {
    return await readBounded(resolve(host.cwd, file), ruleLimits.policyBytes, host.signal);
  } catch (cause) {
    host.signal.throwIfAborted();
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    throw new ConfigError('SETTING_INVALID', `${file} cannot be read (${code}); name a file, or - for standard input`, {
      cause,
    });
  }
}

/** The settings, with the notes before them, so that they are still read where the file lies. */
async function toYaml({ immutable, retention, schedule, notes }: ImportedSettings): Promise<string> {
  const { dump } = await import('js-yaml');
  const comments = notes.map(({ lost, path, why }) => `# ${lost ? 'lost' : 'note'}: ${cleanText(`${path} ${why}`)}\n`);
  const registry = {
    ...(immutable.length === 0 ? {} : { tags: { immutable } }),
    ...(retention.length === 0
      ? {}
      : { retention: { ...(schedule === undefined ? {} : { schedule }), rules: retention } }),
  };
  const text =
    Object.keys(registry).length === 0 ? '# No rule could be written.\n' : dump({ registry }, { lineWidth: -1 });
  return `${comments.join('')}${text}`;
}

/** Whether a registry would take it, so that nobody finds out at its next start. */
async function mistakesIn(yaml: string, { env, now }: Host): Promise<readonly string[]> {
  const surroundings = { dataFolder: '/', now: now().getTime(), env };
  const { mistakes = [] } = await checkConfig(yaml, '/seaworthy.yaml', surroundings);
  return mistakes.map(({ path, sentence }) => `${path}: ${sentence}`);
}
