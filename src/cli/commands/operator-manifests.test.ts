import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAll } from 'js-yaml';
import { testHost } from '../../../testing/test-host.ts';
import { defaultOperatorSettings } from '../../cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../cluster/operator/manifests/render-manifests.ts';
import { operatorManifestsCommand } from './operator-manifests.ts';

const image = 'registry.example.org/seaworthy:0.1.0';
const asked = { image, secretNamespace: [], definitions: true };

test('operator manifests writes what it is asked for', async () => {
  const host = testHost();
  const more = { namespace: 'ours', replicas: '3', secretNamespace: ['a', 'b', 'a'], definitions: false };
  assert.equal(await operatorManifestsCommand({ ...asked, ...more }, host), 0);
  const settings = { image, namespace: 'ours', replicas: 3, secretNamespaces: ['a', 'b'], definitions: false };
  assert.deepEqual(loadAll(host.said.join('')), renderOperatorManifests({ ...defaultOperatorSettings, ...settings }));
});

for (const [change, code] of [
  [{ image: 'not an image!' }, 'REFERENCE_INVALID'],
  [{ image: '' }, 'REFERENCE_INVALID'],
  [{ namespace: 'No' }, 'SETTING_INVALID'],
  [{ secretNamespace: ['a/b'] }, 'SETTING_INVALID'],
  [{ replicas: '0' }, 'SETTING_INVALID'],
] as const) {
  test(`operator manifests are not written with ${JSON.stringify(change)}`, async () => {
    const host = testHost();
    await assert.rejects(operatorManifestsCommand({ ...asked, ...change }, host), { code });
    assert.deepEqual(host.said, []);
  });
}
