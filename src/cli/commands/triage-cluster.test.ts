import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  alpineImage,
  openScanWorld,
  type ScanWorld,
  seedDeployment,
  seedNodes,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import type { ClusterHits } from '../cluster/find-hits.ts';
import { triageClusterCommand } from './triage-cluster.ts';

const old = alpineImage({ musl: '1.2.4-r2' });
const fresh = alpineImage({ musl: '1.2.4-r3', zlib: '1.3' });

async function ask(
  { folder }: ScanWorld,
  query: string,
  columns?: number,
  format?: 'table' | 'json',
): Promise<{ readonly status: number; readonly out: string; readonly err: string; readonly hits: readonly string[] }> {
  const { host, out, err } = plainHost(folder.path, columns === undefined ? {} : { columns });
  const resolved = plainSettings({ cacheDir: join(folder.path, 'cache') });
  const options = { kubeconfig: join(folder.path, 'config'), ...(format === undefined ? {} : { format }) };
  const status = await triageClusterCommand(query, options, resolved, host, instantClock());
  const hits =
    (format ?? (columns === undefined ? 'json' : 'table')) === 'json'
      ? (JSON.parse(out()) as ClusterHits).workloads.map(
          ({ namespace, kind, name, images }) =>
            `${namespace} ${kind}/${name}: ${images.flatMap(({ packages }) => packages).join(', ')}`,
        )
      : [];
  return { status, out: out(), err: err(), hits };
}

test('triage --cluster tells who is hit, from what a scan kept, and asks no registry', async () => {
  await using world = await openScanWorld();
  await using registry = await startTestRegistry();
  seedNodes(world.api);
  storeBuilt(registry, 'shop/old', '1', old);
  storeBuilt(registry, 'shop/fresh', '1', fresh);
  const [one, other] = [`${registry.host}/shop/old:1`, `${registry.host}/shop/fresh:1`];
  seedDeployment(world.api, 'shop', 'old', { image: one, digests: [old.descriptor.digest] });
  seedDeployment(world.api, 'shop', 'fresh', { image: other, digests: [fresh.descriptor.digest], nodes: ['n1', 'n2'] });
  const before = await ask(world, 'CVE-2026-1');
  assert.equal(before.status, 2);
  assert.match(before.err, /perhaps hit as well, since nothing is known of them.*shop\/old:1@sha256/);

  // What a scan shows is nothing that a question goes by.
  assert.equal((await world.run({}, { severity: ['LOW'] })).status, 0);
  const asked = registry.requests.length;
  const flaw = await ask(world, 'cve-2026-1');
  assert.deepEqual([flaw.status, flaw.hits], [1, ['shop Deployment/old: musl 1.2.4-r2']]);
  assert.equal(flaw.err, 'Hit: 1 workload in 1 namespace\n');
  assert.deepEqual((await ask(world, 'musl@>=1.2.4-r3')).hits, ['shop Deployment/fresh: musl 1.2.4-r3']);
  assert.deepEqual((await ask(world, 'pkg:apk/alpine/zlib@*')).hits, ['shop Deployment/fresh: zlib 1.3']);
  assert.equal((await ask(world, 'log4j@*')).status, 0);
  assert.match((await ask(world, 'CVE-2026-1', 120)).out, /^shop +Deployment\/old +1 +.*musl 1\.2\.4-r2$/m);

  assert.match(
    (await ask(world, 'CVE-2026-1', undefined, 'table')).out,
    /^shop +Deployment\/old +1 +.*musl 1\.2\.4-r2$/m,
  );
  assert.deepEqual((await ask(world, 'CVE-2026-1', 120, 'json')).hits, flaw.hits);

  // A flaw that became known since is found without reading anything.
  const newer = [makeAdvisory({ id: 'CVE-2026-9', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3.1'])] })];
  await buildDatabase(join(world.folder.path, 'cache', 'vulndb'), [advisoryUpdate(newer, { fingerprint: 'two' })], {
    clock: () => new Date('2026-11-27T07:30:00Z'),
  });
  assert.deepEqual((await ask(world, 'CVE-2026-9')).hits, ['shop Deployment/fresh: zlib 1.3']);
  assert.equal(registry.requests.length, asked);
});

test('triage --cluster tells what is mistyped before it asks the cluster', async () => {
  await using world = await openScanWorld();
  await assert.rejects(ask(world, 'lodash'), { code: 'TRIAGE_INVALID' });
  assert.deepEqual(world.api.calls, []);
});
