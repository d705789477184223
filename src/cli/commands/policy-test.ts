import { relative, resolve } from 'node:path';
import { runSuite, type SuiteTools } from '../../admission/suite/run-suite.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { systemClock } from '../../net/clock.ts';
import type { TextMistake } from '../../policy/dialects/model.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { exactStyle, strictStyle } from '../../policy/kyverno/style.ts';
import { policyLimits } from '../../policy/limits.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { paintWith } from '../../report/text/style.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { findSuites, suiteNames } from '../policy-test/find-suites.ts';
import { loadSuite } from '../policy-test/load-suite.ts';
import { parseSelector } from '../policy-test/parse-selector.ts';
import {
  renderJson,
  renderJunit,
  renderTables,
  type SuiteReport,
  type TestFormat,
  totalsOf,
} from '../policy-test/render.ts';
import { readText } from '../policy/read-text.ts';
import { useColour } from '../terminal/colour.ts';
import { countOf } from '../terminal/count-of.ts';

/** The command's own options. */
export interface PolicyTestOptions {
  readonly format?: TestFormat;
  readonly failOnly?: boolean;
  readonly testCaseSelector?: string;
  readonly registry?: boolean;
  readonly kyvernoExact?: boolean;
}

/**
 * `policy test PATHS…`: runs the suites below some paths, and tells which results are not those that they want.
 *
 * @throws ConfigError for options that cannot be meant, and what says why registries cannot be asked
 */
export async function policyTestCommand(
  paths: readonly string[],
  options: PolicyTestOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { format = 'table' } = options;
  const filter = parseSelector(options.testCaseSelector);
  const found = await findSuites(paths.map((path) => resolve(host.cwd, path)));
  if (!('files' in found))
    throw new ConfigError(
      'SETTING_INVALID',
      `${cleanText(found.path)} ${found.why}; name suites, or folders with suites`,
    );
  if (found.files.length === 0) {
    const sentence = `There is no suite in ${cleanText(paths.join(', '))}; write one as ${suiteNames.join(' or ')}`;
    throw new ConfigError('SETTING_INVALID', sentence);
  }
  await using stack = new AsyncDisposableStack();
  const tools = await toolsOf(options, settings, host, stack);
  const reports: SuiteReport[] = [];
  let unread = 0;
  for (const file of found.files) {
    host.signal.throwIfAborted();
    const { suite, mistakes } = await loadSuite(file);
    const outcome = suite === undefined ? { mistakes } : await runSuite(suite, tools, filter, host.signal);
    if (outcome.results === undefined) {
      unread += 1;
      await tell(outcome.mistakes ?? [], host);
    } else {
      const name = suite?.document.metadata?.name ?? suite?.document.name ?? '';
      reports.push({ file: relative(host.cwd, file), name, results: outcome.results });
    }
  }
  await write(reports, format, options.failOnly === true, host);
  const { passed, failed, skipped } = totalsOf(reports);
  const summary = `Test Summary: ${countOf(passed, 'test')} passed and ${countOf(failed, 'test')} failed`;
  const passedOver = skipped === 0 ? '' : `; of those that passed, ${skipped} passed over an object as wanted`;
  if (!settings.quiet) await (format === 'table' ? host.stdout : host.stderr).write(`${summary}${passedOver}\n`);
  if (unread > 0) return exitCode.error;
  if (passed + failed === 0) {
    await host.stderr.write('No test was run: the suites have none that was asked for\n');
    return exitCode.error;
  }
  return failed > 0 ? exitCode.findings : exitCode.ok;
}

async function toolsOf(
  { registry, kyvernoExact }: PolicyTestOptions,
  settings: ResolvedSettings['settings'],
  host: Host,
  stack: AsyncDisposableStack,
): Promise<SuiteTools> {
  const now = (): number => host.now().getTime();
  const clock = { ...systemClock, now };
  const style = kyvernoExact === true ? exactStyle : strictStyle;
  const dialects = {
    kyverno: { style, naming: usualNaming, namespace: 'kyverno' },
    keyFile: async (path: string): Promise<string | undefined> => {
      const text = await readText(path, policyLimits.key);
      return typeof text === 'string' ? text : undefined;
    },
  };
  if (registry !== true) return { settings: dialects, clock, keys: asTheyAre(now) };
  const { registryParts } = await import('../policy-test/registry-parts.ts');
  const { keys, ...parts } = await registryParts(settings, host, stack);
  return { settings: dialects, clock, keys, registry: parts };
}

/** Signatures that a suite gives name keys that are elsewhere as the policy does. */
function asTheyAre(now: () => number): SuiteTools['keys'] {
  return { of: (policy) => Promise.resolve({ state: 'known', value: policy, at: now() }) };
}

async function tell(mistakes: readonly TextMistake[], { stderr }: Host): Promise<void> {
  await stderr.write(mistakes.map((each) => `${cleanText(formatMistake(each.file, each))}\n`).join(''));
}

async function write(
  reports: readonly SuiteReport[],
  format: TestFormat,
  failOnly: boolean,
  { stdout, env }: Host,
): Promise<void> {
  if (format === 'json') return await stdout.write(renderJson(reports, failOnly));
  if (format === 'junit') return await stdout.write(renderJunit(reports, failOnly));
  const paint = paintWith(useColour(env, stdout.isTerminal));
  await stdout.write(renderTables(reports, failOnly, stdout.columns ?? 160, paint));
}
