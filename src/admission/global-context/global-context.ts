import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import { untilAborted } from '../../base/shared-calls.ts';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { compileJmespath } from '../../lang/jmespath/evaluate.ts';
import type { JmespathEnvironment } from '../../lang/jmespath/evaluate.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { KyvernoGlobalEntry } from '../../policy/kyverno/document/global-context/model.ts';
import { kyvernoFunctions } from '../../policy/kyverno/function/list.ts';
import { ClusterEntries } from './cluster-entries.ts';
import { KeptCallData } from './kept-call.ts';
import { KeptResourceData } from './kept-resource.ts';
import { globalLimits as limits } from './limits.ts';
import type { GlobalContextParts, KeptData } from './model.ts';

interface Kept {
  readonly entry: KyvernoGlobalEntry;
  /** The same for the same entry. */
  readonly text: string;
  readonly data: KeptData;
  readonly end: AbortController;
  /** What projections found in the data of that state. */
  projected: { readonly of: Gathered<JsonValue>; readonly values: Map<string, Gathered<JsonValue>> } | undefined;
}

/**
 * What is kept for all policies that ask for it by name (`globalReference`): entries of files and of the cluster, those of files where both
 * have one. What is not there, or cannot be had, is told as such.
 */
export class GlobalContext {
  readonly #parts: GlobalContextParts;
  readonly #kept = new Map<string, Kept>();
  readonly #cluster: ClusterEntries;
  readonly #environment: JmespathEnvironment;
  #ofFiles: readonly KyvernoGlobalEntry[] = [];
  #resources: Discovery['resources'] | undefined;
  #signal: AbortSignal = new AbortController().signal;

  constructor(parts: GlobalContextParts) {
    this.#parts = parts;
    this.#environment = {
      functions: kyvernoFunctions(parts.naming),
      now: () => parts.clock.now(),
      random: () => parts.clock.random(),
    };
    this.#cluster = new ClusterEntries(parts, (resources) => {
      this.#resources = resources;
      this.#settle();
    });
  }

  /** Keeps what is there until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await this.#cluster.run(signal);
    for (const { end } of this.#kept.values()) end.abort();
  }

  /** Takes the entries of files in the place of those before. */
  takeFiles(entries: readonly KyvernoGlobalEntry[]): void {
    this.#ofFiles = entries;
    if (this.#resources !== undefined) this.#settle();
  }

  /**
   * What an entry, or a projection of it (`entry.projection`), is now.
   *
   * @throws the signal's reason, where it ends the waiting for the first time
   */
  async look(asked: string, signal: AbortSignal): Promise<Gathered<JsonValue>> {
    await untilAborted(this.#cluster.first, signal);
    const dot = asked.indexOf('.');
    const name = dot < 0 ? asked : asked.slice(0, dot);
    const kept = this.#kept.get(name);
    if (kept === undefined) return this.#missing(name);
    await kept.data.ready(signal);
    return told(name, dot < 0 ? kept.data.state : this.#project(kept, asked.slice(dot + 1)));
  }

  #missing(name: string): Gathered<JsonValue> {
    const reason = this.#cluster.reasonFor(name);
    return reason === undefined
      ? { state: 'absent', at: this.#parts.clock.now() }
      : told(name, { state: 'unavailable', reason });
  }

  #project(kept: Kept, name: string): Gathered<JsonValue> {
    const projection = kept.entry.spec.projections?.find((each) => each.name === name);
    if (projection === undefined) return { state: 'unavailable', reason: `it has no projection ${printable(name)}` };
    const { state } = kept.data;
    if (state.state !== 'known') return state;
    if (kept.projected?.of !== state) kept.projected = { of: state, values: new Map() };
    const { values } = kept.projected;
    let found = values.get(name);
    if (found === undefined) values.set(name, (found = this.#search(projection.jmesPath, state)));
    return found;
  }

  #search(text: string, { value, at }: Gathered<JsonValue> & { readonly state: 'known' }): Gathered<JsonValue> {
    try {
      return { state: 'known', value: compileJmespath(text).search(value, this.#environment), at };
    } catch (error) {
      if (!isSeaworthyError(error)) throw error;
      return { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
    }
  }

  /** Begins to keep what is new or another one by now, and ends what is gone. */
  #settle(): void {
    const wanted = new Map<string, KyvernoGlobalEntry>();
    for (const entry of [...this.#ofFiles, ...this.#cluster.entries]) {
      const { name } = entry.metadata;
      if (wanted.has(name)) continue;
      if (wanted.size === limits.entries) {
        this.#parts.logger.warn(`More than ${limits.entries} global context entries are not kept`, { name });
        break;
      }
      wanted.set(name, entry);
    }
    for (const [name, { end }] of this.#kept) {
      if (wanted.has(name)) continue;
      end.abort();
      this.#kept.delete(name);
    }
    for (const [name, entry] of wanted) {
      const before = this.#kept.get(name);
      const type = this.#typeOf(entry);
      const text = JSON.stringify([entry.spec, type?.kind ?? null]);
      if (before?.text === text) continue;
      before?.end.abort();
      const end = new AbortController();
      const data = this.#begin(entry, type, AbortSignal.any([this.#signal, end.signal]));
      this.#kept.set(name, { entry, text, data, end, projected: undefined });
    }
  }

  #typeOf({ spec: { kubernetesResource } }: KyvernoGlobalEntry): Discovery['resources'][number] | undefined {
    if (kubernetesResource === undefined) return undefined;
    const { group = '', version, resource } = kubernetesResource;
    return this.#resources?.find(
      (each) => each.group === group && each.version === version && each.resource === resource,
    );
  }

  #begin(
    { spec }: KyvernoGlobalEntry,
    type: Discovery['resources'][number] | undefined,
    signal: AbortSignal,
  ): KeptData {
    const { kubernetesResource, apiCall } = spec;
    if (apiCall !== undefined) return new KeptCallData(apiCall, this.#parts, signal);
    const { version = '', resource = '', group = '', namespace = '' } = kubernetesResource ?? {};
    if (type === undefined)
      return nothing(`the cluster has no ${resource} of ${group === '' ? '' : `${group}/`}${version}`);
    if (namespace !== '' && !type.namespaced) return nothing(`${resource} are in no namespace`);
    return new KeptResourceData(type, namespace === '' ? undefined : namespace, this.#parts, signal);
  }
}

function nothing(reason: string): KeptData {
  return { ready: () => Promise.resolve(), state: { state: 'unavailable', reason: printable(reason, 300) } };
}

function told(name: string, state: Gathered<JsonValue>): Gathered<JsonValue> {
  if (state.state !== 'unavailable') return state;
  return { state: 'unavailable', reason: `the global context ${printable(name)} cannot be had: ${state.reason}` };
}
