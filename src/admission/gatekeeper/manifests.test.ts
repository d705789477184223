import assert from 'node:assert/strict';
import test from 'node:test';
import { type GatekeeperSettings, gatekeeperManifests } from './manifests.ts';
import { findProviderRoute } from './serve/route.ts';

const settings: GatekeeperSettings = {
  url: 'https://seaworthy-admission.seaworthy-system.svc:8444',
  caBundle: 'PEM',
  verifySeconds: 5,
  mutateSeconds: 2,
  enforcement: 'deny',
  excludedNamespaces: ['kube-system'],
  mutate: true,
  scan: false,
};

test('Gatekeeper is told of providers, a template with its constraint, and a mutation for each place of an image', () => {
  const all = gatekeeperManifests(settings);
  const names = all.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  assert.deepEqual(names.slice(0, 4), [
    'Provider/seaworthy-verify',
    'Provider/seaworthy-mutate',
    'ConstraintTemplate/seaworthyimages',
    'SeaworthyImages/seaworthy-images',
  ]);
  assert.equal(new Set(names).size, 16);
  const places = all.filter(({ kind }) => kind === 'Assign').map(({ spec }) => spec['location']);
  assert.equal(places.length, 12);
  for (const place of [
    'spec.containers[name: *].image',
    'spec.template.spec.initContainers[name: *].image',
    'spec.jobTemplate.spec.template.spec.volumes[name: *].image.reference',
  ]) {
    assert.ok(places.includes(place), place);
  }
  assert.deepEqual(all[0]?.spec, {
    url: 'https://seaworthy-admission.seaworthy-system.svc:8444/gatekeeper/verify',
    timeout: 5,
    caBundle: 'UEVN',
  });
});

test('without mutations there is one provider, and no place is changed', () => {
  const all = gatekeeperManifests({ ...settings, mutate: false });
  assert.deepEqual(
    all.map(({ kind }) => kind),
    ['Provider', 'ConstraintTemplate', 'SeaworthyImages'],
  );
});

test('each question has a provider of its own, with the time that its webhook has', () => {
  const providers = gatekeeperManifests({ ...settings, scan: true }).filter(({ kind }) => kind === 'Provider');
  assert.deepEqual(
    providers.map(({ metadata, spec }) => [metadata.name, String(spec['url']).slice(-7), spec['timeout']]),
    [
      ['seaworthy-verify', '/verify', 5],
      ['seaworthy-mutate', '/mutate', 2],
      ['seaworthy-scan', 'er/scan', 5],
    ],
  );
  for (const { spec } of providers) {
    assert.ok(findProviderRoute(new URL(String(spec['url'])).pathname));
  }
});

test('only volumes of images are given one', () => {
  const tested = gatekeeperManifests(settings).filter(({ spec }) => JSON.stringify(spec).includes('MustExist'));
  assert.deepEqual(
    tested.map(({ metadata }) => metadata.name),
    ['seaworthy-pod-volumes', 'seaworthy-controller-volumes', 'seaworthy-cron-job-volumes'],
  );
});
