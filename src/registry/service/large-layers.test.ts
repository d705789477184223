import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage, type BuiltImage } from '../../../testing/image/image-builder.ts';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import { type ServiceOfText, startServiceOf } from '../../../testing/registry/service-of-text.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
} from '../../../testing/vulnerability-database.ts';
import { buildDatabase } from '../../vulndb/build.ts';

/* Large layers are read by the process that scans from files that it is lent, while they come. */

const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  rules:
    - name: no-fixable-flaws
      vulnerabilities: { fixable: true }
`;

/** What matters comes last in a layer of some megabytes. */
const alpine = (musl: string): BuiltImage =>
  buildImage({
    layers: [
      { tar: [osRelease('alpine', '3.19.1'), { name: 'padding', body: randomBytes(2_000_000) }] },
      { tar: [{ name: 'more', body: randomBytes(6_000_000) }, apkDatabase({ musl })] },
    ],
  });

interface Gated extends AsyncDisposable {
  readonly service: ServiceOfText;
  readonly upstream: TestRegistry;
  /** Where processes that scan are lent files. */
  readonly files: string;
  pull(): Promise<{ readonly status: number; readonly body: string }>;
}

async function startGated(image: BuiltImage, hold = '30s'): Promise<Gated> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(temporaryFolder());
  const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
  const advisory = makeAdvisory({ id: 'ALPINE-CVE-2026-1', aliases: ['CVE-2026-1'], affected });
  await buildDatabase(database.path, [advisoryUpdate([advisory])], { clock: () => new Date() });
  const upstream = opened.use(await startTestRegistry());
  putBuilt(upstream.store, 'library/app', image, 'v1');
  const { host } = new URL(upstream.url);
  const service = opened.use(
    await startServiceOf(
      `registry:
  listen: 127.0.0.1:0
  scanning: {enabled: true, cache: 0B, attach: false}
  gate: {policies: [policy.yaml], hold: ${hold}, platforms: [linux/amd64]}
  upstreams:
    registries:
      - {host: "${host}", name: example.org, url: "${upstream.url}", allowPrivate: true}
`,
      { 'policy.yaml': policy },
      { more: { vulnerabilityDatabase: database.path } },
    ),
  );
  const kept = opened.move();
  return {
    service,
    upstream,
    files: join(service.folder.path, 'data', 'scan-files'),
    pull: () => service.ask('GET', '/v2/example.org/library/app/manifests/v1'),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Files that are lent now. */
function lent(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return all.filter((path) => statSync(path).isFile());
}

/** A layer of an image, by its place. */
function layerOf({ layers }: BuiltImage, at: number): string {
  return layers[at]?.digest ?? assert.fail();
}

for (const [musl, status] of [
  ['1.2.4-r2', 403],
  ['1.2.4-r3', 200],
] as const) {
  test(`a large layer is read from its file while it comes, and judged by its end: musl ${musl} gives ${status}`, async () => {
    const image = alpine(musl);
    await using gated = await startGated(image);
    const { promise: event, resolve: goOn } = Promise.withResolvers<void>();
    gated.upstream.faults.add({ kind: 'until', path: layerOf(image, 1), method: 'GET', after: 4_000_000, event });
    const pulled = gated.pull();
    for (let look = 0; lent(gated.files).length < 2 && look < 500; look += 1) await sleep(10);
    // The one that is still coming is a further name of where it comes, not a copy.
    const links = lent(gated.files).map((path) => statSync(path).nlink);
    assert.equal(links.length, 2);
    assert.ok(
      links.every((count) => count >= 2),
      String(links),
    );
    goOn();
    const answer = await pulled;
    assert.equal(answer.status, status, answer.body);
    if (status === 403) assert.match(answer.body, /CVE-2026-1/);
    for (let look = 0; lent(gated.files).length > 0 && look < 500; look += 1) await sleep(10);
    assert.deepEqual(lent(gated.files), []);
  });
}

for (const [what, fault, status] of [
  ['breaks off and goes on', { kind: 'reset', after: 3_000_000, times: 1 }, 200],
  ['sends other bytes', { kind: 'wrong-bytes' }, 429],
  ['ends too early', { kind: 'short', after: 3_000_000 }, 429],
] as const) {
  test(`an upstream that ${what} in a large layer never has an image pass that was not read whole`, async () => {
    const image = alpine('1.2.4-r3');
    await using gated = await startGated(image, status === 200 ? '30s' : '1s');
    gated.upstream.faults.add({ ...fault, path: layerOf(image, 1), method: 'GET' });
    const answer = await gated.pull();
    assert.equal(answer.status, status, answer.body);
    const { status: served } = await gated.service.ask('GET', `/v2/example.org/library/app/blobs/${layerOf(image, 1)}`);
    assert.equal(served === 200, status === 200);
    for (let look = 0; lent(gated.files).length > 0 && look < 500; look += 1) await sleep(10);
    assert.deepEqual(lent(gated.files), []);
  });
}
