import { FollowedPolicies } from '../../admission/policies/follow-policies.ts';
import type { PolicySet } from '../../admission/policies/policy-set.ts';
import { FileWatch } from '../../base/file-watch.ts';
import { fingerprintFiles } from '../../base/fingerprint.ts';
import type { Logger } from '../../base/logger.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { systemClock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import type { AdmissionFlags } from './flags.ts';
import { policyFiles, readPolicyFiles } from './policy-files.ts';

/** How often files with policies are looked at, in milliseconds. */
const lookEvery = 5000;

/** Policies that are read. */
export interface LoadedPolicies {
  /** Keeps them what they are where they come from, until a signal is aborted. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** What they are objects of, where they are of a cluster. */
  readonly objects: Pick<FollowedPolicies, 'objects' | 'find'>;
}

/** Policies of files are no objects. */
const noObjects: LoadedPolicies['objects'] = { objects: () => [], find: () => undefined };

/**
 * Reads the policies: files where some are named, else those of the cluster. What is wrong with files at the start is told, and nothing
 * is served by them.
 *
 * @returns undefined where they are wrong
 * @throws ConfigError where there is nothing to judge by, or a file cannot be read
 */
export async function loadPolicies(
  { policy }: Pick<AdmissionFlags, 'policy'>,
  set: PolicySet,
  client: KubernetesClient | undefined,
  host: Host,
  logger: Logger,
): Promise<LoadedPolicies | undefined> {
  if (policy.length === 0 && client === undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      'There is nothing to judge by; name policies with --policy, or add --cluster',
    );
  }
  if (policy.length === 0) {
    const followed = new FollowedPolicies({ client: client as KubernetesClient, set, clock: systemClock, logger });
    return {
      keep: (signal) => followed.run(signal),
      objects: { objects: () => followed.objects(), find: (policy) => followed.find(policy) },
    };
  }
  const paths = await policyFiles(policy, host.cwd);
  const fingerprint = await fingerprintFiles(paths);
  const { mistakes } = await set.replace(await readPolicyFiles(paths));
  if (mistakes.length > 0) {
    for (const { file, ...mistake } of mistakes) await host.stderr.write(`${formatMistake(file, mistake)}\n`);
    return undefined;
  }
  const watch = new FileWatch({
    paths,
    fingerprint,
    everyMs: lookEvery,
    clock: systemClock,
    async onChange() {
      try {
        const change = await set.replace(await readPolicyFiles(await policyFiles(policy, host.cwd)));
        logger.info('Policies were read again', { policies: set.policies.length, mistakes: change.mistakes.length });
      } catch (error) {
        logger.error('Policies could not be read again; those in use stay', { error });
      }
    },
  });
  return { keep: (signal) => watch.run(signal), objects: noObjects };
}
