import { exceptionNamespaceOf } from '../../admission/suite/exception-namespace.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import type { TextDocument } from '../../policy/dialects/split-documents.ts';
import { keyReferencesOf, withKeyFiles } from '../../policy/key-files.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { strictStyle } from '../../policy/kyverno/style.ts';
import { lintTexts } from '../../policy/lint/lint-texts.ts';
import type { LintResult, LintSeverity } from '../../policy/lint/model.ts';
import type { Policy } from '../../policy/model.ts';
import { readPolicy } from '../../policy/seaworthy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { mistakeLines, readPolicyFiles, readSignerKeys } from '../policy/policy-files.ts';
import { splitSources } from '../policy/split-sources.ts';
import { countOf } from '../terminal/count-of.ts';
import {
  dialectAdvice,
  type LintFormat,
  renderLintJson,
  renderLintSarif,
  renderLintText,
} from '../policy/render-lint.ts';

/** The command's own options. */
export interface PolicyLintOptions {
  readonly format: LintFormat;
  readonly failLevel: LintSeverity | 'none';
}

/** What was read of files: what to tell of it, or what is wrong. */
interface Linted {
  readonly wrong: readonly string[];
  readonly told: string;
  readonly advice: readonly LintResult[];
  /** Documents that nothing here compiles, a line for each. */
  readonly unread: readonly string[];
}

/**
 * `policy lint FILES…`: tells all mistakes of policies of any kind, and of the keys that they name, with their lines; then what they say
 * and hardly mean.
 */
export async function policyLintCommand(
  files: readonly string[],
  { format, failLevel }: PolicyLintOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { sources, unreadable } = await readPolicyFiles(files, host);
  if (unreadable.length > 0) return await tell(unreadable, host);
  const { own, rest, empty } = await splitSources(sources);
  const parts = [
    ...(own.length > 0 || rest.length === 0 ? [await readOwn(own)] : []),
    ...(rest.length > 0 ? [await readRest(rest)] : []),
  ];
  const wrong = [...empty, ...parts.flatMap((part) => part.wrong)];
  if (wrong.length > 0) return await tell(wrong, host);
  const unread = parts.flatMap((part) => part.unread);
  if (unread.length > 0) await tell(unread, host);
  const found = await lintTexts(sources, host.now().getTime());
  const advice = parts.flatMap((part) => part.advice);
  const results = [...found, ...advice.filter((each) => !found.some((other) => isSamePlace(each, other)))];
  if (format === 'json') await host.stdout.write(renderLintJson(results));
  else if (format === 'sarif') await host.stdout.write(renderLintSarif(results, host.cwd, host.version));
  else {
    const told = settings.quiet ? '' : parts.map((part) => part.told).join('');
    await host.stdout.write(`${told}${renderLintText(results)}`);
  }
  return failLevel !== 'none' && results.some(({ severity }) => levels.indexOf(severity) <= levels.indexOf(failLevel))
    ? exitCode.findings
    : exitCode.ok;
}

/** The worst first. */
const levels: readonly LintSeverity[] = ['error', 'warning', 'note'];

function isSamePlace(a: LintResult, b: LintResult): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}

async function tell(lines: readonly string[], { stderr }: Host): Promise<number> {
  await stderr.write(lines.map((line) => `${line}\n`).join(''));
  return exitCode.error;
}

async function readOwn(documents: readonly TextDocument[]): Promise<Linted> {
  const none = { told: '', advice: [], unread: [] };
  const reading = await readPolicy(documents);
  if (reading.mistakes !== undefined) return { ...none, wrong: mistakeLines(reading.mistakes) };
  const { texts, mistakes } = await readSignerKeys(reading);
  if (mistakes.length > 0) return { ...none, wrong: mistakeLines(mistakes) };
  const { hash } = compilePolicy(withKeyFiles(reading.policy, texts));
  return { ...none, wrong: [], told: describe(reading.policy, hash) };
}

async function readRest(documents: readonly TextDocument[]): Promise<Linted> {
  const exceptionNamespace = await exceptionNamespaceOf(documents);
  const kyverno = {
    style: strictStyle,
    naming: usualNaming,
    namespace: 'kyverno',
    ...(exceptionNamespace === undefined ? {} : { exceptionNamespace }),
  };
  const { policies, mistakes, advice, others } = await compileTexts(documents, { kyverno });
  const rules = policies.reduce((sum, policy) => sum + policy.rules.length, 0);
  const kinds = countOf(policies.length, 'policy', 'policies');
  return {
    wrong: mistakeLines(mistakes),
    told: policies.length === 0 ? '' : `About objects: ${kinds}, ${countOf(rules, 'rule')}\n`,
    unread: others.map(({ file, line, apiVersion, kind }) =>
      cleanText(
        `${file}:${line}: ${kind} of ${apiVersion} is no policy that is known here, so that its mistakes are not told`,
      ),
    ),
    advice: advice.map((each) => ({ ...each, id: dialectAdvice, severity: 'warning' })),
  };
}

function describe({ rules, signers, exceptions }: Policy, hash: string): string {
  return [
    `The policy is good: ${countOf(rules.length, 'rule')}, ${countOf(signers.length, 'signer')}, ${countOf(exceptions.length, 'exception')}`,
    `Its hash is ${hash}`,
    ...keyReferencesOf({ signers }).map(
      (reference) =>
        `The key ${cleanText(reference)} is looked up where the policy is used, and its hash is another there`,
    ),
    ...(rules.length === 0 ? ['It has no rule, so that every image passes'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
