import assert from 'node:assert/strict';
import test from 'node:test';
import { parseKindSelector, selectsKind } from './kind-selector.ts';
import type { KindOf } from './owner-kind.ts';

/** What API servers tell of a request to a subresource: the kind that is sent, and where it is sent to. */
function sent(kind: string, to: string): KindOf {
  const [, group = '', version = '', name = ''] = /^(?:(.+)\/)?(.+)\/(.+)$/.exec(kind) ?? [];
  const [path = '', subresource = ''] = to.split(' ');
  const [, ownGroup = '', ownVersion = '', resource = ''] = /^(?:(.+)\/)?(.+)\/(.+)$/.exec(path) ?? [];
  const request = { resource: { group: ownGroup, version: ownVersion, resource } };
  return { group, version, kind: name, subresource, request };
}

/** Where the cluster was asked what kind that is. */
function told(resourceKind: string, of: KindOf): KindOf {
  return { ...of, request: { ...of.request, resourceKind } };
}

const exec = sent('v1/PodExecOptions', 'v1/pods exec');
const scale = sent('autoscaling/v1/Scale', 'apps/v1/deployments scale');

const about: readonly (readonly [kind: string, of: KindOf, isAbout: boolean])[] = [
  ['Pod/exec', exec, true],
  ['v1/Pod/exec', exec, true],
  ['Pod.exec', exec, true],
  ['Pod/*', exec, true],
  ['P*/exec', exec, true],
  ['*/exec', exec, true],
  ['v1/*/exec', exec, true],
  ['*/*', exec, true],
  ['Pod', exec, false],
  ['Pod/attach', exec, false],
  ['Node/exec', exec, false],
  // Its own kind is that of what is sent, which no policy of Kyverno is about.
  ['PodExecOptions/exec', exec, false],
  ['Deployment/scale', scale, true],
  ['apps/v1/Deployment/scale', scale, true],
  ['apps/*/D*/scale', scale, true],
  ['*/scale', scale, true],
  ['apps/v1beta1/Deployment/scale', scale, false],
  ['autoscaling/v1/Scale/scale', scale, false],
  ['StatefulSet/scale', scale, false],
  ['D*t/scale', sent('autoscaling/v1/Scale', 'apps/v1/daemonsets scale'), true],
  ['Pod/eviction', sent('policy/v1/Eviction', 'v1/pods eviction'), true],
  ['ServiceAccount/token', sent('authentication.k8s.io/v1/TokenRequest', 'v1/serviceaccounts token'), true],
  ['Rollout/scale', sent('autoscaling/v1/Scale', 'argoproj.io/v1alpha1/rollouts scale'), true],
  ['Policy/scale', sent('autoscaling/v1/Scale', 'x.test/v1/policies scale'), true],
  ['Pol?cy/scale', sent('autoscaling/v1/Scale', 'x.test/v1/policies scale'), true],
  ['Class/scale', sent('autoscaling/v1/Scale', 'x.test/v1/classes scale'), true],
  ['Clas?/scale', sent('autoscaling/v1/Scale', 'x.test/v1/classes scale'), true],
  ['Octopus/scale', told('Octopus', sent('autoscaling/v1/Scale', 'x.test/v1/octopodes scale')), true],
  ['Oct*/scale', told('Octopus', sent('autoscaling/v1/Scale', 'x.test/v1/octopodes scale')), true],
  // What it would be called if names were regular.
  ['Octopode/scale', told('Octopus', sent('autoscaling/v1/Scale', 'x.test/v1/octopodes scale')), false],
  ['Octopus/arm', told('Octopus', sent('x.test/v1/Octopus', 'x.test/v1/octopodes arm')), true],
  ['Mouse/status', sent('x.test/v1/Mouse', 'x.test/v1/mice status'), true],
  ['Deployment/status', sent('apps/v1/Deployment', 'apps/v1/deployments status'), true],
  ['Pod', sent('v1/Pod', 'v1/pods ephemeralcontainers'), true],
  ['Pod/ephemeralcontainers', sent('v1/Pod', 'v1/pods ephemeralcontainers'), true],
];

for (const [kind, of, isAbout] of about) {
  const to = `${of.request?.resource?.resource}/${of.subresource}`;
  test(`a rule about ${kind} is ${isAbout ? '' : 'not '}about what is sent to ${to} as a ${of.kind}`, () => {
    const selector = parseKindSelector(kind);
    assert.ok(selector !== undefined);
    assert.equal(selectsKind(selector, of), isAbout);
  });
}
