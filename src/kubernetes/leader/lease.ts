import { microTime } from '../micro-time.ts';
import type { KubernetesObject, ResourceType } from '../model.ts';
import { leaderLimits } from './limits.ts';

/** Leases (Kubernetes API, coordination.k8s.io/v1). */
export const leaseType: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** What a Lease says of its leader. */
export interface LeaseRecord {
  /** Empty where nobody leads. */
  readonly holder: string;
  readonly seconds: number;
  readonly acquired: string;
  readonly renewed: string;
  readonly transitions: number;
}

/** Reads a Lease; what is missing is as if nobody led. */
export function readLease({ spec }: KubernetesObject): LeaseRecord {
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = (spec ?? {}) as Readonly<
    Record<string, unknown>
  >;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    seconds: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : leaderLimits.lease / 1000,
    acquired: typeof acquireTime === 'string' ? acquireTime : '',
    renewed: typeof renewTime === 'string' ? renewTime : '',
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
  };
}

/** Whether two say the same: a leader that is alive writes another time. */
export function sameLease(a: LeaseRecord, b: LeaseRecord): boolean {
  return (
    a.holder === b.holder && a.renewed === b.renewed && a.acquired === b.acquired && a.transitions === b.transitions
  );
}

/** What a Lease is to say. @param now milliseconds since 1970 */
export function leaseSpec(
  holder: string,
  before: LeaseRecord | undefined,
  now: number,
): Readonly<Record<string, unknown>> {
  const time = microTime(now);
  const isOwn = before?.holder === holder;
  return {
    holderIdentity: holder,
    leaseDurationSeconds: leaderLimits.lease / 1000,
    acquireTime: isOwn ? before.acquired : time,
    renewTime: time,
    leaseTransitions: before === undefined ? 0 : before.transitions + (isOwn ? 0 : 1),
  };
}
