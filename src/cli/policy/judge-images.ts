import { exactStyle, strictStyle } from '../../policy/kyverno/style.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode, policyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import type { CheckOptions } from './check-options.ts';
import type { ImageReport } from './model.ts';
import { readImageName } from './name-image.ts';
import { PolicySession } from './policy-session.ts';
import { readPolicies } from './read-policies.ts';
import { worstDecision } from './worst-decision.ts';
import { requirePlace, writeReports } from './write-reports.ts';

/**
 * Judges images by the policies of some files, and reports what came of it.
 *
 * @param explains whether all that was looked at is told
 * @returns the exit status
 * @throws ConfigError, and what is wrong with files that the user named
 */
export async function judgeImages(
  names: readonly string[],
  options: CheckOptions,
  explains: boolean,
  settings: Settings,
  host: Host,
): Promise<number> {
  const { policies: files, namespace, kyvernoExact, defaultRegistry, exceptionNamespace } = options;
  if (files.length === 0) {
    const message = 'Nothing says by which policies; add --policy FILE, or look at policy files with "policy lint"';
    throw new ConfigError('SETTING_INVALID', message);
  }
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new ConfigError(
      'SETTING_INVALID',
      `--namespace is "${namespace}", which is no name of a namespace; write letters, digits and dashes`,
    );
  }
  const images = names.map((name) => readImageName(name, defaultRegistry));
  if (options.as !== undefined && images.length > 1) {
    throw new ConfigError('SETTING_INVALID', '--as names one image, and there are several; judge them one by one');
  }
  await requirePlace(options, host);
  const policies = await readPolicies(
    files,
    {
      style: kyvernoExact ? exactStyle : strictStyle,
      naming: defaultRegistry === undefined ? usualNaming : { defaultRegistry, addsRegistry: true },
      namespace: 'kyverno',
      ...(exceptionNamespace === undefined ? {} : { exceptionNamespace }),
    },
    host,
  );
  if ('wrong' in policies) {
    await host.stderr.write(policies.wrong.map((line) => `${line}\n`).join(''));
    return exitCode.error;
  }
  if (!settings.quiet) {
    for (const { file, line, apiVersion, kind } of policies.others) {
      await host.stderr.write(
        `${cleanText(`${file}:${line}: ${kind} of ${apiVersion} is no policy; it is left out`)}\n`,
      );
    }
  }
  const reports: ImageReport[] = [];
  await using session = new PolicySession(settings, host, policies, options);
  for (const image of images) reports.push(await session.judge(image));
  await writeReports(reports, policies, options, explains, host);
  return statusOf(reports);
}

function statusOf(reports: readonly ImageReport[]): number {
  const decision = worstDecision(reports.map((report) => report.decision));
  return { allow: exitCode.ok, deny: policyExitCode.denied, undecided: policyExitCode.undecided }[decision];
}
