import { FollowedPolicies } from '../../admission/policies/follow-policies.ts';
import type { PolicySet } from '../../admission/policies/policy-set.ts';
import { FileWatch } from '../../base/file-watch.ts';
import { fingerprintFiles } from '../../base/fingerprint.ts';
import type { Logger } from '../../base/logger.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import type { OtherDocument } from '../../policy/dialects/model.ts';
import { isOfPolicyGroup } from '../../policy/dialects/policy-groups.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import type { AdmissionFlags } from './flags.ts';
import { policyFiles, readPolicyFiles } from './policy-files.ts';

/** How often files with policies are looked at, in milliseconds. */
const lookEvery = 5000;

/** Documents that are told to be left out, each time. */
const mostTold = 20;

/** Policies that are read. */
export interface LoadedPolicies {
  /** Keeps them what they are where they come from, until a signal is aborted. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** What they are objects of, where they are of a cluster. */
  readonly objects: Pick<FollowedPolicies, 'objects' | 'find'>;
}

/** Policies of files are no objects. */
const noObjects: LoadedPolicies['objects'] = { objects: () => [], find: () => undefined };

/** @throws ConfigError where there is nothing to judge by: neither files nor a cluster */
export function checkPolicySource({ policy }: Pick<AdmissionFlags, 'policy'>, hasCluster: boolean): void {
  if (policy.length > 0 || hasCluster) return;
  throw new ConfigError(
    'SETTING_INVALID',
    'There is nothing to judge by; name policies with --policy, or add --cluster',
  );
}

/**
 * Reads the policies: files where some are named, else those of the cluster. What is wrong with files at the start is told, and nothing
 * is served by them.
 *
 * @returns undefined where they are wrong, or there is none, or one of a kind that cannot be judged by
 * @throws ConfigError where there is nothing to judge by, or a file cannot be read
 */
export async function loadPolicies(
  { policy }: Pick<AdmissionFlags, 'policy'>,
  set: PolicySet,
  client: KubernetesClient | undefined,
  host: Host,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<LoadedPolicies | undefined> {
  checkPolicySource({ policy }, client !== undefined);
  if (policy.length === 0) {
    const followed = new FollowedPolicies({ client: client as KubernetesClient, set, clock, logger });
    return {
      keep: (signal) => followed.run(signal),
      objects: { objects: () => followed.objects(), find: (policy) => followed.find(policy) },
    };
  }
  let paths = await policyFiles(policy, host.cwd);
  const fingerprint = await fingerprintFiles(paths);
  const { mistakes, others } = await set.replace(await readPolicyFiles(paths), 'caller');
  const wrong = [
    ...mistakes.map(({ file, ...mistake }) => formatMistake(file, mistake)),
    ...others.filter(({ apiVersion }) => isOfPolicyGroup(apiVersion)).map(whyUnread),
  ];
  if (wrong.length === 0 && !set.policies.some(({ admission, background }) => admission || background)) {
    wrong.push(set.policies.length === 0 ? noPolicy(policy) : noneCounts(policy));
  }
  if (wrong.length > 0) {
    for (const line of wrong) await host.stderr.write(`${cleanText(line)}\n`);
    return undefined;
  }
  tellOthers(others, logger);
  const watch = new FileWatch({
    // Files of a folder come and go. One that is gone stays among them, so that it is told that it cannot be read.
    paths: async () => (paths = await policyFiles(policy, host.cwd).catch(() => paths)),
    fingerprint,
    everyMs: lookEvery,
    clock,
    async onChange() {
      try {
        const texts = await readPolicyFiles(await policyFiles(policy, host.cwd));
        if (texts.length === 0) throw new ConfigError('SETTING_INVALID', noPolicy(policy));
        const change = await set.replace(texts);
        logger.info('Policies were read again', { policies: set.policies.length, mistakes: change.mistakes.length });
        tellOthers(change.others, logger);
      } catch (error) {
        logger.error('Policies could not be read again; those in use stay', { error });
      }
    },
  });
  return { keep: (signal) => watch.run(signal), objects: noObjects };
}

function noPolicy(names: readonly string[]): string {
  return `There is no policy in ${names.join(', ')}, so that everything would be admitted; name other files`;
}

function noneCounts(names: readonly string[]): string {
  return `No policy in ${names.join(', ')} counts in a cluster (gates), so that everything would be admitted; name other files`;
}

function whyUnread({ file, line, apiVersion, kind }: OtherDocument): string {
  return `${file}:${line}: ${kind} of ${apiVersion} cannot be judged by here; leave it out, or judge by another policy`;
}

function tellOthers(others: readonly OtherDocument[], logger: Logger): void {
  for (const { file, line, apiVersion, kind } of others.slice(0, mostTold)) {
    logger.warn('A document is no policy that can be judged by; it is left out', { file, line, apiVersion, kind });
  }
}
