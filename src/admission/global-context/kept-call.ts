import { errorMessage } from '../../base/error.ts';
import { untilAborted } from '../../base/shared-calls.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import { parseGoDuration } from '../../lang/go/duration.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { KeptCall } from '../../policy/kyverno/document/global-context/model.ts';
import { ownSecretsReason, readsOwnSecrets } from '../cluster/own-secrets.ts';
import { globalLimits as limits } from './limits.ts';
import type { GlobalContextParts, KeptData } from './model.ts';

/** What the API server answers to a call, asked for again and again. As in Kyverno, a call that failed leaves nothing from before. */
export class KeptCallData implements KeptData {
  readonly #call: KeptCall;
  readonly #parts: GlobalContextParts;
  readonly #first: PromiseWithResolvers<void> = Promise.withResolvers();
  #state: Gathered<JsonValue> = { state: 'unavailable', reason: 'it was not asked for yet' };

  /** @param call that was checked (`checkKyvernoGlobalEntry`) @param signal ends the asking */
  constructor(call: KeptCall, parts: GlobalContextParts, signal: AbortSignal) {
    this.#call = call;
    this.#parts = parts;
    this.#run(signal)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#state = { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
        parts.logger.error('A call of the global context is not made any more', { path: call.urlPath, error });
      })
      .finally(this.#first.resolve);
  }

  async ready(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#first.promise, signal);
  }

  get state(): Gathered<JsonValue> {
    return this.#state;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const { refreshInterval = '' } = this.#call;
    const asked = parseGoDuration(refreshInterval);
    const wanted = asked === undefined ? limits.refresh : Number(asked / 1_000_000n);
    const every = Math.min(Math.max(wanted, limits.leastRefresh), limits.mostRefresh);
    while (!signal.aborted) {
      this.#state = await this.#ask(signal);
      this.#first.resolve();
      await clock.sleep(every, signal).catch(() => undefined);
    }
  }

  async #ask(signal: AbortSignal): Promise<Gathered<JsonValue>> {
    const { clock } = this.#parts;
    const tries = Math.min(this.#call.retryLimit ?? limits.tries, limits.mostTries);
    for (let made = 1; ; made += 1) {
      try {
        const value = await this.#once(AbortSignal.any([signal, AbortSignal.timeout(limits.callTime)]));
        const at = clock.now();
        return value === undefined ? { state: 'absent', at } : { state: 'known', value: value as JsonValue, at };
      } catch (error) {
        signal.throwIfAborted();
        if (made >= tries) return { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
        const pause = limits.pause * 2 ** (made - 1);
        await clock.sleep(isKubernetesError(error) ? Math.max(pause, error.retryAfterMs ?? 0) : pause, signal);
      }
    }
  }

  async #once(signal: AbortSignal): Promise<unknown> {
    const { client } = this.#parts;
    const { urlPath = '', method = 'GET', data = [] } = this.#call;
    if (readsOwnSecrets(urlPath, client.namespace)) throw new Error(ownSecretsReason);
    if (method === 'GET') return await client.read(urlPath, { maxBytes: limits.answerBytes, signal });
    const body: Record<string, unknown> = Object.fromEntries(data.map(({ key, value }) => [key, value]));
    const { type, namespace } = questionAt(urlPath, body['kind']);
    const metadata = { ...(body['metadata'] as object | undefined), ...(namespace === undefined ? {} : { namespace }) };
    const apiVersion = `${type.group}/${type.version}`;
    return await client.review(type, { ...body, apiVersion, kind: type.kind, metadata }, { signal });
  }
}

/** Where a question is asked: `/apis/authorization.k8s.io/v1/subjectaccessreviews`. */
function questionAt(
  path: string,
  kind: unknown,
): { readonly type: ResourceType; readonly namespace: string | undefined } {
  const [, , group = '', version = '', ...rest] = path.split('/');
  const namespace = rest[0] === 'namespaces' ? rest[1] : undefined;
  const resource = rest.at(-1) ?? '';
  const named = typeof kind === 'string' ? kind : '';
  return { type: { group, version, resource, kind: named, namespaced: namespace !== undefined }, namespace };
}
