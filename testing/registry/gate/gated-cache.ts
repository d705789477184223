import { Registry } from 'prom-client';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { openNetwork } from '../../../src/net/open-network.ts';
import { RegistryMetrics } from '../../../src/registry/metrics/registry-metrics.ts';
import { compileImmutableRules } from '../../../src/registry/rule/immutable/compile.ts';
import { compileRetentionRules } from '../../../src/registry/rule/retention/rules/compile.ts';
import { openUpstreams } from '../../../src/registry/upstream/open-upstreams.ts';
import { noClouds } from '../../no-clouds.ts';
import { temporaryDirectory } from '../../image/temporary-directory.ts';
import { upstreamsConfig } from '../own-cache.ts';
import { startTestRegistry, type TestRegistry } from '../test-registry.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from './gated-registry.ts';
import { interleaved, type Interleaved } from './interleave.ts';

/** A pause that no time ends. */
const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));

/** What {@link startGatedCache} starts. */
export interface GatedCache extends AsyncDisposable {
  readonly gated: GatedRegistry;
  readonly meanwhile: Interleaved;
  readonly upstream: TestRegistry;
  /** Takes all images that are not in use. */
  evict(): Promise<number>;
}

/** A gate before a cache of an upstream, whose repositories are under `hub.test/`. */
export async function startGatedCache(): Promise<GatedCache> {
  await using opened = new AsyncDisposableStack();
  const upstream = opened.use(await startTestRegistry());
  const folder = opened.use(temporaryDirectory()).path;
  const clock = { ...systemClock, ahead: 0, now: () => Date.now() + clock.ahead };
  const registries = [{ host: 'hub.test', url: upstream.url, allowPrivate: 'true' }];
  const upstreams = openUpstreams(upstreamsConfig({ registries, evict: { unusedFor: '1d', guard: '1h' } }), {
    network: opened.use(openNetwork()),
    clock,
    logger: silentLogger,
    env: {},
    clouds: noClouds,
    folder,
    metrics: new RegistryMetrics(new Registry()),
    observe: () => undefined,
  });
  const meanwhile = interleaved();
  const gated = opened.use(
    await startGatedRegistry(
      { rules: [noCriticals] },
      { sleep, now: () => clock.now() },
      {
        registry: { rename: upstreams.rename, origin: upstreams.origin },
        origin: meanwhile.wrap,
        isCached: (repository) => repository.startsWith('hub.test/'),
      },
    ),
  );
  opened.use(upstreams);
  const kept = opened.move();
  return {
    gated,
    meanwhile,
    upstream,
    async evict() {
      clock.ahead += 3 * 86_400_000;
      const rules = { retention: compileRetentionRules([]), immutable: compileImmutableRules([]) };
      return (await upstreams.jobs.evict(rules, new AbortController().signal)).manifests;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
