import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import { AdmissionError } from '../error.ts';
import { isOurs } from '../ownership.ts';
import type { ReviewPhase } from '../server/model.ts';
import { bundlesOf, configurationOf, configurationTypes, isAsWanted, mended, withBundle } from './configuration.ts';
import { webhookLimits as limits } from './limits.ts';
import type { WebhookSettings } from './model.ts';
import { removeWebhooks } from './remove-webhooks.ts';
import { wantedWebhooks } from './wanted-webhooks.ts';

/** What webhooks are registered with. */
export interface WebhookRegistrarParts {
  readonly client: Pick<KubernetesClient, 'get' | 'list' | 'watch' | 'patch' | 'replace' | 'remove' | 'discover'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: WebhookSettings;
  /** Whether this replica is the one that writes. */
  readonly leads: () => boolean;
  /** Whether this replica could answer a review: it listens, and knows its policies. */
  readonly canAnswer: () => boolean;
}

const phases = ['mutate', 'validate'] as const;
const fieldManager = 'seaworthy';

/**
 * Has API servers ask the webhook about what its policies want, by a leader's hand.
 *
 * A webhook with `failurePolicy: Fail` that is gone lets nothing of what it is asked about pass. So: nothing is registered before this
 * replica can answer; namespaces of the control plane and of the webhook itself are left out, so that what is gone can come again; and
 * the configurations go with their owner where the whole is uninstalled, or by `remove()`. What is registered stays when replicas
 * stop: a policy that whoever stops them could switch off would be none.
 */
export class WebhookRegistrar {
  readonly #parts: WebhookRegistrarParts;
  #policies: readonly ResourcePolicy[] | undefined;
  #bundle: string | undefined;
  /** A bundle that every API server has had the time to hear of. */
  #known: string | undefined;
  #discovered: { readonly discovery: Discovery; readonly at: number } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Ends the wait for the next look; the second one ends the pause after a change as well. */
  #wake: () => void = () => undefined;
  #hurry: () => void = () => undefined;

  constructor(parts: WebhookRegistrarParts) {
    this.#parts = parts;
  }

  /** The policies that count now; before they are known for the first time, nothing is registered, and nothing removed. */
  want(policies: readonly ResourcePolicy[]): void {
    this.#policies = policies;
    this.#discovered = undefined;
    this.#hurry();
  }

  /** Looks at once, for one who leads now, or can answer now. */
  nudge(): void {
    this.#hurry();
  }

