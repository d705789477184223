import { errorMessage } from '../../base/error.ts';
import { type FetchedManifest, fetchManifest, resolveDigest } from '../../oci/client/fetch-manifest.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { findManifest, type ManifestRecord } from '../../store/metadata/manifests.ts';
import { findRepository } from '../../store/metadata/repositories.ts';
import { deleteTag, findTag } from '../../store/metadata/tags.ts';
import { findUpstreamTag, markChecked, markFailed, type UpstreamTag } from '../../store/metadata/upstream-tags.ts';
import type { ManifestName } from '../content/read-manifest.ts';
import type { FoundManifest } from '../pipeline/origin.ts';
import { AbsentNames } from './absent-names.ts';
import { asked } from './asked.ts';
import { keepFetched, pointTagAt } from './keep-manifest.ts';
import { alone } from './lease.ts';
import { upstreamLimits } from './limits.ts';
import { OnceAtATime } from './once.ts';
import type { UpstreamParts } from './surroundings.ts';
import { staleHeaders } from './stale.ts';
import { answerOf, troubleOf } from './trouble.ts';
import type { Upstream } from './upstream.ts';

/** Manifests of upstreams: kept ones at once, others from where they are, each asked for once however many clients want it. */
export class UpstreamManifests {
  readonly #parts: UpstreamParts;
  readonly #once = new OnceAtATime();
  readonly #absent: AbsentNames;

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
    this.#absent = new AbsentNames(parts.clock);
  }

  /** See `Origin.findManifest`. */
  async find(upstream: Upstream, name: ManifestName, signal: () => AbortSignal): Promise<FoundManifest> {
    upstream.rules.check(upstream.path(name.repository));
    return 'tag' in name
      ? this.#byTag(upstream, name.repository, name.tag, signal)
      : this.#byDigest(upstream, name.repository, name.digest, signal);
  }

  async #byDigest(
    upstream: Upstream,
    repository: string,
    digest: Digest,
    signal: () => AbortSignal,
  ): Promise<FoundManifest> {
    const { content } = this.#parts;
    const look = (): Promise<ManifestRecord | undefined> => findManifest(content.database, repository, digest);
    const record = await look();
    if (record !== undefined) {
      this.#count('hit');
      return { record };
    }
    const key = `${repository}@${digest}`;
    this.#throwAbsent(key);
    const found = await this.#once.run(key, signal(), () =>
      alone(this.#parts, key, look, async () => {
        this.#count('miss');
        try {
          const fetched = await asked(this.#parts, upstream, (client) =>
            fetchManifest(client, upstream.path(repository), digest, this.#parts.closing),
          );
          return await keepFetched(this.#parts, repository, undefined, fetched);
        } catch (error) {
          throw this.#refusal(upstream, key, repository, digest, error);
        }
      }),
    );
    return { record: found };
  }

  async #byTag(upstream: Upstream, repository: string, tag: string, signal: () => AbortSignal): Promise<FoundManifest> {
    const { content } = this.#parts;
    const look = async (): Promise<FoundManifest | undefined> => {
      const known = await findUpstreamTag(content.database, repository, tag);
      if (known === undefined) return undefined;
      if (this.#isFresh(upstream, known)) return { record: known };
      // It failed a moment ago, here or in another process: nobody waits for the next failure.
      const failed = content.now() - known.failedAt;
      const isStale = failed >= 0 && failed < upstreamLimits.failurePause && this.#mayBeStale(upstream, known);
      return isStale ? { record: known, headers: staleHeaders } : undefined;
    };
    const found = await look();
    if (found !== undefined) {
      this.#count(found.headers === undefined ? 'hit' : 'stale');
      return found;
    }
    const key = `${repository}:${tag}`;
    this.#throwAbsent(key);
    return this.#once.run(key, signal(), () =>
      alone(this.#parts, key, look, () => this.#revalidate(upstream, repository, tag)),
    );
  }

  /** Asks what a tag names: of one that is known whether it moved, which costs nothing where manifests are counted. */
  async #revalidate(upstream: Upstream, repository: string, tag: string): Promise<FoundManifest> {
    const { content } = this.#parts;
    const known = await findUpstreamTag(content.database, repository, tag);
    try {
      const digest = known === undefined ? undefined : await this.#ask(upstream, repository, tag);
      const kept = digest === undefined ? undefined : await this.#keptAs(repository, tag, known, digest);
      this.#count(kept === undefined ? 'miss' : 'revalidated');
      return { record: kept ?? (await this.#fetchTag(upstream, repository, tag, digest)) };
    } catch (error) {
      const kind = troubleOf(error);
      if (kind === undefined) throw error;
      if (kind === 'absent' && known !== undefined) await this.#forget(repository, tag);
      if (kind === 'absent' || known === undefined || !this.#mayBeStale(upstream, known)) {
        throw this.#refusal(upstream, `${repository}:${tag}`, repository, tag, error);
      }
      return await this.#stale(repository, tag, known, error);
    }
  }

  /** The digest that a tag has; undefined where the upstream does not say. */
  #ask(upstream: Upstream, repository: string, tag: string): Promise<Digest | undefined> {
    const ask = (client: RegistryClient): Promise<Digest | undefined> =>
      resolveDigest(client, upstream.path(repository), tag, this.#parts.closing);
    return asked(this.#parts, upstream, ask, 0);
  }

  /** The manifest of a digest that is here already, which the tag then names; undefined when it has to be fetched. */
  async #keptAs(
    repository: string,
    tag: string,
    known: UpstreamTag | undefined,
    digest: Digest,
  ): Promise<ManifestRecord | undefined> {
    if (known?.digest !== digest) return await pointTagAt(this.#parts, repository, tag, digest);
    await this.#mark(repository, tag, markChecked);
    return known;
  }

  async #fetchTag(
    upstream: Upstream,
    repository: string,
    tag: string,
    digest: Digest | undefined,
  ): Promise<ManifestRecord> {
    const load = (reference: string): Promise<FetchedManifest> =>
      asked(this.#parts, upstream, (client) =>
        fetchManifest(client, upstream.path(repository), reference, this.#parts.closing),
      );
    const fetched = await load(digest ?? tag).catch((error: unknown) => {
      // It moved again since, or another of the upstream's servers answered.
      if (digest === undefined || troubleOf(error) !== 'absent') throw error;
      return load(tag);
    });
    return await keepFetched(this.#parts, repository, tag, fetched);
  }

  async #stale(repository: string, tag: string, known: UpstreamTag, error: unknown): Promise<FoundManifest> {
    const { logger, observe } = this.#parts;
    const reason = errorMessage(error);
    this.#count('stale');
    logger.warn('A tag is served as it was, since its upstream cannot be asked', { repository, tag, reason });
    observe({ kind: 'stale', repository, reference: tag, reason });
    await this.#mark(repository, tag, markFailed);
    return { record: known, headers: staleHeaders };
  }

  async #mark(repository: string, tag: string, mark: typeof markChecked): Promise<void> {
    const { content } = this.#parts;
    await content.database.transaction(
      async (queries) => {
        const id = await findRepository(queries, repository);
        if (id !== undefined) await mark(queries, id, tag, content.now());
      },
      { durable: false },
    );
  }

  /** The upstream has the tag no more. Its manifest stays, for those who know its digest. */
  async #forget(repository: string, tag: string): Promise<void> {
    const { content, journal, observe } = this.#parts;
    const gone = await content.database.transaction(async (queries) => {
      const id = await findRepository(queries, repository);
      const current = id === undefined ? undefined : await findTag(queries, id, tag);
      if (id === undefined || current === undefined) return false;
      const write = { repository, tag, current, next: undefined, now: content.now() };
      if (content.guard.refusal(write) !== undefined) return false;
      await deleteTag(queries, id, tag);
      await journal(queries, { action: 'delete', repository, tag, digest: current.digest });
      return true;
    });
    if (!gone) return;
    const reason = 'the upstream has it no more';
    observe({ kind: 'gone', repository, reference: tag, reason });
  }

  #isFresh({ config }: Upstream, { checkedAt }: UpstreamTag): boolean {
    const age = this.#parts.content.now() - checkedAt;
    return age >= 0 && age < config.ttlMs;
  }

  #mayBeStale({ config: { staleForMs } }: Upstream, { checkedAt }: UpstreamTag): boolean {
    return staleForMs === undefined || this.#parts.content.now() - checkedAt < staleForMs;
  }

  #throwAbsent(key: string): void {
    const known = this.#absent.recall(key);
    if (known === undefined) return;
    this.#count('absent');
    throw known;
  }

  /** What clients are told; that there is none is remembered. */
  #refusal(upstream: Upstream, key: string, repository: string, reference: string, error: unknown): unknown {
    const { host, notFoundMs } = upstream.config;
    const kind = troubleOf(error);
    const retryAfter = upstream.circuit.pause('manifest');
    const answer = answerOf(error, { code: 'MANIFEST_UNKNOWN', upstream: host, retryAfter });
    if (kind === 'absent' || kind === 'hidden') this.#absent.note(key, answer, notFoundMs);
    if (kind === 'invalid') {
      const reason = errorMessage(error);
      this.#parts.metrics.add('upstreamBroken', { reason: 'manifest' });
      this.#parts.logger.warn('A manifest of an upstream was thrown away', { repository, reference, reason });
      this.#parts.observe({ kind: 'broken', repository, reference, reason });
    }
    return answer;
  }

  #count(result: string): void {
    this.#parts.metrics.add('upstreamFound', { kind: 'manifest', result });
  }
}
