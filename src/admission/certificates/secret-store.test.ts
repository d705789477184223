import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubernetesLab, kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { openKeptCertificates } from './kept-certificates.ts';
import { serviceNames } from './model.ts';
import { planRotation } from './plan-rotation.ts';
import { secretStore } from './secret-store.ts';
import type { CertificateStore } from './store.ts';

const start = Date.now();
const plan = { dnsNames: serviceNames('seaworthy', 'default') };
const { state } = planRotation(undefined, start, plan);
const other = planRotation(undefined, start, plan).state;

function storeIn({ client }: KubernetesLab): CertificateStore {
  return secretStore({ client, namespace: 'default', name: 'certificates' });
}

async function secretIn({ client }: KubernetesLab): Promise<KubernetesObject> {
  return (await client.get(builtInTypes.secrets, 'certificates', { namespace: 'default' })) as KubernetesObject;
}

test('what is kept is read as it was, and others can mount what is served', async () => {
  await using lab = await kubernetesLab();
  const store = storeIn(lab);
  assert.equal(await store.read(), undefined);
  assert.equal(await store.write(state, undefined), true);
  assert.deepEqual((await store.read())?.state, state);
  const secret = await secretIn(lab);
  const data = secret['data'] as Readonly<Record<string, string>>;
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  assert.equal(secret['type'], 'kubernetes.io/tls');
  assert.deepEqual(
    [text('tls.crt'), text('tls.key'), text('ca.crt')],
    [state.leaf.certificate, state.leaf.key, state.authority.certificate],
  );
});

test('of two who write, one does', async () => {
  await using lab = await kubernetesLab();
  const store = storeIn(lab);
  assert.deepEqual((await Promise.all([store.write(state, undefined), store.write(other, undefined)])).toSorted(), [
    false,
    true,
  ]);
  const revision = (await store.read())?.revision;
  const [one, another] = [1, 2].map(() => planRotation(undefined, start, plan).state) as [typeof state, typeof state];
  const both = await Promise.all([store.write(one, revision), store.write(another, revision)]);
  assert.deepEqual(both.toSorted(), [false, true]);
  assert.deepEqual((await store.read())?.state, both[0] ? one : another);
  await lab.client.remove(builtInTypes.secrets, 'certificates', { namespace: 'default' });
  assert.equal(await store.write(state, revision), false);
});

const damaged: readonly (readonly [what: string, data: unknown])[] = [
  ['nothing', undefined],
  ['another text', { 'state.json': Buffer.from('{}').toString('base64') }],
  ['no text', { 'state.json': 7 }],
  ['more than certificates have', { 'state.json': Buffer.alloc(2_000_000, ' ').toString('base64') }],
];
for (const [what, data] of damaged) {
  test(`a Secret with ${what} in it is replaced, and stays what else it is`, async () => {
    await using lab = await kubernetesLab();
    const metadata = { name: 'certificates', labels: { team: 'a' } };
    lab.api.seed(builtInTypes.secrets, { metadata, type: 'Opaque', data });
    const store = storeIn(lab);
    const read = await store.read();
    assert.ok(read !== undefined && read.state === undefined);
    assert.equal(await store.write(state, read.revision), true);
    assert.deepEqual((await store.read())?.state, state);
    const secret = await secretIn(lab);
    assert.deepEqual([secret['type'], secret.metadata.labels], ['Opaque', { team: 'a' }]);
  });
}

test('a Secret that cannot be looked at is not taken for none', async () => {
  await using lab = await kubernetesLab();
  const store = storeIn(lab);
  for (const fault of [
    { kind: 'status', status: 403 },
    { kind: 'status', status: 404, reason: 'Other' },
  ] as const) {
    lab.api.faults.inject(fault);
    await assert.rejects(store.read(), { code: 'CERTIFICATE_STORE_FAILED' });
  }
  lab.api.faults.inject({ kind: 'status', status: 403 });
  await assert.rejects(store.write(state, undefined), { code: 'CERTIFICATE_STORE_FAILED' });
});

test('replicas that begin together serve certificates of one authority', async () => {
  await using lab = await kubernetesLab();
  const publish = (): Promise<boolean> => Promise.resolve(true);
  const options = { store: storeIn(lab), plan, publish, clock: manualClock(start), logger: silentLogger };
  const replicas = await Promise.all([1, 2, 3].map(() => openKeptCertificates(options)));
  await Promise.all(replicas.map((replica) => replica.check()));
  assert.equal(new Set(replicas.map((replica) => replica.bundle())).size, 1);
  assert.equal(new Set(replicas.map((replica) => replica.current().certificate)).size, 1);
});
