import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../client.ts';
import { isKubernetesError } from '../error.ts';
import type { KubernetesObject } from '../model.ts';
import type { Clock } from '../../net/clock.ts';
import { leaderLimits } from './limits.ts';
import { type LeaseRecord, leaseSpec, leaseType, readLease, sameLease } from './lease.ts';

/** How a leader is chosen. */
export interface LeaderOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of the Lease, where this makes it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of this process, and of no other. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Is told when this process begins to lead, and when it does not any more. */
  readonly onChange?: (leads: boolean) => void;
}

/**
 * Chooses one of several replicas by a Lease, for work that one must do for all. Clocks are not compared: a leader counts as gone when
 * its Lease did not change for as long as the Lease says, by one's own clock, and a leader that cannot renew its Lease stops before that.
 */
export class Leader {
  readonly #options: LeaderOptions;
  /** What was seen at last, and when by this machine's steady clock. */
  #seen: { readonly record: LeaseRecord; readonly at: number } | undefined;
  /** When this process last wrote that it leads. */
  #renewedAt: number | undefined;
  #led = false;

  constructor(options: LeaderOptions) {
    this.#options = options;
  }

  /** Whether this process leads, and others wait for it yet. */
  get leads(): boolean {
    const at = this.#renewedAt;
    return at !== undefined && this.#options.clock.monotonic() - at < leaderLimits.renew;
  }

  /** Tries to lead until the signal is aborted, and then gives it up, so that nobody has to wait. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await this.attempt(signal);
      const pause = leaderLimits.retry * (1 + clock.random() * 0.2);
      await clock.sleep(pause, signal).catch(() => undefined);
    }
    await this.#release();
  }

  /** Tries once. Failures are waited out: whoever leads stops by itself when they last. */
  async attempt(signal?: AbortSignal): Promise<void> {
    const { logger, identity } = this.#options;
    try {
      await this.#acquire(signal);
    } catch (error) {
      if (!isKubernetesError(error) && signal?.aborted !== true) throw error;
      logger.debug('The lease of the leader could not be had', { error });
    }
    if (this.#led === this.leads) return;
    this.#led = this.leads;
    logger.info(this.#led ? 'This process leads now' : 'This process does not lead any more', { identity });
    this.#options.onChange?.(this.#led);
  }

  async #acquire(signal: AbortSignal | undefined): Promise<void> {
    const { client, namespace, name, labels, identity, clock } = this.#options;
    const asked = { namespace, ...(signal === undefined ? {} : { signal }) };
    const started = clock.monotonic();
    const lease = await client.get(leaseType, name, asked);
    if (lease === undefined) {
      const metadata = { name, namespace, labels };
      const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
      await client.create(leaseType, { ...made, spec: leaseSpec(identity, undefined, clock.now()) }, asked);
      this.#renewedAt = started;
      return;
    }
    const record = readLease(lease);
    if (record.holder !== identity && !this.#isOver(record)) {
      this.#renewedAt = undefined;
      return;
    }
    await this.#write(lease, leaseSpec(identity, record, clock.now()));
    // Counted from before it was asked: others may have seen it that early.
    this.#renewedAt = started;
  }

  /** Whether nobody leads: the Lease was given up, or did not change for as long as it lasts. */
  #isOver(record: LeaseRecord): boolean {
    const now = this.#options.clock.monotonic();
    if (record.holder === '') return true;
    if (this.#seen === undefined || !sameLease(this.#seen.record, record)) this.#seen = { record, at: now };
    return now - this.#seen.at >= record.seconds * 1000;
  }

  async #write(lease: KubernetesObject, spec: Readonly<Record<string, unknown>>): Promise<void> {
    // With the version that was read: of two that try at once, one succeeds.
    await this.#options.client.replace(leaseType, { ...lease, spec });
  }

  async #release(): Promise<void> {
    const { client, namespace, name, identity, clock, logger } = this.#options;
    const isLeader = this.leads;
    this.#renewedAt = undefined;
    if (!isLeader) return;
    try {
      const lease = await client.get(leaseType, name, { namespace, signal: AbortSignal.timeout(leaderLimits.retry) });
      if (lease === undefined || readLease(lease).holder !== identity) return;
      await this.#write(lease, { ...leaseSpec(identity, readLease(lease), clock.now()), holderIdentity: '' });
    } catch (error) {
      logger.debug('The lease could not be given up; it ends by itself', { error });
    }
  }
}
