import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOfText } from '../../testing/kubernetes/kubernetes-lab.ts';
import { systemClock } from '../net/clock.ts';
import type { Network, NetworkOptions } from '../net/network.ts';
import { Connections } from './connections.ts';
import { kubernetesLimits } from './limits.ts';

async function connectionsOf(
  cluster: object,
): Promise<{ connections: Connections; opened: NetworkOptions[]; closed: NetworkOptions[] }> {
  const config = await configOfText(
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://c.example', ...cluster } }],
    }),
  );
  const opened: NetworkOptions[] = [];
  const closed: NetworkOptions[] = [];
  const open = (options: NetworkOptions): Network => {
    opened.push(options);
    return {
      clock: systemClock,
      request: () => Promise.reject(new Error('never asked')),
      plainHttp: () => undefined,
      [Symbol.asyncDispose]: async () => void closed.push(options),
    };
  };
  return { connections: new Connections(config, { proxy: { https: 'http://general' } }, open), opened, closed };
}

const certificate = { certificate: Buffer.from('cert'), key: Buffer.from('key') };
const hosts = ['c.example:443'];
const pem = Buffer.from('CA');
const data = pem.toString('base64');

const cases: readonly (readonly [string, object, Partial<NetworkOptions>])[] = [
  ['nothing', {}, { tls: {}, proxy: { https: 'http://general' } }],
  [
    'its own authority alone',
    { 'certificate-authority-data': data },
    { tls: { authorities: [{ name: "the cluster's authority", pem }], onlyAuthorities: true } },
  ],
  ['nobody verified', { 'insecure-skip-tls-verify': true }, { tls: { insecureHosts: hosts } }],
  ['another name', { 'tls-server-name': 'api' }, { tls: { serverNames: [{ hosts, name: 'api' }] } }],
  [
    'another port',
    { server: 'https://c.example:6443/k8s', 'tls-server-name': 'api' },
    { tls: { serverNames: [{ hosts: ['c.example:6443'], name: 'api' }] } },
  ],
  ['its own proxy', { 'proxy-url': 'http://own:1' }, { proxy: { http: 'http://own:1', https: 'http://own:1' } }],
];
for (const [name, cluster, expected] of cases) {
  test(`Connections opens the network with ${name}`, async () => {
    const { connections, opened } = await connectionsOf(cluster);
    connections.network('request', undefined);
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(opened[0]?.[field as keyof NetworkOptions], value);
    }
  });
}

test('Connections shows a certificate to its own server alone, and keeps watches apart from requests', async () => {
  const { connections, opened, closed } = await connectionsOf({});
  const request = connections.network('request', certificate);
  const watch = connections.network('watch', certificate);
  assert.notEqual(request, watch);
  // An equal one is the same, though it was read anew.
  assert.equal(connections.network('request', { ...certificate, key: Buffer.from('key') }), request);
  assert.deepEqual(
    opened.map(({ widthPerHost }) => widthPerHost),
    [kubernetesLimits.requests, kubernetesLimits.watches],
  );
  assert.deepEqual(opened[0]?.tls?.clientCertificates, [{ hosts, ...certificate }]);
  // The connections of the last certificate stay for what is under way on them; those before it do not.
  connections.network('request', { ...certificate, key: Buffer.from('second') });
  assert.deepEqual([opened.length, closed.length], [4, 0]);
  connections.network('request', { ...certificate, key: Buffer.from('third') });
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(closed, opened.slice(0, 2));
  await connections[Symbol.asyncDispose]();
  assert.equal(closed.length, 6);
});
