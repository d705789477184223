import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveFlags } from '../../../testing/admission/serve-flags.ts';
import { silentLogger } from '../../base/logger.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { systemClock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { AdmissionFlags } from './flags.ts';
import { gatekeeperSettingsOf, gatekeeperTrust } from './gatekeeper.ts';

const host = { cwd: '/srv' };
const flags = serveFlags();
const deps = { clock: systemClock, logger: silentLogger };

test('Gatekeeper is answered where a listener is named, within the time that its webhooks have', () => {
  assert.deepEqual(gatekeeperSettingsOf(flags, host), {});
  const given = { ...flags, gatekeeperListen: '127.0.0.1:8444', gatekeeperClientCa: 'ca.crt', gatekeeperTimeout: '5' };
  assert.deepEqual(gatekeeperSettingsOf(given, host), {
    gatekeeper: {
      listen: { host: '127.0.0.1', port: 8444 },
      clientCa: '/srv/ca.crt',
      verifySeconds: 5,
      mutateSeconds: 1,
    },
  });
});

const wrong: readonly (readonly [what: string, given: Partial<AdmissionFlags>])[] = [
  ['an authority and no listener', { gatekeeperClientCa: 'ca.crt' }],
  ['a Provider and no listener', { gatekeeperProvider: ['a'] }],
  ['a listener that is none', { gatekeeperListen: 'here' }],
  ['no time', { gatekeeperListen: ':1', gatekeeperTimeout: '0' }],
  ['more time than there is', { gatekeeperListen: ':1', gatekeeperMutateTimeout: '31' }],
];
for (const [what, given] of wrong) {
  test(`${what} is refused`, () => {
    assert.throws(() => gatekeeperSettingsOf({ ...flags, ...given }, host), ConfigError);
  });
}

/** A cluster with a Provider, whose API servers are told by a registrar that says this. */
function clusterOf(published: () => Promise<boolean>): { readonly part: ClusterPart; readonly bundle: () => unknown } {
  let provider: KubernetesObject = {
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'Provider',
    metadata: { name: 'verify' },
    spec: { caBundle: '' },
  };
  const client = {
    get: () => Promise.resolve(provider),
    patch(_type: unknown, _name: string, { body }: { readonly body: unknown }) {
      provider = { ...provider, ...(body as object) };
      return Promise.resolve(provider);
    },
  };
  const part = { client, leader: { leads: true }, registrar: { publish: published } } as unknown as ClusterPart;
  return { part, bundle: () => (provider['spec'] as { readonly caBundle: unknown }).caBundle };
}

test('API servers and Gatekeeper are told both, whatever becomes of either', async () => {
  const given = { ...flags, gatekeeperProvider: ['verify'] };
  for (const [published, outcome] of [
    [() => Promise.resolve(true), true],
    [() => Promise.resolve(false), false],
    [() => Promise.reject(new Error('down')), 'down'],
  ] as const) {
    const { part, bundle } = clusterOf(published);
    const { publish } = gatekeeperTrust(given, part, deps);
    const said = await publish?.('PEM').catch((error: Error) => error.message);
    assert.deepEqual([said, bundle()], [outcome, 'UEVN']);
  }
});

test('without Providers only API servers are told, and without a cluster nobody can be', () => {
  assert.equal(gatekeeperTrust(flags, undefined, deps).publish, undefined);
  const given = { ...flags, gatekeeperProvider: ['verify'] };
  assert.throws(() => gatekeeperTrust(given, undefined, deps), ConfigError);
});
