import { errorMessage } from '../../base/error.ts';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { KyvernoGlobalEntry } from '../../policy/kyverno/document/global-context/model.ts';
import { readGlobalEntries } from '../../policy/kyverno/document/read-global-entry.ts';
import { policyText } from '../policies/object-text.ts';
import { globalLimits as limits } from './limits.ts';
import type { GlobalContextParts } from './model.ts';

/** The versions that are read, the one that is asked for first. */
const types: readonly ResourceType[] = ['v2beta1', 'v2', 'v2alpha1'].map((version) => ({
  group: 'kyverno.io',
  version,
  resource: 'globalcontextentries',
  kind: 'GlobalContextEntry',
  namespaced: false,
}));

type Read = { readonly entry: KyvernoGlobalEntry } | { readonly mistake: string };

/** The entries of a cluster, where it has any. */
export class ClusterEntries {
  readonly #parts: GlobalContextParts;
  readonly #onChange: (resources: Discovery['resources']) => void;
  readonly #first: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #read = new Map<string, Read>();
  #resources: Discovery['resources'] = [];
  #followed: { readonly version: string; readonly end: AbortController } | undefined;
  /** Why it is not known which there are. */
  #unknown: string | undefined = 'the entries of the cluster were not read yet';

  /** @param onChange is told of what the cluster has, whenever that or the entries may be others */
  constructor(parts: GlobalContextParts, onChange: (resources: Discovery['resources']) => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /** Until all was read once, or could not be. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  get entries(): readonly KyvernoGlobalEntry[] {
    return [...this.#read.values()].flatMap((read) => ('entry' in read ? [read.entry] : []));
  }

  /** Why there is no entry of that name; undefined where the cluster says that it has none. */
  reasonFor(name: string): string | undefined {
    const read = this.#read.get(name);
    return read !== undefined && 'mistake' in read ? read.mistake : this.#unknown;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, logger } = this.#parts;
    let wasSeen = false;
    while (!signal.aborted) {
      try {
        this.#take(await client.discover(signal), signal);
        wasSeen = true;
      } catch (error) {
        if (signal.aborted) break;
        if (!wasSeen) this.#unknown = errorMessage(error).replace(/\.$/, '');
        logger.warn('It cannot be seen whether the cluster has a global context', { error });
        this.#first.resolve();
      }
      await clock.sleep(wasSeen ? limits.lookEvery : limits.firstLookEvery, signal).catch(() => undefined);
    }
    this.#first.resolve();
  }

  #take({ resources, failures }: Discovery, signal: AbortSignal): void {
    this.#resources = resources;
    const type = types.find((each) =>
      resources.some(
        ({ group, version, resource }) =>
          group === each.group && version === each.version && resource === each.resource,
      ),
    );
    if (type !== undefined) {
      if (this.#followed?.version !== type.version) this.#begin(type, signal);
    } else if (failures.every(({ groupVersion }) => !groupVersion.startsWith('kyverno.io/'))) {
      // A group that could not be asked is not one that is gone.
      this.#followed?.end.abort();
      this.#followed = undefined;
      this.#read.clear();
      this.#unknown = undefined;
      this.#first.resolve();
    } else if (this.#followed === undefined) {
      this.#unknown = 'the cluster cannot tell whether it has entries now';
      this.#first.resolve();
    }
    this.#onChange(resources);
  }

  #begin(type: ResourceType, signal: AbortSignal): void {
    const { client, clock, logger } = this.#parts;
    this.#followed?.end.abort();
    const end = new AbortController();
    this.#followed = { version: type.version, end };
    const handler: Parameters<typeof follow>[3] = {
      change: async (change) => {
        if (change.kind === 'replaced') {
          this.#read.clear();
          for (const object of change.objects) await this.#put(object);
        } else if (change.kind === 'changed') await this.#put(change.object);
        else this.#read.delete(change.object.metadata.name);
        this.#onChange(this.#resources);
      },
      state: (state) => {
        if (state.kind === 'synced') this.#unknown = undefined;
        else this.#unknown ??= state.reason.message.replace(/\.$/, '');
        this.#first.resolve();
      },
    };
    follow(client, type, { clock, logger }, handler, AbortSignal.any([signal, end.signal])).catch((error: unknown) =>
      logger.error('Entries of the global context are not followed any more', { error }),
    );
  }

  async #put(object: KubernetesObject): Promise<void> {
    const { name } = object.metadata;
    const { entries, mistakes } = await readGlobalEntries(policyText(object).text);
    const [mistake] = mistakes;
    const [entry] = entries;
    if (mistake === undefined && entry !== undefined) {
      this.#read.set(name, { entry });
      return;
    }
    const said = mistake === undefined ? 'it is none' : `${mistake.path} ${mistake.sentence}`;
    this.#parts.logger.error('An entry of the global context is wrong', { name, mistake: said });
    this.#read.set(name, { mistake: said });
  }
}
