import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDigest } from '../../../../testing/policy/judge-object.ts';
import { judgeImages, expression } from '../../../../testing/policy/kyverno-image.ts';

test('expressions read the cluster through the API server, and namespaced policies their own namespace', async () => {
  const parts = {
    ...expression(`resource.Get("v1", "configmaps", "team", "keys").data.a == "1"`),
    validationConfigurations: '{required: false}',
  };
  const lookups = {
    'api /api/v1/namespaces/team/configmaps/keys': { data: { a: '1' } },
    'globalReference g': { x: 2 },
    'globalReference g.first': 1,
  };
  assert.ok((await judgeImages(parts, { lookups })).allowed);
  assert.ok(!(await judgeImages(parts)).allowed);
  const global = { ...parts, ...expression('globalContext.Get("g", "first") + globalContext.Get("g", "").x == 3') };
  assert.ok((await judgeImages(global, { lookups })).allowed);
  const listed = { ...parts, ...expression('resource.List("apps/v1", "deployments", "team").items.size() == 0') };
  assert.ok(
    (await judgeImages(listed, { lookups: { 'api /apis/apps/v1/namespaces/team/deployments': { items: [] } } }))
      .allowed,
  );
  const namespaced = { kind: 'NamespacedImageValidatingPolicy', lookups };
  assert.ok((await judgeImages(parts, { ...namespaced, metadata: '{name: a, namespace: team}' })).allowed);
  for (const text of [
    `resource.Get("v1", "secrets", "kube-system", "a").x == 1`,
    `resource.Get("v1", "nodes", "", "a").x == 1`,
    `resource.Get("v1", "pods/proxy", "team", "a").x == 1`,
    `resource.Get("v1", "configmaps", "team", "../../x").x == 1`,
    `globalContext.Get("g", "").x == 1`,
  ]) {
    const { allowed, rounds } = await judgeImages(
      { ...parts, ...expression(text) },
      { ...namespaced, metadata: '{name: a, namespace: team}' },
    );
    assert.deepEqual([allowed, rounds], [false, 1], text);
  }
});

test('expressions see the labels of the namespace of an object, once they were looked up', async () => {
  const parts = {
    ...expression('namespaceObject.metadata.name == "team" && namespaceObject.metadata.labels.env == "live"'),
    validationConfigurations: '{required: false}',
  };
  const of = async (labels: Readonly<Record<string, string | number>>): Promise<boolean> =>
    (await judgeImages(parts, { lookups: { 'namespaceLabels team': labels } })).allowed;
  assert.deepEqual([await of({ env: 'live' }), await of({ env: 'test' }), await of({ env: 1 })], [true, false, false]);
  assert.ok(!(await judgeImages(parts)).allowed);
});

test('a namespaced policy is about its namespace alone', async () => {
  const of = async (namespace: string): Promise<number> =>
    (await judgeImages({}, { kind: 'NamespacedImageValidatingPolicy', metadata: `{name: a, namespace: ${namespace}}` }))
      .verdict.results.length;
  assert.deepEqual([await of('team'), await of('other')], [1, 0]);
});

test('a key may come from the cluster', async () => {
  const parts = {
    variables: `[{name: cm, expression: 'resource.Get("v1", "configmaps", object.metadata.namespace, "keys")'}]`,
    attestors: '[{name: release, cosign: {key: {expression: variables.cm.data.pub}}}]',
  };
  const key = 'api /api/v1/namespaces/team/configmaps/keys';
  const broken = await judgeImages(parts, { lookups: { [key]: { data: { pub: 'nothing' } } } });
  assert.match(broken.message, /cosign\.key\.data cannot be used/);
  assert.equal(broken.allowed, false);
  assert.match((await judgeImages(parts)).message, /There is no keys/);
});

test('who signs cannot hang on who signed', async () => {
  const parts = {
    attestors:
      "[{name: release, cosign: {key: {expression: \"verifyImageSignatures('ghcr.io/org/app:1', [attestors.release]) > 0 ? 'a' : 'b'\"}}}]",
  };
  assert.match((await judgeImages(parts)).message, /hangs on what attestors signed/);
});

test('data of an image is that of the digest that is verified', async () => {
  const parts = {
    ...expression(`images.containers.all(i, getImageData(i).config.config.User == "1000")`),
    validationConfigurations: '{required: false}',
  };
  const lookups = { [`imageData ghcr.io/org/app@${testDigest} https  `]: { configData: { config: { User: '1000' } } } };
  assert.ok((await judgeImages(parts, { lookups })).allowed);
});
