import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, test } from 'node:test';
import { freePort } from '../../../testing/free-port.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { openNetwork } from '../../net/open-network.ts';
import { judgeProbes } from './judge-probes.ts';
import { probeHosts, type ProbeResult } from './probe.ts';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('probeHosts() tells who answers, whatever they answer, from who does not', async () => {
  const { cert, key } = makeCertificate('localhost', { ips: ['127.0.0.1'] });
  let asked = 0;
  await using secure = createHttpsServer({ cert, key }, (_request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end();
  });
  await using plain = createHttpServer((_request, response) => response.end());
  const [securePort, plainPort, closedPort] = [await listen(secure), await listen(plain), await freePort()];
  const hosts = [`127.0.0.1:${securePort}`, `127.0.0.1:${plainPort}`, `127.0.0.1:${closedPort}`, `[::1]:${closedPort}`];

  await using strict = openNetwork();
  assert.deepEqual(await probeHosts(hosts, strict), [
    { host: hosts[0], family: 4, outcome: 'reached', why: 'TLS' },
    { host: hosts[1], family: 4, outcome: 'reached', why: 'NOT_TLS' },
    { host: hosts[2], family: 4, outcome: 'closed', why: 'REFUSED' },
    { host: hosts[3], family: 6, outcome: 'closed', why: (await probeHosts([hosts[3] ?? ''], strict))[0]?.why },
  ]);
  assert.equal(asked, 0);

  await using trusting = openNetwork({ tls: { authorities: [{ name: 'test', pem: Buffer.from(cert) }] } });
  const [answered] = await probeHosts([hosts[0] as string], trusting);
  assert.deepEqual([answered?.outcome, answered?.why, asked], ['reached', '302', 1]);

  // A name is tried over both families; here, one of them has nobody.
  const both = await probeHosts([`localhost:${securePort}`], strict);
  assert.deepEqual(
    both.map(({ family, outcome }) => [family, outcome]),
    [
      [4, 'reached'],
      [6, 'closed'],
    ],
  );

  await using offline = openNetwork({ offline: true });
  assert.deepEqual((await probeHosts(['127.0.0.1:1'], offline))[0]?.outcome, 'untried');
  const controller = new AbortController();
  controller.abort(new Error('stop'));
  await assert.rejects(probeHosts(hosts, strict, controller.signal), /stop/);
});

describe('judgeProbes()', () => {
  const result = (host: string, outcome: ProbeResult['outcome']): ProbeResult => ({
    host,
    family: 4,
    outcome,
    why: 'X',
  });
  const cases: readonly (readonly [
    elsewhere: ProbeResult['outcome'],
    registry: ProbeResult['outcome'],
    codes: readonly string[],
  ])[] = [
    ['closed', 'reached', []],
    ['reached', 'reached', ['PROBE_REACHED way-out']],
    ['untried', 'reached', ['PROBE_UNTRIED unknown']],
    ['closed', 'closed', ['REGISTRY_SILENT unknown']],
    ['closed', 'untried', ['REGISTRY_SILENT unknown']],
  ];
  for (const [elsewhere, registry, codes] of cases) {
    test(`others ${elsewhere}, the registry ${registry}`, () => {
      const findings = judgeProbes([result('a', elsewhere)], [result('reg', registry)]);
      assert.deepEqual(
        findings.map(({ code, level }) => `${code} ${level}`),
        codes,
      );
    });
  }
});
