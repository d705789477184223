import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import { AdmissionError } from '../error.ts';
import { type LeaseRecord, leaseType, readLease, sameLease } from '../../kubernetes/leader/lease.ts';
import { isOurs } from '../ownership.ts';
import { cleanupLimits as limits } from './limits.ts';

/** Whose leader is waited for. */
export interface LeaderWatch {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly clock: Clock;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Whether the replicas were asked to stop; if not, one that leads is an error at once. */
  readonly isStopping: boolean;
  readonly signal: AbortSignal;
}

/**
 * Waits until no replica leads, by the rule of the replicas themselves: a Lease that was given up, or that did not change for as long as
 * it lasts. One that leads would register the webhooks anew.
 *
 * @throws AdmissionError WEBHOOK_RUNS; KubernetesError; the signal's reason
 */
export async function awaitNoLeader(watch: LeaderWatch): Promise<void> {
  const { client, clock, namespace, name, isStopping, signal } = watch;
  const started = clock.monotonic();
  let seen: { readonly record: LeaseRecord | undefined; readonly at: number } | undefined;
  for (;;) {
    const lease = await client.get(leaseType, name, { namespace, signal });
    // One of another maker says nothing of the webhook.
    const record = lease === undefined || !isOurs(lease) ? undefined : readLease(lease);
    const now = clock.monotonic();
    if (seen === undefined || !isSame(seen.record, record)) {
      if (seen !== undefined && isHeld(record) && !isStopping) throw runs(watch, record);
      seen = { record, at: now };
    }
    if (now - seen.at >= patienceOf(record)) return;
    if (now - started >= limits.stop) throw runs(watch, record);
    await clock.sleep(limits.pause, signal);
  }
}

function isHeld(record: LeaseRecord | undefined): record is LeaseRecord {
  return record !== undefined && record.holder !== '';
}

function isSame(one: LeaseRecord | undefined, other: LeaseRecord | undefined): boolean {
  return one === undefined || other === undefined ? one === other : sameLease(one, other);
}

function patienceOf(record: LeaseRecord | undefined): number {
  return isHeld(record) ? Math.min(record.seconds * 1000, limits.longestLease) : limits.quiet;
}

function runs({ namespace, name, isStopping }: LeaderWatch, record: LeaseRecord | undefined): AdmissionError {
  const who = isHeld(record) ? ` (${record.holder} leads, by the Lease ${namespace}/${name})` : '';
  const advice = isStopping
    ? 'see what starts it again, such as an autoscaler or a tool that keeps a repository’s state, and stop that'
    : 'stop it first, with --stop or by scaling it to none';
  return new AdmissionError(
    'WEBHOOK_RUNS',
    `The webhook runs${who}, and registers itself anew whenever it is removed; ${advice}`,
  );
}
