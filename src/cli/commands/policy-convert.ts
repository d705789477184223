import { lstat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { errorMessage } from '../../base/error.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { convertTexts } from '../../policy/convert/convert-texts.ts';
import type { ConvertedTexts, ExceptionAnswers, WrittenPolicy } from '../../policy/convert/model.ts';
import { policiesAsJson, policiesAsYaml } from '../../policy/convert/write/text.ts';
import type { PolicyText, TextMistake } from '../../policy/dialects/model.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, policyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readPolicyFiles } from '../policy/policy-files.ts';
import { countOf } from '../terminal/count-of.ts';

/** The command's own options. */
export interface PolicyConvertOptions {
  readonly format: 'yaml' | 'json';
  readonly partial?: boolean;
  readonly outputDir?: string;
  readonly overwrite?: boolean;
  readonly exceptionOwner?: string;
  readonly exceptionReason?: string;
  readonly exceptionUntil?: string;
}

/**
 * `policy convert FILES…`: writes policies of other forms as policies of the form `seaworthy.dev/v1`, and tells what these cannot say.
 *
 * @throws ConfigError for files that cannot be read or written
 */
export async function policyConvertCommand(
  names: readonly string[],
  options: PolicyConvertOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { partial = false, outputDir } = options;
  const folder = outputDir === undefined ? host.cwd : resolve(host.cwd, outputDir);
  const exceptions = answersOf(options);
  const texts = await readTexts(names, host);
  if (texts === undefined) return exitCode.error;
  const converted = await convertTexts(texts, {
    partial,
    fileName: (path) => nameFrom(folder, path),
    ...(exceptions === undefined ? {} : { exceptions }),
  });
  if (outputDir === undefined) await host.stdout.write(await render(converted.policies, options.format));
  else await writeAll(converted.policies, folder, options, host);
  await tell(converted, partial, settings.quiet, host);
  if (converted.mistakes.length > 0) return exitCode.error;
  return converted.unsaid.length > 0 ? policyExitCode.notAll : exitCode.ok;
}

/** All of them or none: an exception needs each. @throws ConfigError */
function answersOf({
  exceptionOwner: owner,
  exceptionReason: reason,
  exceptionUntil: until,
}: PolicyConvertOptions): ExceptionAnswers | undefined {
  if (owner === undefined && reason === undefined && until === undefined) return undefined;
  const flags = { '--exception-owner': owner, '--exception-reason': reason, '--exception-until': until };
  for (const [flag, value] of Object.entries(flags)) {
    if (value !== undefined && value.trim() !== '') continue;
    throw new ConfigError('SETTING_INVALID', `An exception has an owner, a reason and an end; add ${flag} as well`);
  }
  const ends = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.test(until ?? '')
    ? Date.parse(until ?? '')
    : Number.NaN;
  if (Number.isNaN(ends)) {
    const message = `--exception-until is "${until}"; write a day or a time, such as 2027-03-01 or 2027-03-01T12:00:00Z`;
    throw new ConfigError('SETTING_INVALID', message);
  }
  return { owner: owner ?? '', reason: reason ?? '', until: ends };
}

/** What is wrong with what was named is told. */
async function readTexts(names: readonly string[], host: Host): Promise<readonly PolicyText[] | undefined> {
  const { sources, unreadable } = await readPolicyFiles(names, host);
  if (unreadable.length === 0) return sources;
  await host.stderr.write(unreadable.map((line) => `${line}\n`).join(''));
  return undefined;
}

/** Keys are named from where the policy lies. */
function nameFrom(folder: string, path: string): string {
  const near = relative(folder, path);
  return near.startsWith('..') ? path : near;
}

async function render(policies: readonly WrittenPolicy[], format: PolicyConvertOptions['format']): Promise<string> {
  return format === 'json' ? policiesAsJson(policies) : await policiesAsYaml(policies);
}

/** A file for each policy, called by its name. Files that are there are somebody's, who may have changed them. */
async function writeAll(
  policies: readonly WrittenPolicy[],
  folder: string,
  { format, overwrite = false, outputDir = folder }: PolicyConvertOptions,
  { signal }: Host,
): Promise<void> {
  const files = policies.map((policy) => [policy, join(folder, `${fileNameOf(policy.name)}.${format}`)] as const);
  for (const [, file] of overwrite ? [] : files) {
    if ((await lstat(file).catch(() => undefined)) === undefined) continue;
    const message = `${relative(folder, file)} is in ${outputDir} already; name another folder, or add --overwrite`;
    throw new ConfigError('SETTING_INVALID', message);
  }
  for (const [policy, file] of files) {
    signal.throwIfAborted();
    try {
      await writeFileAtomic(file, await render([policy], format));
    } catch (cause) {
      const message = `${file} cannot be written (${errorMessage(cause)}); name another folder with --output-dir`;
      throw new ConfigError('SETTING_INVALID', message, { cause });
    }
  }
}

/** Names of policies may have slashes and blanks. */
function fileNameOf(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '');
}

async function tell(
  { policies, mistakes, unsaid, notes, others, counts }: ConvertedTexts,
  partial: boolean,
  quiet: boolean,
  { stderr }: Host,
): Promise<void> {
  const lines = (list: readonly TextMistake[], word: string): readonly string[] =>
    list.map((each) => formatMistake(each.file, { ...each, sentence: `${word}${each.sentence}` }));
  const all = counts.wholly + counts.partly + counts.not;
  const told = [
    ...lines(mistakes, ''),
    ...lines(unsaid, 'cannot be said: '),
    ...(quiet ? [] : lines(notes, 'note: ')),
    ...(quiet
      ? []
      : others.map(
          ({ file, line, what }) => `${file}:${line}: ${what} is no policy that is converted; it is left out`,
        )),
    ...(quiet
      ? []
      : [
          `Converted ${counts.wholly} of ${countOf(all, 'document')} wholly, into ${countOf(policies.length, 'policy', 'policies')}`,
        ]),
    ...(quiet || counts.partly === 0
      ? []
      : [partial ? `Wrote ${counts.partly} in part` : `Could write ${counts.partly} in part, with --partial`]),
  ];
  await stderr.write(told.map((line) => `${cleanText(line)}\n`).join(''));
}
