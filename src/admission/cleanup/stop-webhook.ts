import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { AdmissionError } from '../error.ts';
import { cleanupLimits as limits } from './limits.ts';
import type { CleanupParts } from './model.ts';
import { patiently } from './patiently.ts';

/** What runs the webhook. */
const deploymentType: ResourceType = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};

/**
 * Scales the webhook's Deployment to none, and waits until its Pods were asked to go. Does nothing where there is no Deployment of that
 * name that is part of Seaworthy.
 *
 * @throws AdmissionError WEBHOOK_RUNS where Pods stay; KubernetesError; the signal's reason
 */
export async function stopWebhook(
  { client, clock, onWait, signal }: Pick<CleanupParts, 'client' | 'clock' | 'onWait' | 'signal'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const place = { namespace, signal };
  const found = await client.get(deploymentType, name, place);
  if (found === undefined || found.metadata.labels?.['app.kubernetes.io/part-of'] !== 'seaworthy') return;
  onWait(`The Deployment ${namespace}/${name} is scaled to none`);
  const none = { kind: 'merge', body: { spec: { replicas: 0 } } } as const;
  let now = await patiently(() => client.patch(deploymentType, name, none, place), clock, signal);
  const until = clock.monotonic() + limits.stop;
  while (podsOf(now) > 0) {
    if (clock.monotonic() >= until) {
      const sentence = `Pods of the Deployment ${namespace}/${name} do not stop; see what scales it again, and stop that`;
      throw new AdmissionError('WEBHOOK_RUNS', sentence);
    }
    await clock.sleep(limits.pause, signal);
    const next = await client.get(deploymentType, name, place);
    if (next === undefined) return;
    now = next;
  }
}

/** How many there are; also those that a controller has not heard of yet that they are to go. */
function podsOf({ metadata, status }: KubernetesObject): number {
  const { replicas = 0, observedGeneration = 0 } = (status ?? {}) as Readonly<Record<string, unknown>>;
  const isNew = typeof observedGeneration === 'number' && observedGeneration >= (metadata.generation ?? 0);
  return typeof replicas === 'number' && isNew ? replicas : 1;
}
