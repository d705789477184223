import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadAll } from 'js-yaml';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { testHost } from '../../../testing/test-host.ts';
import { defaultGatekeeperSettings, defaultManifestSettings } from '../../admission/manifests/model.ts';
import { renderManifests } from '../../admission/manifests/render-manifests.ts';
import { admissionManifestsCommand } from './admission-manifests.ts';
import { gatekeeperManifestsCommand } from './gatekeeper-manifests.ts';

const image = 'registry.example.org/seaworthy:0.1.0';

test('the manifests that are kept for those without the command are what it writes', async () => {
  const host = testHost();
  assert.equal(await admissionManifestsCommand({ image, secretNamespace: [] }, host), 0);
  const kept = join(import.meta.dirname, '..', '..', '..', 'deploy', 'manifests', 'seaworthy-admission.yaml');
  const again = `seaworthy admission manifests --image ${image} > deploy/manifests/seaworthy-admission.yaml`;
  assert.equal(host.said.join(''), readFileSync(kept, 'utf8'), `write them anew: ${again}`);
  assert.deepEqual(loadAll(host.said.join('')), renderManifests({ ...defaultManifestSettings, image }));
});

test('what is asked for is written', async () => {
  const host = testHost();
  const asked = { image, namespace: 'ours', replicas: '3', secretNamespace: ['a', 'b', 'a'], priorityClass: 'high' };
  await admissionManifestsCommand(asked, host);
  const all = loadAll(host.said.join('')) as readonly { kind: string; metadata: { namespace?: string } }[];
  assert.deepEqual(
    all.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace),
    ['ours', 'a', 'b'],
  );
  assert.match(host.said.join(''), /replicas: 3\n[^]*priorityClassName: high\n/);
});

for (const change of [
  { namespace: 'No' },
  { secretNamespace: ['a/b'] },
  { replicas: '0' },
  { replicas: '1e3' },
  { gatekeeperClientCa: 'ca' },
  { gatekeeperPort: '9444' },
  { gatekeeper: true, gatekeeperPort: '8443' },
  { gatekeeper: true, gatekeeperPort: '80' },
  { gatekeeper: true, gatekeeperPort: '65536' },
  { gatekeeper: true, gatekeeperNamespace: 'a.b' },
  { gatekeeper: true, gatekeeperTimeout: '31' },
  { gatekeeper: true, gatekeeperProvider: ['No'] },
] as const) {
  test(`manifests are not written with ${JSON.stringify(change)}`, async () => {
    const command = admissionManifestsCommand({ image, secretNamespace: [], ...change }, testHost());
    await assert.rejects(command, { code: 'SETTING_INVALID' });
  });
}

test('Gatekeeper is let in by a flag, with all its Providers or those that are named', async () => {
  for (const [given, settings] of [
    [{ gatekeeper: true }, {}],
    [{ gatekeeperProvider: ['one', 'two', 'one'] }, { providers: ['one', 'two'] }],
    [
      {
        gatekeeper: true,
        gatekeeperPort: '9444',
        gatekeeperNamespace: 'gate',
        gatekeeperClientCa: 'gatekeeper-ca',
        gatekeeperTimeout: '5',
        gatekeeperMutateTimeout: '2',
      },
      { port: 9444, namespace: 'gate', clientCa: 'gatekeeper-ca', verifySeconds: 5, mutateSeconds: 2 },
    ],
  ] as const) {
    const host = testHost();
    await admissionManifestsCommand({ image, secretNamespace: [], ...given }, host);
    const gatekeeper = { ...defaultGatekeeperSettings, ...settings };
    assert.deepEqual(loadAll(host.said.join('')), renderManifests({ ...defaultManifestSettings, image, gatekeeper }));
  }
});

test('Gatekeeper asks the Service of the webhook, which writes whom to trust there, where nothing else is said', async () => {
  for (const [given, url] of [
    [{}, 'https://seaworthy-admission.seaworthy-system.svc:8444/gatekeeper/verify'],
    [{ namespace: 'sea', port: '9444' }, 'https://seaworthy-admission.sea.svc:9444/gatekeeper/verify'],
  ] as const) {
    const host = testHost();
    await gatekeeperManifestsCommand({ enforcement: 'deny', excludeNamespace: [], ...given }, host);
    const [provider] = loadAll(host.said.join('')) as readonly { readonly spec: { caBundle: string } }[];
    const { caBundle = '', ...spec } = provider?.spec ?? {};
    assert.deepEqual(spec, { url, timeout: 3 });
    assert.ok(new X509Certificate(Buffer.from(caBundle, 'base64')).ca);
  }
});

test('Gatekeeper is told whom to trust, and gets no key', async () => {
  using folder = temporaryDirectory();
  const { cert, key } = makeCertificate('authority');
  const given = { url: 'https://a.b.svc:443', enforcement: 'warn', excludeNamespace: [] };
  const host = testHost();
  await gatekeeperManifestsCommand({ ...given, caBundle: folder.write('ca.crt', cert) }, host);
  assert.match(host.said.join(''), /kind: Provider\n[^]*enforcementAction: warn\n/);
  for (const text of [`${cert}${key}`, 'nothing']) {
    const command = gatekeeperManifestsCommand({ ...given, caBundle: folder.write('no', text) }, testHost());
    await assert.rejects(command, { code: 'SETTING_INVALID' });
  }
  for (const wrong of [
    { url: 'http://a' },
    { url: 'https://a/b' },
    { enforcement: 'perhaps' },
    { port: '9444' },
    { namespace: 'sea' },
  ]) {
    const command = gatekeeperManifestsCommand({ ...given, ...wrong, caBundle: 'ca.crt' }, testHost());
    await assert.rejects(command, { code: 'SETTING_INVALID' });
  }
});

test('manifests are not written for what is no image, or an authority that is not there', async () => {
  const command = admissionManifestsCommand({ image: 'not an image', secretNamespace: [] }, testHost());
  await assert.rejects(command, { code: 'REFERENCE_INVALID', message: /write it as \[HOST\/\]REPOSITORY/ });
  using folder = temporaryDirectory();
  const host = testHost({ cwd: folder.path });
  const gatekeeper = { url: 'https://a.example:1', caBundle: 'nope', enforcement: 'deny', excludeNamespace: [] };
  await assert.rejects(gatekeeperManifestsCommand(gatekeeper, host), {
    code: 'SETTING_INVALID',
    message: /nope is not there; name the file with the authority of --url$/,
  });
});
