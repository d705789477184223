import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import type { EgressPolicy } from '../../egress/policy/model.ts';
import { readPolicy } from '../../egress/policy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import { settingsFileName } from '../config/settings-file.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readBounded } from '../read-bounded.ts';

/** Where a policy is looked for. */
export interface PolicyPlace {
  readonly policy?: string;
  /** The settings file, whose section `egress` may be the policy. */
  readonly config?: string;
}

/** The policy, or the exit status after its mistakes were told. */
export type ReadEgressPolicy = { readonly policy: EgressPolicy } | { readonly status: number };

const policyFileName = 'egress.yaml';

/**
 * Reads the policy that a command is to use, and tells its mistakes on stderr.
 *
 * @throws ConfigError SETTING_INVALID where there is none, or where it cannot be read
 */
export async function readEgressPolicy(place: PolicyPlace, host: Host): Promise<ReadEgressPolicy> {
  const file = place.policy ?? found(place, host);
  if (file === undefined) {
    const message = `There is no policy; write ${policyFileName} or the section egress of ${settingsFileName}, or name it with --policy`;
    throw new ConfigError('SETTING_INVALID', message);
  }
  const isSettings = place.policy === undefined && file !== policyFileName;
  const { policy, mistakes } = await readPolicy(await textOf(file, host), isSettings);
  if (policy !== undefined) return { policy };
  const lines = mistakes.map((mistake) => cleanText(formatMistake(file, mistake)));
  await host.stderr.write(lines.map((line) => `${line}\n`).join(''));
  return { status: exitCode.error };
}

function found({ config }: PolicyPlace, { cwd }: Host): string | undefined {
  if (config !== undefined) return config;
  return [policyFileName, settingsFileName].find((name) => existsSync(resolve(cwd, name)));
}

async function textOf(file: string, { cwd, signal }: Host): Promise<string> {
  try {
    const bytes = await readBounded(resolve(cwd, file), yamlLimits.characters, signal);
    return bytes.toString('utf8');
  } catch (cause) {
    signal.throwIfAborted();
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    throw new ConfigError('SETTING_INVALID', `${file} cannot be read (${code}); check --policy`, { cause });
  }
}
