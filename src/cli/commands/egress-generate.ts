import { resolve } from 'node:path';
import { printable } from '../../base/printable.ts';
import { generateFor, type VerifiedConfiguration } from '../../egress/generate/generate.ts';
import { targets } from '../../egress/generate/list.ts';
import { type TargetName, targetNames } from '../../egress/generate/target.ts';
import { writeOutput } from '../../egress/generate/write-output.ts';
import type { EgressPolicy } from '../../egress/policy/model.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { authorizationOf } from '../egress/authorization.ts';
import { type PolicyPlace, readEgressPolicy } from '../egress/read-egress-policy.ts';
import { tryNft } from '../egress/try-nft.ts';
import { knownWords } from '../egress/words.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { countOf } from '../terminal/count-of.ts';

/** What is to be written, and where. */
export interface EgressGenerateOptions extends PolicyPlace {
  readonly target: readonly string[];
  /** A folder, or `-`. */
  readonly output: string;
  readonly format?: string;
}

/** `egress generate`: writes configuration from a policy, all of it or none. */
export async function egressGenerateCommand(
  { target, output, format = 'text', ...place }: EgressGenerateOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const asked = knownWords('--target', target, targetNames);
  if (output === '-' && asked.length !== 1) {
    throw new ConfigError('SETTING_INVALID', '--output - is for one target; name it with --target, or give a folder');
  }
  if (format !== 'text' && format !== 'json') {
    throw new ConfigError('SETTING_INVALID', `--format is "${format}"; give text or json`);
  }
  if (format === 'json' && output === '-') {
    throw new ConfigError(
      'SETTING_INVALID',
      '--output - writes the files themselves; name a folder, or leave out --format',
    );
  }
  const read = await readEgressPolicy(place, host);
  if ('status' in read) return read.status;
  const { policy } = read;
  const authorization = await authorizationOf(policy, host);
  const input = { policy, ...(authorization === undefined ? {} : { authorization }) };
  const configurations: VerifiedConfiguration[] = [];
  const leftOut = asked.length === 0 && policy.registry.addresses.length === 0 ? firewalls : [];
  for (const name of asked.length > 0 ? asked : wantedBy(policy)) {
    const configuration = await generateFor(
      targets.find((each) => each.name === name) as (typeof targets)[number],
      input,
    );
    const tried = name === 'nftables' ? await tryNft(configuration, host) : undefined;
    configurations.push(
      tried === undefined ? configuration : { ...configuration, notes: [...configuration.notes, tried] },
    );
  }
  if (output === '-') await host.stdout.write(asOneText(configurations[0] as VerifiedConfiguration));
  else await writeOutput(resolve(host.cwd, output), configurations);
  if (format === 'json') {
    await host.stdout.write(`${JSON.stringify(summaryOf(output, configurations, leftOut))}\n`);
    return exitCode.ok;
  }
  if (settings.quiet) return exitCode.ok;
  const notes = configurations.flatMap((each) => each.notes);
  if (leftOut.length > 0)
    notes.push(`${leftOut.join(', ')}: left out, since firewalls know no names; add registry.addresses to the policy`);
  await host.stderr.write(notes.map((note) => `note: ${note}\n`).join(''));
  const count = configurations.reduce((sum, { files }) => sum + files.length, 0);
  if (output !== '-')
    await host.stderr.write(
      `Wrote ${countOf(count, 'file')} for ${countOf(configurations.length, 'target')} to ${printable(output)}\n`,
    );
  return exitCode.ok;
}

const firewalls: readonly TargetName[] = ['nftables', 'networkpolicy', 'cilium', 'calico', 'terraform'];

/** Firewalls are left out where the policy has no addresses for them, since they know no names. */
function wantedBy({ runtimes, registry }: EgressPolicy): readonly TargetName[] {
  return targetNames.filter((name) => {
    if (firewalls.includes(name)) return registry.addresses.length > 0;
    return runtimes.length === 0 || runtimes.some((runtime) => runtime === name);
  });
}

/** What was written, without the texts: some hold a secret. */
function summaryOf(
  folder: string,
  configurations: readonly VerifiedConfiguration[],
  leftOut: readonly TargetName[],
): object {
  const targetsWritten = configurations.map(({ target, files, notes }) => ({
    target,
    files: files.map(({ path, secret = false, executable = false }) => ({ path, secret, executable })),
    notes,
  }));
  return { folder, targets: targetsWritten, leftOut };
}

/** A single file as it is; several with a line above each that names it. */
function asOneText({ files }: VerifiedConfiguration): string {
  if (files.length === 1) return files[0]?.text ?? '';
  return files.map(({ path, text }) => `### ${path}\n${text}`).join('\n');
}
