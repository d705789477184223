import { resourceTypes } from '../cluster/resource-types.ts';
import { leaseType } from '../../kubernetes/leader/lease.ts';
import { configurationName, defaultManifestSettings, sharedNames } from '../manifests/model.ts';
import { type RemovalTarget, removeOwn } from '../remove-own.ts';
import { imageVerdictType } from '../resources/image-verdict.ts';
import { removalOrder } from '../webhooks/remove-webhooks.ts';
import { awaitNoLeader } from './await-no-leader.ts';
import type { CleanupParts, CleanupSettings, CleanupStep } from './model.ts';
import { patiently } from './patiently.ts';
import { removeVerdicts } from './remove-verdicts.ts';
import { stopWebhook } from './stop-webhook.ts';

/**
 * Takes out of a cluster what the webhook made there while it ran. The webhooks go first, and nothing has to answer for that: API servers
 * never ask a webhook about configurations of webhooks. They go once more when nobody is left who would register them anew.
 * What is wrong with any of the rest is a step of its own, and the others are done all the same.
 *
 * @throws AdmissionError WEBHOOK_RUNS, KubernetesError where it cannot be had that API servers ask nobody any more; the signal's reason
 */
export async function cleanUp(parts: CleanupParts, settings: CleanupSettings): Promise<void> {
  const { client, clock, onStep, onWait, signal } = parts;
  const { namespace, all, stop, dryRun } = settings;
  const { name } = defaultManifestSettings;
  const remove = async (target: RemovalTarget): Promise<CleanupStep> => {
    const outcome = await patiently(() => removeOwn(client, target, { dryRun, signal }), clock, signal);
    const { type, ...place } = target;
    return { kind: type.kind, ...place, outcome };
  };
  const removeWebhooks = async (again: boolean): Promise<void> => {
    for (const type of removalOrder) {
      const step = await remove({ type, name: configurationName });
      if (!again || step.outcome === 'removed') onStep(step);
    }
  };
  await removeWebhooks(false);
  if (!dryRun) {
    if (stop) await stopWebhook(parts, { namespace, name });
    onWait('It is made sure that no replica registers the webhooks again');
    await awaitNoLeader({ client, clock, namespace, name: sharedNames.lease, isStopping: stop, signal });
    await removeWebhooks(true);
  }
  const secrets = all ? [sharedNames.certificates, sharedNames.sealKey] : [];
  const rest = [
    { type: leaseType, namespace, name: sharedNames.lease },
    ...secrets.map((each) => ({ type: resourceTypes.secrets, namespace, name: each })),
  ];
  for (const target of rest) {
    const { kind } = target.type;
    onStep(await attempt({ kind, namespace, name: target.name }, () => remove(target), signal));
  }
  if (!all) return;
  const verdicts = { kind: imageVerdictType.kind };
  const act = async (): Promise<CleanupStep> => {
    const count = await removeVerdicts(parts, dryRun);
    return { ...verdicts, count, outcome: count === 0 ? 'absent' : dryRun ? 'present' : 'removed' };
  };
  onStep(await attempt(verdicts, act, signal));
}

async function attempt(
  what: Omit<CleanupStep, 'outcome'>,
  act: () => Promise<CleanupStep>,
  signal: AbortSignal,
): Promise<CleanupStep> {
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    return { ...what, outcome: { failed: error } };
  }
}
