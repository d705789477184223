import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { localOrigin } from '../content/local-origin.ts';
import type { Content } from '../content/content.ts';
import type { UpstreamsConfig } from '../config/upstreams/model.ts';
import type { Gate } from '../pipeline/gate.ts';
import type { Origin } from '../pipeline/origin.ts';
import type { Route } from '../route/route.ts';
import { UpstreamBlobs } from './blobs.ts';
import { UpstreamLists } from './lists.ts';
import { UpstreamManifests } from './manifests.ts';
import { renameRoute } from './names.ts';
import { Spool } from './spool/spool.ts';
import { evict, type EvictionReport, type EvictionRules } from './evict.ts';
import { prefetch, type PrefetchReport } from './prefetch.ts';
import type { UpstreamParts, UpstreamSurroundings } from './surroundings.ts';
import { Upstream } from './upstream.ts';
import { writeGuard } from './write-guard.ts';

/** Work that is done by a schedule. It is for when there is an origin. */
export interface UpstreamJobs {
  prefetch(signal: AbortSignal): Promise<PrefetchReport>;
  evict(rules: EvictionRules, signal: AbortSignal): Promise<EvictionReport>;
}

/** The pull-through cache of a registry. */
export interface Upstreams extends AsyncDisposable {
  /** For `PipelineParts.rename`. */
  readonly rename: (route: Route, query: string) => Route;
  /** Refuses what clients may not write; to be asked before other gates. */
  readonly gate: Gate;
  /** Makes the origin of a registry, once: local content, and that of upstreams. */
  readonly origin: (content: Content) => Origin;
  readonly jobs: UpstreamJobs;
  /** Takes over a changed configuration; what is under way ends as it began. */
  apply(config: UpstreamsConfig): void;
}

/** Opens it. Nothing is asked of any upstream before somebody wants something. */
export function openUpstreams(config: UpstreamsConfig, surroundings: UpstreamSurroundings): Upstreams {
  const closing = new AbortController();
  const live = { config, upstreams: new Map<string, Upstream>() };
  let content: Content | undefined;
  let blobs: UpstreamBlobs | undefined;
  let made: { readonly parts: UpstreamParts; readonly origin: Origin } | undefined;

  function upstreamOf(repository: string): Upstream | undefined {
    const slash = repository.indexOf('/');
    const name = slash < 0 ? '' : repository.slice(0, slash);
    const known = live.upstreams.get(name);
    if (known !== undefined || content === undefined) return known;
    const found = live.config.registries.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const upstream = new Upstream(found, surroundings, content.database);
    live.upstreams.set(name, upstream);
    return upstream;
  }

  return {
    rename: (route, query) =>
      live.config.registries.length === 0
        ? route
        : renameRoute(route, query, live.config.registries, surroundings.ownHosts?.() ?? []),
    gate: writeGuard(upstreamOf),
    origin(given) {
      content = given;
      const parts: UpstreamParts = {
        ...surroundings,
        content: given,
        closing: closing.signal,
        metrics: surroundings.metrics ?? { add: () => undefined, set: () => undefined },
        journal: surroundings.journal ?? (() => Promise.resolve()),
        observe: surroundings.observe ?? (() => undefined),
        attached: surroundings.attached ?? (() => Promise.resolve()),
      };
      const local = localOrigin(given);
      const spool = new Spool(join(surroundings.folder, 'spool'), parts, () => ({
        most: live.config.spool.maxBytes,
        isShared: live.config.registries.length > 1,
      }));
      spool.prepare().catch((error: unknown) => surroundings.logger.error('The spool cannot be used', { error }));
      const manifests = new UpstreamManifests(parts);
      const lists = new UpstreamLists(parts, local);
      const opened = new UpstreamBlobs(parts, local, { spool, abandonAfter: () => live.config.spool.abandonAfterMs });
      blobs = opened;
      const origin: Origin = {
        findManifest(name, signal) {
          const upstream = upstreamOf(name.repository);
          return upstream === undefined ? local.findManifest(name, signal) : manifests.find(upstream, name, signal);
        },
        findBlob(repository, digest, signal) {
          const upstream = upstreamOf(repository);
          if (upstream === undefined) return local.findBlob(repository, digest, signal);
          return opened.find(upstream, repository, digest, signal);
        },
        listTags(repository, query, signal) {
          const upstream = upstreamOf(repository);
          if (upstream === undefined) return local.listTags(repository, query, signal);
          return lists.tags(upstream, repository, query, signal);
        },
        listReferrers(repository, query, signal) {
          const upstream = upstreamOf(repository);
          if (upstream === undefined) return local.listReferrers(repository, query, signal);
          return lists.referrers(upstream, repository, query, signal);
        },
      };
      made = { parts, origin };
      return origin;
    },
    jobs: {
      prefetch: async (signal) =>
        made === undefined
          ? { images: 0, failed: 0 }
          : prefetch(made.parts, made.origin, live.config.prefetch.images, AbortSignal.any([signal, closing.signal])),
      evict: async (rules, signal) =>
        made === undefined
          ? { manifests: 0, tags: 0, bytes: 0 }
          : evict(made.parts, live.config, rules, AbortSignal.any([signal, closing.signal])),
    },
    apply(next) {
      live.config = next;
      for (const [name, { config: before }] of live.upstreams) {
        const after = next.registries.find((one) => one.name === name);
        // What an upstream said of its limits still holds.
        if (!isDeepStrictEqual(before, after)) live.upstreams.delete(name);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the registry is closed'));
      await blobs?.settle();
    },
  };
}
