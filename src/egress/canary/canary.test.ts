import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { chmodSync } from 'node:fs';
import { hashSync } from 'bcryptjs';
import { pushImage, serviceConfig, startOwnService } from '../../../testing/registry/own-service.ts';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { openNetwork } from '../../net/open-network.ts';
import { systemClock } from '../../net/clock.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { parseReference } from '../../oci/reference.ts';
import { EgressError } from '../error.ts';
import { pullCanary } from './canary.ts';
import { repositoryAt } from './repository-at.ts';

interface Pull {
  readonly repository: string;
  readonly reference: string;
}

/** The part of a registry that a canary meets: manifests, and an audit trail in pages of one entry. */
async function registry(
  trail: Pull[],
  remembers: boolean,
): Promise<{ host: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createServer((request, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(`${request.headers.authorization ?? '-'} ${url.pathname}`);
    const manifest = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname);
    if (manifest !== null) {
      if (remembers && request.method === 'GET')
        trail.push({ repository: manifest[1] as string, reference: manifest[2] as string });
      response
        .writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' })
        .end('{"schemaVersion":2}');
    } else if (url.pathname === '/api/v1/audit') {
      const wanted = url.searchParams.get('image');
      const at = Number(url.searchParams.get('last') ?? 0);
      const entry = trail[at];
      const names = entry === undefined ? [] : [entry.repository, `${entry.repository}:${entry.reference}`];
      const items = names.some((name) => name === wanted) ? [item(at)] : [];
      response.end(JSON.stringify({ items, ...(at + 1 < trail.length ? { next: String(at + 1) } : {}) }));
    } else response.writeHead(url.pathname === '/v2/' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function item(at: number): object {
  return {
    hash: String(at),
    time: '2026-11-27T08:00:00Z',
    actor: { kind: 'certificate', name: 'node' },
    address: '10.0.0.7',
    outcome: 'done',
  };
}

const root: Keychain = { find: () => Promise.resolve({ kind: 'password', username: 'root', password: 'x' }) };

/** A clock that waits for nothing, and on which each wait counts. */
function hurried(): typeof systemClock {
  let ahead = 0;
  return {
    ...systemClock,
    monotonic: () => ahead,
    sleep: (milliseconds) => Promise.resolve(void (ahead += milliseconds)),
  };
}

test('a pull from a registry of this program is found in its audit trail, and another is not', async () => {
  using folder = temporaryDirectory();
  folder.write('users', `root:${hashSync('x', 4)}\n`);
  const settings =
    "registry:\n  listen: 127.0.0.1:0\n  auth: {htpasswd: users}\n  permissions: [{repositories: ['**'], actions: ['*'], to: [user:root]}]\n";
  await using service = await startOwnService(await serviceConfig(folder, settings));
  const { host } = new URL(service.url);
  assert.equal(await pushImage(service.url, 'docker.io/library/canary', 'one', 'x', { user: 'root:x' }), 201);
  await using network = openNetwork();
  const question = { reference: 'canary:one', registry: host, auditUrl: service.url };
  const [finding] = await pullCanary(question, { network, keychain: root, env: {} });
  assert.match(finding?.sentence ?? '', /^canary:one was pulled by user:root from 127\.0\.0\.1 at /);
  const nobody: Keychain = { find: () => Promise.resolve(undefined) };
  await assert.rejects(pullCanary(question, { network, keychain: nobody, env: {} }), /audit trail at .* answered 401/);
});

test('a pull of an upstream is found by whatever name the registry has for it', async () => {
  await using upstream = await startOwnRegistry();
  assert.equal(await pushImage(upstream.url, 'team/canary', 'one', 'x'), 201);
  for (const name of ['hub', upstream.host.replace(':', '-')]) {
    using folder = temporaryDirectory();
    const named = name === 'hub' ? 'name: hub, ' : '';
    const settings = `registry:
  listen: 127.0.0.1:0
  upstreams: {registries: [{host: "${upstream.host}", ${named}url: "${upstream.url}", allowPrivate: true}]}
`;
    await using service = await startOwnService(await serviceConfig(folder, settings));
    await using network = openNetwork();
    const asked = (reference: string): string =>
      `'${service.url}/v2/team/canary/manifests/${reference}?ns=${upstream.host}'`;
    const write = (name: string, script: string): void =>
      chmodSync(folder.write(name, `#!/bin/sh\nexec '${process.execPath}' -e "${script}"\n`), 0o755);
    write('podman', `fetch(${asked('one')})`);
    // As containerd asks: what the tag means, and then for that.
    const means = `fetch(${asked('one')}, {method: 'HEAD'}).then(({headers}) => headers.get('docker-content-digest'))`;
    write('crictl', `${means}.then((digest) => fetch(${asked('one')}.replace('one?', digest + '?')))`);
    const reference = `${upstream.host}/team/canary:one`;
    const { host: registry } = new URL(service.url);
    const surroundings = { network, keychain: { find: () => Promise.resolve(undefined) }, env: { PATH: folder.path } };
    for (const puller of [{}, { puller: 'podman' }, { puller: 'crictl' }]) {
      const [found] = await pullCanary({ reference, registry, auditUrl: service.url, ...puller }, surroundings);
      assert.equal(found?.code, 'CANARY_SEEN', `${name} ${JSON.stringify(puller)}`);
    }
  }
});

describe('repositoryAt()', () => {
  const image = { registry: 'p.example.org:5000', repository: 'team/canary' };
  const usual = 'p.example.org-5000/team/canary';
  for (const [status, body, repository] of [
    [200, { name: 'corp/team/canary', tags: [] }, 'corp/team/canary'],
    [200, { name: 'team/canary', tags: [] }, usual],
    [200, { name: 'other/corp/team/canary' }, usual],
    [200, { name: 'corp/team/other' }, usual],
    [200, { name: '../team/canary' }, usual],
    [200, { name: 7 }, usual],
    [200, null, usual],
    [200, 'no JSON', usual],
    [404, { errors: [] }, usual],
  ] as const) {
    test(`${status} ${JSON.stringify(body)}`, async () => {
      const asked: (string | undefined)[] = [];
      await using server = await listen((request, response) => {
        asked.push(request.url);
        response.writeHead(status).end(body === 'no JSON' ? body : JSON.stringify(body));
      });
      await using network = openNetwork();
      const client = new RegistryClient(network, server.host, { base: new URL(server.url) });
      assert.equal(await repositoryAt(client, parseReference(`${image.registry}/${image.repository}`)), repository);
      assert.ok(asked.includes('/v2/team/canary/tags/list?n=1&ns=p.example.org%3A5000'));
    });
  }
});

describe('pullCanary()', () => {
  const earlier = { repository: 'docker.io/library/canary', reference: 'one' };
  const cases: readonly (readonly [name: string, reference: string, remembers: boolean, code: string])[] = [
    ['is seen', 'canary:one', true, 'CANARY_SEEN note'],
    ['is not seen, though an earlier one was', 'canary:one', false, 'CANARY_UNSEEN way-out'],
  ];
  for (const [name, reference, remembers, code] of cases) {
    test(name, async () => {
      const trail = [{ repository: 'other', reference: 'x' }, earlier];
      await using server = await registry(trail, remembers);
      await using network = openNetwork({ clock: hurried() });
      const question = { reference, registry: server.host, auditUrl: `http://${server.host}` };
      const findings = await pullCanary(question, { network, keychain: root, env: {} });
      assert.deepEqual(
        findings.map((each) => `${each.code} ${each.level}`),
        [code],
      );
      if (remembers) assert.match(findings[0]?.sentence ?? '', /pulled by certificate:node from 10\.0\.0\.7/);
      assert.ok(server.asked.includes('Basic cm9vdDp4 /api/v1/audit'));
      assert.ok(server.asked.some((each) => each.endsWith('/v2/docker.io/library/canary/manifests/one')));
    });
  }

  test('the trail is looked for where the registry is, which may speak without TLS', async () => {
    await using server = await registry([], true);
    await using network = openNetwork({ clock: hurried(), plainHttpHosts: [server.host] });
    const question = { reference: 'canary:one', registry: server.host };
    const [finding] = await pullCanary(question, { network, keychain: root, env: {} });
    assert.equal(finding?.code, 'CANARY_SEEN');
  });

  test('an image of the private registry has no host before its name', async () => {
    await using server = await registry([], true);
    await using network = openNetwork({ clock: hurried() });
    const question = {
      reference: `${server.host}/team/canary:one`,
      registry: server.host,
      auditUrl: `http://${server.host}`,
    };
    const [finding] = await pullCanary(question, { network, keychain: root, env: {} });
    assert.equal(finding?.code, 'CANARY_SEEN');
  });

  test('a program of the node pulls, and its failure is told', async () => {
    using folder = temporaryDirectory();
    for (const [name, status] of [
      ['crictl', 0],
      ['podman', 3],
    ] as const) {
      const path = folder.write(name, `#!/bin/sh\nexit ${status}\n`);
      chmodSync(path, 0o755);
    }
    const env = { PATH: folder.path };
    await using server = await registry([], true);
    await using network = openNetwork({ clock: hurried() });
    const question = { reference: 'canary:one', registry: server.host, auditUrl: `http://${server.host}` };
    const surroundings = { network, keychain: root, env };
    const [unseen] = await pullCanary({ ...question, puller: 'crictl' }, surroundings);
    assert.equal(unseen?.code, 'CANARY_UNSEEN');
    await assert.rejects(
      pullCanary({ ...question, puller: 'podman' }, surroundings),
      /podman could not pull canary:one: it ended with 3/,
    );
    await assert.rejects(
      pullCanary({ ...question, puller: 'docker' }, surroundings),
      /docker could not pull canary:one: it is missing/,
    );
  });

  for (const [status, body, said] of [
    [403, '{}', /answered 403; give --username/],
    [200, '<html>', /is no audit trail/],
    [200, '{"items":{}}', /is no audit trail/],
    [200, '{"items":[{"outcome":"done"}]}', /is no audit trail/],
  ] as const) {
    test(`an audit trail that answers ${status} ${body}`, async () => {
      await using server = createServer((_request, response) => response.writeHead(status).end(body));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using network = openNetwork({ clock: hurried() });
      const question = { reference: 'canary:one', registry: host, auditUrl: `http://${host}` };
      await assert.rejects(pullCanary(question, { network, keychain: root, env: {} }), (error) => {
        assert.ok(error instanceof EgressError);
        assert.equal(error.code, 'EGRESS_CANARY_FAILED');
        assert.match(`${error.message} ${error.code}`, said);
        return true;
      });
    });
  }
});
