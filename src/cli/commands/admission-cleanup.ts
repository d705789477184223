import { cleanUp } from '../../admission/cleanup/clean-up.ts';
import type { CleanupStep } from '../../admission/cleanup/model.ts';
import { registeredNamespace } from '../../admission/cleanup/registered-namespace.ts';
import { findCluster } from '../../kubernetes/config/find-cluster.ts';
import { openKubernetesClient } from '../../kubernetes/open-client.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { serverLogger } from '../server-logger.ts';

/** What may be typed after `admission cleanup`. */
export interface AdmissionCleanupOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly all?: true;
  readonly stop?: true;
  readonly dryRun?: true;
}

/** `admission cleanup`: takes out of a cluster what the webhook made there. */
export async function admissionCleanupCommand(
  options: AdmissionCleanupOptions,
  settings: Pick<Settings, 'debug' | 'quiet'>,
  host: Host,
  clock: Clock = systemClock,
): Promise<number> {
  const { all = false, stop = false, dryRun = false } = options;
  if (stop && dryRun) {
    throw new ConfigError('SETTING_INVALID', '--stop stops the webhook, and --dry-run changes nothing; leave one away');
  }
  const { signal } = host;
  const logger = serverLogger(settings, host);
  const config = await findCluster(options, { env: host.env, home: host.home, clock, logger, signal });
  await using client = openKubernetesClient(config, {
    clock,
    logger,
    userAgent: `seaworthy-cleanup/${host.version}`,
  });
  const namespace = options.namespace ?? (await registeredNamespace(client)) ?? client.namespace;
  const told: Promise<void>[] = [];
  const steps: CleanupStep[] = [];
  const parts = {
    client,
    clock,
    signal,
    onStep(step: CleanupStep) {
      steps.push(step);
      const { outcome } = step;
      if (outcome === 'absent') return;
      if (typeof outcome === 'string') told.push(host.stdout.write(`${placeOf(step)}: ${words[outcome]}\n`));
      else told.push(host.stderr.write(`${placeOf(step)} stays: ${describeError(outcome.failed)}\n`));
    },
    onWait(sentence: string) {
      if (!settings.quiet) told.push(host.stderr.write(`${sentence}\n`));
    },
  };
  try {
    await cleanUp(parts, { namespace, all, stop, dryRun });
  } finally {
    await Promise.all(told);
  }
  if (steps.every(({ outcome }) => outcome === 'absent')) {
    await host.stdout.write(
      `Nothing that the webhook made is there, in the namespace ${namespace} or in the cluster\n`,
    );
  }
  return steps.some(({ outcome }) => typeof outcome !== 'string') ? exitCode.error : exitCode.ok;
}

const words = {
  removed: 'removed',
  present: 'would be removed',
  foreign: 'left as it is, since the webhook did not make it',
} as const;

function placeOf({ kind, namespace, name, count }: CleanupStep): string {
  const place = name === undefined ? '' : ` ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return count === undefined ? `${kind}${place}` : `${kind}, ${count} of them`;
}