  /**
   * Has whatever is registered trust a bundle; what is registered later does as well.
   *
   * @returns true when all API servers do. Only the leader can tell that there is nothing registered that would have to
   * @throws KubernetesError
   */
  async publish(bundle: string): Promise<boolean> {
    return await this.#alone(async () => {
      const { client, clock, leads, settings } = this.#parts;
      this.#bundle = bundle;
      if (settings.isInjected === true) return true;
      const caBundle = Buffer.from(bundle).toString('base64');
      let isThere = false;
      for (const phase of phases) {
        const type = configurationTypes[phase];
        const found = await client.get(type, settings.name);
        if (found === undefined || bundlesOf(found).length === 0) continue;
        isThere = true;
        if (bundlesOf(found).every((each) => each === caBundle)) continue;
        this.#known = undefined;
        if (!leads()) return false;
        await client.replace(type, withBundle(found, caBundle), { fieldManager });
      }
      if (!isThere) {
        if (leads()) this.#known = bundle;
        return leads();
      }
      if (this.#known === bundle) return true;
      // The API server that answered here has it, and others are told of it.
      await clock.sleep(limits.propagation);
      this.#known = bundle;
      return true;
    });
  }

  /**
   * Registers what is wanted, and takes away what is not; does nothing for who does not lead, or cannot answer yet.
   *
   * @returns how many configurations had to be changed
   * @throws KubernetesError, AdmissionError WEBHOOKS_TOO_MANY; what is registered stays
   */
  async attempt(): Promise<number> {
    return await this.#alone(async () => {
      const { leads, canAnswer, settings } = this.#parts;
      const [policies, bundle] = [this.#policies, this.#bundle];
      if (policies === undefined || bundle === undefined || !leads() || !canAnswer()) return 0;
      const { mutating, validating } = wantedWebhooks(policies, {
        settings,
        bundle,
        discovery: await this.#discovery(),
      });
      const wanted = { mutate: mutating, validate: validating };
      let changes = 0;
      for (const phase of phases) {
        if (await this.#keep(phase, configurationOf(phase, wanted[phase], settings))) changes += 1;
      }
      return changes;
    });
  }

  /** Follows what is registered, and keeps it as it is wanted, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, settings } = this.#parts;
    const handler = { change: () => this.#wake() };
    const options = { clock, logger, fieldSelector: `metadata.name=${settings.name}` };
    const followed = phases.map((phase) => follow(client, configurationTypes[phase], options, handler, signal));
    await Promise.all([this.#loop(signal), ...followed]);
  }

  /** Takes away what was registered, whoever leads. @returns the names of the kinds that were there @throws KubernetesError */
  async remove(): Promise<readonly string[]> {
    this.#policies = undefined;
    return await this.#alone(() => removeWebhooks(this.#parts.client, this.#parts.settings.name));
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    let pause = limits.leastPause as number;
    while (!signal.aborted) {
      const [woken, hurried] = [new AbortController(), new AbortController()];
      // From here on: what comes while a look is under way leads to another one.
      this.#wake = () => woken.abort();
      this.#hurry = () => hurried.abort();
      const ended = AbortSignal.any([signal, hurried.signal]);
      let changes = 1;
      try {
        changes = await this.attempt();
        if (changes > 0) logger.info('Webhooks were registered', { configurations: changes });
      } catch (error) {
        if (!isKubernetesError(error) && !(error instanceof AdmissionError)) throw error;
        logger.error('Webhooks could not be registered as policies want them', { error });
      }
      // Somebody else may want the opposite, and would be at it without end.
      if (changes > 0) await clock.sleep(pause, ended).catch(() => undefined);
      else await clock.sleep(limits.lookTime, AbortSignal.any([ended, woken.signal])).catch(() => undefined);
      pause = changes > 0 ? Math.min(pause * 2, limits.mostPause) : calmed(pause, woken.signal.aborted);
    }
  }

  /** Has a configuration be as it is wanted. @returns whether it was not */
  async #keep(phase: ReviewPhase, ours: KubernetesObject): Promise<boolean> {
    const { client, settings } = this.#parts;
    const type = configurationTypes[phase];
    const found = await client.get(type, settings.name);
    const injected = settings.isInjected === true && found !== undefined ? bundlesOf(found)[0] : undefined;
    const wanted = injected === undefined || injected === '' ? ours : withBundle(ours, injected);
    if ((wanted['webhooks'] as readonly unknown[]).length === 0) {
      if (found === undefined || !isOurs(found)) return false;
      const { uid } = found.metadata;
      return await client.remove(type, settings.name, uid === undefined ? {} : { preconditions: { uid } });
    }
    if (found !== undefined && isAsWanted(found, wanted)) return false;
    const left = await this.#apply(phase, wanted, found);
    // Fields that others wrote and nobody here ever did are theirs; in webhooks of ours there are none of others.
    if (!isAsWanted(left, wanted)) await client.replace(type, mended(left, wanted), { fieldManager });
    return true;
  }

  /** @returns what is registered then */
  async #apply(
    phase: ReviewPhase,
    wanted: KubernetesObject,
    found: KubernetesObject | undefined,
  ): Promise<KubernetesObject> {
    const { client, settings } = this.#parts;
    const intent = { kind: 'apply', body: wanted, force: true } as const;
    try {
      return await client.patch(configurationTypes[phase], settings.name, intent, { fieldManager });
    } catch (error) {
      // With what others wrote beside it, it may not be allowed: an address has a URL or a service.
      if (found === undefined || !isKubernetesError(error, 'INVALID')) throw error;
      return found;
    }
  }

  async #discovery(): Promise<Discovery> {
    const { client, clock } = this.#parts;
    const known = this.#discovered;
    const now = clock.monotonic();
    if (known !== undefined && now - known.at < limits.discoveryTime) return known.discovery;
    const discovery = await client.discover();
    this.#discovered = { discovery, at: now };
    return discovery;
  }

  /** One at a time: a bundle that is published must not be undone by who read the one before. */
  async #alone<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return await done;
  }
}

/** A whole look at rest, and the next change is mended as fast as the first. */
function calmed(pause: number, wasWoken: boolean): number {
  return wasWoken ? pause : limits.leastPause;
}
