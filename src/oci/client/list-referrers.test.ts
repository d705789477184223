import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { Digest } from '../digest.ts';
import { fallbackTag } from '../referrer.ts';
import { listReferrers } from './list-referrers.ts';
import { RegistryClient } from './registry-client.ts';

const repository = 'team/app';
const indexType = 'application/vnd.oci.image.index.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const subject = `sha256:${'ab'.repeat(32)}` as Digest;
const path = `/referrers/${subject}`;
const clock = { clock: instantClock() };

function store(registry: TestRegistry, count: number, artifactType = 'a/b'): string[] {
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${'00'.repeat(32)}`, size: 2 };
  return Array.from({ length: count }, (_, at) => {
    const about = { mediaType: manifestType, digest: subject, size: 1 };
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config,
      layers: [],
      subject: about,
      annotations: { at: String(at) },
    };
    return registry.store.putManifest(repository, `tag-${at}`, manifestType, Buffer.from(JSON.stringify(manifest)));
  });
}

function entry(hex: string): object {
  return { mediaType: manifestType, digest: `sha256:${hex.padStart(64, '0')}`, size: 1 };
}

function putFallback(registry: TestRegistry, manifests: readonly object[]): void {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  registry.store.putManifest(repository, fallbackTag(subject), indexType, bytes);
}

test('listReferrers() reads all pages of the API', async () => {
  for (const pageSize of [1, 2, 7, 100]) {
    await using registry = await startTestRegistry({ pageSize });
    await using network = openNetwork(clock);
    const digests = store(registry, 7);
    const found = await listReferrers(new RegistryClient(network, registry.host), repository, subject);
    assert.deepEqual(found.descriptors.map(({ digest }) => digest).sort(), digests.sort());
    assert.deepEqual([found.api, found.fallback], ['present', 'absent']);
  }
});

test('listReferrers() finds what was written to the tag before the registry had the API, unless told not to', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const [digest] = store(registry, 1);
  putFallback(registry, [{ ...entry('1'), digest }, entry('f1')]);
  const client = new RegistryClient(network, registry.host);
  const both = await listReferrers(client, repository, subject);
  assert.deepEqual(
    both.descriptors.map(({ digest: found }) => found),
    [digest, `sha256:${'f1'.padStart(64, '0')}`],
  );
  assert.equal(both.descriptors[0]?.artifactType, 'a/b');
  assert.equal(both.fallback, 'present');
  const asked = registry.requests.length;
  const one = await listReferrers(client, repository, subject, { fallbackToo: false });
  assert.deepEqual([one.descriptors.length, one.fallback, registry.requests.length - asked], [1, 'not-asked', 1]);
});

test('listReferrers() reads the tag where there is no API, and asks for the API once', async () => {
  await using registry = await startTestRegistry({ referrers: false });
  const ticking = instantClock();
  await using network = openNetwork({ clock: ticking });
  const client = new RegistryClient(network, registry.host);
  const api = (): number => registry.requests.filter((request) => request.path.includes('/referrers/')).length;
  assert.deepEqual(await listReferrers(client, repository, subject), {
    descriptors: [],
    api: 'absent',
    fallback: 'absent',
  });
  putFallback(registry, [entry('1'), { ...entry('2'), artifactType: 'application/vnd.oci.empty.v1+json' }]);
  const found = await listReferrers(client, repository, subject, { artifactType: 'a/b' });
  assert.equal(found.descriptors.length, 2);
  assert.equal(api(), 1);
  await listReferrers(client, 'team/other', subject);
  assert.equal(api(), 2);
  ticking.skip(600_000);
  await listReferrers(client, repository, subject);
  assert.equal(api(), 3);
});

test('listReferrers() asks again after a 404 that is about the manifest and not about the API', async () => {
  for (const [body, asked] of [
    ['{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', 2],
    ['{"errors":[{"code":"NAME_UNKNOWN"}]}', 2],
    ['404 page not found', 1],
    ['{"errors":[{"code":"UNSUPPORTED"}]}', 1],
  ] as const) {
    await using registry = await startTestRegistry({ faults: [{ kind: 'status', path, status: 404, body, times: 1 }] });
    await using network = openNetwork(clock);
    store(registry, 1);
    const client = new RegistryClient(network, registry.host);
    const first = await listReferrers(client, repository, subject);
    const second = await listReferrers(client, repository, subject);
    assert.deepEqual([first.descriptors.length, second.descriptors.length], [0, asked - 1], body);
    assert.equal(registry.requests.filter((request) => request.path.includes('/referrers/')).length, asked);
  }
});

test('listReferrers() lets the registry filter, and filters nothing itself', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  store(registry, 2, 'application/vnd.x+json');
  const client = new RegistryClient(network, registry.host);
  for (const [artifactType, count] of [
    ['application/vnd.x+json', 2],
    ['a/b', 0],
  ] as const) {
    const { descriptors } = await listReferrers(client, repository, subject, { artifactType });
    assert.equal(descriptors.length, count, artifactType);
  }
});

const tag = new RegExp(`/manifests/${fallbackTag(subject)}`);
const ok = { kind: 'status', status: 200, path } as const;
const failures: readonly (readonly [title: string, fault: Fault, code: string])[] = [
  ['is asked to wait', { kind: 'status', path, status: 429 }, 'RATE_LIMITED'],
  ['is out of order', { kind: 'status', path, status: 500 }, 'REGISTRY_UNAVAILABLE'],
  ['is down', { kind: 'status', path, status: 503 }, 'REGISTRY_UNAVAILABLE'],
  ['wants other credentials', { kind: 'status', path, status: 401 }, 'UNAUTHORIZED'],
  ['forbids it', { kind: 'status', path, status: 403 }, 'DENIED'],
  ['does not understand', { kind: 'status', path, status: 400 }, 'REGISTRY_PROTOCOL'],
  [
    'calls the repository unknown',
    { kind: 'status', path, status: 400, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' },
    'REGISTRY_PROTOCOL',
  ],
  ['breaks off', { kind: 'drop', path }, 'REGISTRY_UNAVAILABLE'],
  ['breaks off in the middle', { kind: 'reset', path, after: 10 }, 'REGISTRY_UNAVAILABLE'],
  ['is silent', { kind: 'silence', path }, 'REGISTRY_UNAVAILABLE'],
  ['never answers', { kind: 'hang', path }, 'REGISTRY_UNAVAILABLE'],
  ['drips', { kind: 'drip', path, bytes: 1, everyMs: 20 }, 'REGISTRY_UNAVAILABLE'],
  ['is no registry', { ...ok, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'MANIFEST_INVALID'],
  ['sends nothing', { ...ok, headers: { 'content-type': indexType }, body: '' }, 'MANIFEST_INVALID'],
  ['sends an empty object', { ...ok, headers: { 'content-type': indexType }, body: '{}' }, 'MANIFEST_INVALID'],
  ['sends a list', { ...ok, headers: { 'content-type': indexType }, body: '[]' }, 'MANIFEST_INVALID'],
  ['sends an error as success', { ...ok, body: '{"errors":[]}' }, 'MANIFEST_INVALID'],
  [
    'sends an image',
    { ...ok, body: JSON.stringify({ schemaVersion: 2, config: entry('1'), layers: [] }) },
    'MANIFEST_INVALID',
  ],
  ['sends a broken entry', { ...ok, body: '{"schemaVersion":2,"manifests":[{"digest":"x"}]}' }, 'MANIFEST_INVALID'],
  [
    'leads elsewhere',
    { ...ok, headers: { 'content-type': indexType, link: '<http://127.0.0.2/x>; rel=next' }, body: '{"manifests":[]}' },
    'REGISTRY_PROTOCOL',
  ],
  [
    'leads to the same page',
    { ...ok, headers: { 'content-type': indexType, link: '<?>; rel="next"' }, body: '{"manifests":[]}' },
    'REGISTRY_PROTOCOL',
  ],
  [
    'leads in circles',
    { ...ok, headers: { 'content-type': indexType, link: '<?n=1>; rel="next"' }, body: '{"manifests":[]}' },
    'REGISTRY_PROTOCOL',
  ],
  ['has a tag that cannot be read', { kind: 'status', path: tag, status: 500 }, 'REGISTRY_UNAVAILABLE'],
  ['has a tag that may not be read', { kind: 'status', path: tag, status: 403 }, 'DENIED'],
  [
    'has a tag that is no index',
    { kind: 'status', path: tag, status: 200, headers: { 'content-type': indexType }, body: '{}' },
    'MANIFEST_INVALID',
  ],
];

test('listReferrers() never says that there is nothing where the registry', async (t) => {
  for (const [title, fault, code] of failures) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      const limits = { headersMs: 300, idleMs: 300, speedWindowMs: 200, minBytesPerSecond: 512 };
      await using network = openNetwork({ ...clock, limits });
      const client = new RegistryClient(network, registry.host);
      await assert.rejects(listReferrers(client, repository, subject), { name: 'OciError', code });
    });
  }
});

test('listReferrers() takes it for a missing API when a registry does not know the request', async () => {
  for (const status of [404, 405, 406, 501]) {
    await using registry = await startTestRegistry({ faults: [{ kind: 'status', path, status, body: '<html>' }] });
    await using network = openNetwork(clock);
    putFallback(registry, [entry('1')]);
    const found = await listReferrers(new RegistryClient(network, registry.host), repository, subject);
    assert.deepEqual([found.descriptors.length, found.api], [1, 'absent'], String(status));
  }
});

for (const [title, perPage, most] of [
  ['endless pages', 1, 256],
  ['endless empty pages', 0, 256],
  ['a hundred thousand referrers', 1000, 11],
] as const) {
  test(`listReferrers() gives up ${title}`, async () => {
    let pages = 0;
    await using server = await listen((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      if (!url.pathname.includes('/referrers/')) return response.writeHead(404).end();
      pages += 1;
      const manifests = Array.from({ length: perPage }, (_, at) => entry((pages * 1000 + at).toString(16)));
      response.writeHead(200, { 'content-type': indexType, link: `<${url.pathname}?last=${pages}>; rel="next"` });
      return response.end(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
    });
    await using network = openNetwork(clock);
    const client = new RegistryClient(network, server.host);
    await assert.rejects(listReferrers(client, repository, subject), { name: 'OciError', code: 'LIMIT_EXCEEDED' });
    assert.ok(pages <= most, String(pages));
  });
}

test('listReferrers() refuses a page of any size', async () => {
  const one = JSON.stringify(entry('1'));
  const body = `{"schemaVersion":2,"manifests":[${`${one},`.repeat(100_000)}${one}]}`;
  await using registry = await startTestRegistry({ faults: [{ ...ok, body }] });
  await using network = openNetwork(clock);
  const client = new RegistryClient(network, registry.host);
  await assert.rejects(listReferrers(client, repository, subject), { name: 'OciError', code: 'REGISTRY_PROTOCOL' });
});
