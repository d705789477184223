import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOperatorWorld } from '../../../../testing/operator/operator-world.ts';
import { defaultOperatorSettings } from './model.ts';
import { operatorRules } from './rbac-rules.ts';
import { renderOperatorManifests } from './render-manifests.ts';

const settings = { ...defaultOperatorSettings, image: 'registry.test/seaworthy@sha256:a' };

test('no rule of the operator is about everything, and Secrets are read by namespace', () => {
  const { cluster, own, secrets } = operatorRules(settings);
  for (const { apiGroups, resources, verbs } of [...cluster, ...own, ...secrets]) {
    assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'));
  }
  assert.ok(!cluster.some(({ resources }) => resources.includes('secrets')));
  assert.ok(
    operatorRules({ ...settings, clusterWideSecrets: true }).cluster.some(({ resources }) =>
      resources.includes('secrets'),
    ),
  );
  const roles = (secretNamespaces: readonly string[]): readonly string[] =>
    renderOperatorManifests({ ...settings, secretNamespaces })
      .filter(({ kind }) => kind === 'Role')
      .map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`);
  assert.deepEqual(roles(['team-a']), ['seaworthy-system/seaworthy-operator', 'team-a/seaworthy-operator-secrets']);
});

test('what the operator does is what its role of the cluster allows, and all of that is done', async () => {
  const { cluster } = operatorRules(settings);
  const granted = new Set(
    cluster.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    ),
  );
  const used = new Set<string>();
  await using world = await openOperatorWorld({
    authorize(_, { verb, resource }) {
      used.add(`${verb} ${resource}`);
      return granted.has(`${verb} ${resource}`);
    },
  });
  await world.know(['CVE-2026-1']);
  world.run({ name: 'one' }, { app: 'web' });
  await world.start();
  await world.until(
    'it is reported',
    () => world.reports('sbomreports').has('default/pod-one-app') && world.reports().has('default/pod-one-app'),
  );
  await world.until('what runs nowhere is removed', () => {
    world.lab.api.store.remove('/v1/pods', 'default/one');
    return world.reports().size + world.reports('sbomreports').size === 0;
  });
  // Applying asks for the right to create by itself, where there is nothing to be patched.
  const asked = [...used, 'create vulnerabilityreports', 'create sbomreports'];
  assert.deepEqual([...new Set(asked)].sort(), [...granted].sort());
});

test('definitions are left out where others have made them', () => {
  const kinds = (definitions: boolean): readonly string[] =>
    renderOperatorManifests({ ...settings, definitions }).map(({ kind }) => kind);
  assert.equal(kinds(true).filter((kind) => kind === 'CustomResourceDefinition').length, 2);
  assert.equal(kinds(false).filter((kind) => kind === 'CustomResourceDefinition').length, 0);
});
