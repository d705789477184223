import { errorMessage } from '../../base/error.ts';
import { listReferrers } from '../../oci/client/list-referrers.ts';
import { listTags } from '../../oci/client/list-tags.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { encodeDescriptor } from '../../oci/encode-descriptor.ts';
import { findManifest } from '../../store/metadata/manifests.ts';
import type { ReferrerQuery } from '../../store/metadata/referrers.ts';
import {
  findUpstreamList,
  keepUpstreamList,
  markListFailed,
  type UpstreamList,
} from '../../store/metadata/upstream-lists.ts';
import { RegistryError } from '../error.ts';
import type { FoundList, Origin, TagQuery } from '../pipeline/origin.ts';
import { AbsentNames } from './absent-names.ts';
import { asked } from './asked.ts';
import { alone } from './lease.ts';
import { upstreamLimits } from './limits.ts';
import { OnceAtATime } from './once.ts';
import { staleHeaders } from './stale.ts';
import type { UpstreamParts } from './surroundings.ts';
import { answerOf, troubleOf } from './trouble.ts';
import type { Upstream } from './upstream.ts';

/** One list of an upstream. */
interface ListWanted {
  readonly upstream: Upstream;
  readonly repository: string;
  /** The digest that something is attached to; empty for the tags. */
  readonly subject: string;
  readonly load: (client: RegistryClient) => Promise<readonly unknown[]>;
}

/** Lists of upstreams, kept for a short time, and shown for longer while they cannot be asked. */
export class UpstreamLists {
  readonly #parts: UpstreamParts;
  readonly #local: Origin;
  readonly #once = new OnceAtATime();
  readonly #absent: AbsentNames;

  constructor(parts: UpstreamParts, local: Origin) {
    this.#parts = parts;
    this.#local = local;
    this.#absent = new AbsentNames(parts.clock);
  }

  /** See `Origin.listTags`. All tags of the upstream, whether they were pulled or not. */
  async tags(
    upstream: Upstream,
    repository: string,
    { after, limit }: TagQuery,
    signal: () => AbortSignal,
  ): Promise<FoundList<string>> {
    upstream.rules.check(upstream.path(repository));
    const { closing } = this.#parts;
    const load = (client: RegistryClient): Promise<readonly string[]> =>
      listTags(client, upstream.path(repository), closing);
    const { list, headers } = await this.#find({ upstream, repository, subject: '', load }, signal());
    // Upstreams have orders of their own; pages here go by bytes, as for other repositories.
    const tags = [...new Set(list as readonly string[])].sort();
    return { entries: tags.filter((tag) => tag > after).slice(0, limit), ...headers };
  }

  /** See `Origin.listReferrers`. What the upstream lists, and what was attached here. */
  async referrers(
    upstream: Upstream,
    repository: string,
    query: ReferrerQuery,
    signal: () => AbortSignal,
  ): Promise<FoundList<Descriptor>> {
    upstream.rules.check(upstream.path(repository));
    const { closing } = this.#parts;
    const { subject, artifactType, after, limit } = query;
    const load = async (client: RegistryClient): Promise<readonly unknown[]> => {
      const found = await listReferrers(client, upstream.path(repository), subject, { signal: closing });
      return found.descriptors.map(encodeDescriptor);
    };
    const { list, headers } = await this.#find({ upstream, repository, subject, load }, signal());
    const own = await this.#local.listReferrers(repository, query, signal);
    const merged = new Map<string, Descriptor>();
    for (const descriptor of list as readonly Descriptor[]) {
      const isWanted = artifactType === undefined || descriptor.artifactType === artifactType;
      if (isWanted && descriptor.digest > after) merged.set(descriptor.digest, descriptor);
    }
    // What was read here is known for sure, where the upstream's list may be a hint.
    for (const descriptor of own.entries) merged.set(descriptor.digest, descriptor);
    const entries = [...merged.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1)).slice(0, limit);
    return { entries, ...headers };
  }

  async #find(
    wanted: ListWanted,
    signal: AbortSignal,
  ): Promise<{ readonly list: readonly unknown[]; readonly headers?: { readonly headers: typeof staleHeaders } }> {
    const { repository, subject } = wanted;
    const { content } = this.#parts;
    const look = async (): Promise<FoundList<unknown> | undefined> => {
      const known = await findUpstreamList(content.database, repository, subject);
      if (known === undefined) return undefined;
      if (this.#isWithin(known.checkedAt, upstreamLimits.listAge)) return shown(known, false);
      return this.#isWithin(known.failedAt, upstreamLimits.failurePause) ? shown(known, true) : undefined;
    };
    const key = `list ${repository} ${subject}`;
    let found = await look();
    if (found === undefined) {
      const absent = this.#absent.recall(key);
      if (absent !== undefined) throw absent;
      found = await this.#once.run(key, signal, () => alone(this.#parts, key, look, () => this.#load(wanted, key)));
    }
    this.#parts.metrics.add('upstreamFound', { kind: 'list', result: found.headers === undefined ? 'hit' : 'stale' });
    return { list: found.entries, ...(found.headers === undefined ? {} : { headers: { headers: found.headers } }) };
  }

  async #load({ upstream, repository, subject, load }: ListWanted, key: string): Promise<FoundList<unknown>> {
    const { content, logger, observe } = this.#parts;
    const known = await findUpstreamList(content.database, repository, subject);
    try {
      const entries = await asked(this.#parts, upstream, load, known === undefined ? upstreamLimits.retries : 0);
      const text = JSON.stringify(entries);
      if (text.length <= upstreamLimits.listBytes && (await this.#isKept(repository, subject))) {
        await content.database.transaction(
          (queries) => keepUpstreamList(queries, repository, subject, text, content.now()),
          { durable: false },
        );
      }
      return { entries };
    } catch (error) {
      const kind = troubleOf(error);
      if (kind === undefined) throw error;
      if (known !== undefined && kind !== 'absent') {
        const reason = errorMessage(error);
        logger.warn('A list is shown as it was, since its upstream cannot be asked', { repository, subject, reason });
        observe({ kind: 'stale', repository, reference: subject, reason });
        const failed = (): Promise<void> =>
          content.database.transaction((queries) => markListFailed(queries, repository, subject, content.now()), {
            durable: false,
          });
        await failed();
        return shown(known, true);
      }
      const { host, notFoundMs } = upstream.config;
      const retryAfter = upstream.circuit.pause('list');
      const answer = answerOf(error, { code: 'NAME_UNKNOWN', upstream: host, retryAfter });
      // What is attached to something that is not there is nothing.
      if (subject !== '' && answer instanceof RegistryError && answer.code === 'NAME_UNKNOWN') return { entries: [] };
      if (kind === 'absent' || kind === 'hidden') this.#absent.note(key, answer, notFoundMs);
      throw answer;
    }
  }

  /** Lists of what was never pulled are not kept: clients may ask for any digest. */
  async #isKept(repository: string, subject: string): Promise<boolean> {
    if (subject === '') return true;
    const { content } = this.#parts;
    return (await findManifest(content.database, repository, subject as Descriptor['digest'])) !== undefined;
  }

  #isWithin(time: number, span: number): boolean {
    const age = this.#parts.content.now() - time;
    return age >= 0 && age < span;
  }
}

function shown({ entries }: UpstreamList, isStale: boolean): FoundList<unknown> {
  const list = JSON.parse(entries) as readonly unknown[];
  return isStale ? { entries: list, headers: staleHeaders } : { entries: list };
}
