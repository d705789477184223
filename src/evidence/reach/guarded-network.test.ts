import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { listen } from '../../../testing/registry/listen.ts';
import { resolveTo } from '../../../testing/resolve-to.ts';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import { fetchManifestIfThere } from '../../oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { GuardedNetwork, type GuardedRegistry } from './guarded-network.ts';
import { parseHostPattern } from './host-pattern.ts';
import type { ReachSettings } from './model.ts';
import { RegistryReach } from './registry-reach.ts';

/** A server that counts who connects to it, before anybody has said anything. */
async function counted(listener: RequestListener = (_, response) => response.end()) {
  const seen = { connections: 0 };
  const server = await listen(listener);
  server.server.on('connection', () => void (seen.connections += 1));
  return { server, seen };
}

interface Bench extends AsyncDisposable {
  readonly reach: RegistryReach;
  readonly told: string[];
  readonly client: (registry: string, how?: Partial<GuardedRegistry>) => RegistryClient;
  /** What is told of an image that cannot be had. */
  readonly told404: (registry: string, how?: Partial<GuardedRegistry>) => Promise<string>;
}

function bench(settings: Partial<Record<keyof ReachSettings, readonly string[]>> = {}): Bench {
  const network = openNetwork({ limits: { connectMs: 2000 } });
  const told: string[] = [];
  const logger = { warn: (text: string, facts: object) => void told.push(`${text} ${JSON.stringify(facts)}`) };
  const patterns = (texts: readonly string[] = []) => texts.map((text) => parseHostPattern(text) ?? assert.fail());
  const reach = new RegistryReach(
    { allow: patterns(settings.allow), deny: patterns(settings.deny), refuse: [] },
    { clock: systemClock, logger: logger as unknown as Logger },
  );
  const client: Bench['client'] = (registry, how = {}) =>
    new RegistryClient(
      new GuardedNetwork(network, reach, { registry, namedBy: 'object', plainHttp: true, ...how }),
      registry,
    );
  return {
    reach,
    told,
    client,
    told404: async (registry, how) => {
      try {
        await fetchManifestIfThere(client(registry, how), 'team/app', 'v1');
        return 'nothing was wrong';
      } catch (error) {
        return (error as Error).message.replaceAll(registry, 'HOST');
      }
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

describe('a registry that an object names', () => {
  test('is not this machine, by whatever name, and no connection is made', async (t) => {
    const { server, seen } = await counted();
    await using _ = server;
    await using all = bench();
    const { port } = server;
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `127.1.2.3:${port}`, `[::ffff:127.0.0.1]:${port}`];
    for (const host of hosts) {
      for (const plainHttp of [true, false])
        await assert.rejects(headManifest(all.client(host, { plainHttp }), 'a', 'b'));
    }
    // A name that is public at first, and this machine when it is connected to (DNS rebinding).
    const asked = resolveTo(t, '127.0.0.1');
    for (const plainHttp of [true, false]) {
      await assert.rejects(
        headManifest(all.client(`rebound.example:${port}`, { plainHttp }), 'a', 'b'),
        /cannot be asked/,
      );
    }
    assert.deepEqual(new Set(asked), new Set(['rebound.example']));
    assert.equal(seen.connections, 0);
  });

  test('that redirects to this machine, or sends there for a token, makes no connection', async () => {
    const inside = await counted();
    await using _inside = inside.server;
    for (const how of ['redirect', 'token'] as const) {
      const target = `http://127.0.0.1:${inside.server.port}/`;
      await using outside = await listen((_request, response) => {
        if (how === 'redirect') response.writeHead(307, { location: target });
        else response.writeHead(401, { 'www-authenticate': `Bearer realm="${target}",service="s"` });
        response.end();
      });
      await using all = bench({ allow: [outside.host] });
      await assert.rejects(headManifest(all.client(outside.host), 'team/app', 'v1'), how);
    }
    assert.equal(inside.seen.connections, 0);
  });

  test('is this machine where whoever runs the webhook says so', async () => {
    const { server, seen } = await counted((_, response) => response.writeHead(404).end());
    await using _ = server;
    for (const allow of [server.host, '127.0.0.1', '127.*']) {
      await using all = bench({ allow: [allow] });
      assert.equal(await headManifest(all.client(server.host, { plainHttp: false }), 'a', 'b'), undefined);
    }
    await using other = bench({ allow: [`127.0.0.1:${server.port + 1}`] });
    await assert.rejects(headManifest(other.client(server.host), 'a', 'b'));
    assert.ok(seen.connections >= 3);
  });

  test('is this machine where settings let it be asked without TLS', async () => {
    await using server = await listen((_, response) => response.writeHead(404).end());
    await using network = openNetwork({ plainHttpHosts: [server.host] });
    const reach = new RegistryReach(
      { allow: [], deny: [], refuse: [] },
      { clock: systemClock, plainHttp: (host) => network.plainHttp(host) },
    );
    const how = { registry: server.host, namedBy: 'object', plainHttp: false } as const;
    const client = new RegistryClient(new GuardedNetwork(network, reach, how), server.host);
    assert.equal(await headManifest(client, 'a', 'b'), undefined);
  });

  test('is none of those that are denied, unless a policy names it', async () => {
    const { server, seen } = await counted((_, response) => response.writeHead(404).end());
    await using _ = server;
    await using all = bench({ deny: ['*'], allow: ['ghcr.io'] });
    await assert.rejects(headManifest(all.client('registry.example'), 'a', 'b'), /none of the registries/);
    // Policies say where signatures are; that they lead to this machine is refused all the same.
    await assert.rejects(headManifest(all.client(server.host, { namedBy: 'policy' }), 'a', 'b'), /cannot be asked/);
    assert.equal(seen.connections, 0);
  });
});

describe('what is told of a host that not everybody reaches', () => {
  /** Names lead to this machine, as those of a cluster lead to its networks: the address is not refused. */
  async function said(listener: RequestListener | 'closed' | 'noise', plainHttp = true) {
    const server = await listen(typeof listener === 'function' ? listener : (_, response) => response.end());
    if (listener === 'closed') await server[Symbol.asyncDispose]();
    if (listener === 'noise') {
      server.server.removeAllListeners('connection');
      server.server.on('connection', (socket) => socket.resume().end('SSH-2.0-OpenSSH_9.9\r\n'));
    }
    await using all = openedBench();
    const message = await all.told404(`inner.example:${server.port}`, { plainHttp });
    if (listener !== 'closed') await server[Symbol.asyncDispose]();
    return { message, told: all.told };
  }

  function openedBench(): Bench {
    const all = bench();
    // The rule about addresses is set aside, so that there is something to reach.
    all.reach.reach.refuses = () => false;
    return all;
  }

  test('is the same whether nobody is there, it speaks something else, or it is refused; the log tells them apart', async (t) => {
    resolveTo(t, '127.0.0.1');
    const ways = await Promise.all([
      said('closed'),
      said('noise'),
      said(() => undefined, false),
      said((_, response) => response.writeHead(404).end('no such page')),
      said((_, response) => response.writeHead(500).end('db password is hunter2')),
      said(({ url }, response) => response.writeHead(url === '/v2/' ? 302 : 403, { location: '/login' }).end()),
      (async () => {
        await using all = bench();
        return { message: await all.told404('127.0.0.1:1'), told: all.told };
      })(),
      (async () => {
        await using all = bench();
        return { message: await all.told404('kubernetes.default.svc:443'), told: all.told };
      })(),
    ]);
    const [first] = ways;
    for (const { message } of ways) assert.equal(message, first?.message);
    assert.match(first?.message ?? '', /HOST cannot be asked from here; check the name/);
    const codes = ways.map(({ told }) => /"code":"(\w+)"/.exec(told.join(''))?.[1]);
    assert.deepEqual(codes, ['REFUSED', 'PROTOCOL', 'NOT_TLS', 'PROTOCOL', 'PROTOCOL', 'PROTOCOL', 'DENIED', 'DENIED']);
  });

  test('of an answer, only what registries say is told', async (t) => {
    resolveTo(t, '127.0.0.1');
    const door = (url: string | undefined): number | undefined => (url === '/v2/' ? 200 : undefined);
    const text = await said(({ url }, response) => response.writeHead(door(url) ?? 403).end('hunter2'));
    assert.match(text.message, /answered 403/);
    assert.doesNotMatch(text.message, /hunter2/);
    const words = '{"message":"hunter2","errors":[{"detail":"hunter2"}]}';
    const json = await said(({ url }, response) => response.writeHead(door(url) ?? 403).end(words));
    assert.match(json.message, /answered 403/);
    assert.doesNotMatch(json.message, /hunter2/);
    const version = { 'docker-distribution-api-version': 'registry/2.0' };
    const registry = await said((_, response) =>
      response.writeHead(403, version).end('{"errors":[{"code":"DENIED","message":"not yours","detail":"hunter2"}]}'),
    );
    assert.match(registry.message, /it says "not yours"/);
    assert.doesNotMatch(registry.message, /hunter2/);
  });

  test('is told once a minute in the log, however many ask', async (t) => {
    resolveTo(t, '127.0.0.1');
    await using all = openedBench();
    for (let times = 0; times < 5; times += 1) await all.told404('inner.example:1');
    assert.equal(all.told.length, 1);
  });
});

test('what a registry in a private network has not is absent, and that it is one is found out once', async (t) => {
  resolveTo(t, '127.0.0.1');
  const asked: string[] = [];
  await using server = await listen(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(url === '/v2/' ? 401 : 404, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  await using all = bench();
  all.reach.reach.refuses = () => false;
  const client = all.client(`inner.example:${server.port}`);
  for (const tag of ['a', 'b']) assert.equal(await headManifest(client, 'team/app', tag), undefined);
  assert.deepEqual(asked, ['/v2/team/app/manifests/a', '/v2/', '/v2/team/app/manifests/b']);
});

test('hosts that never answer take their places and no more, and leave those of others alone', async (t) => {
  let open = 0;
  await using tarpit = await listen(() => void (open += 1));
  resolveTo(t, '127.0.0.1');
  await using all = bench();
  all.reach.reach.refuses = () => false;
  const over = new AbortController();
  const stuck = Array.from({ length: 200 }, (_, at) =>
    headManifest(all.client(`h${at}.evil.example:${tarpit.port}`), 'a', 'b', over.signal).catch(() => undefined),
  );
  await using good = await listen(({ url }, response) => response.writeHead(url === '/v2/' ? 200 : 404).end());
  assert.equal(await headManifest(all.client(`registry.good.test:${good.port}`), 'a', 'b'), undefined);
  while (open < 16) await setImmediate();
  assert.deepEqual([open, all.reach.underWay], [16, { strangers: 16, known: 0 }]);
  over.abort(new Error('over'));
  await Promise.all(stuck);
  assert.deepEqual(all.reach.underWay, { strangers: 0, known: 0 });
});
