import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash } from './compute-hash.ts';
import { reportName } from './report-name.ts';

/** As trivy-operator wrote them in real clusters. */
const hashes: readonly (readonly [text: string, hash: string])[] = [
  ['system:controller:token-cleaner', '868458b9d6'],
  ['system:controller:persistent-volume-binder', '7c4d8f665'],
  ['kube-apiserver-security-cluster-control-plane-kube-apiserver', '6ccff544b9'],
];
for (const [text, hash] of hashes) {
  test(`computeHash() of ${text} is what trivy-operator makes of it`, () => {
    assert.equal(computeHash(text), hash);
  });
}

const names: readonly (readonly [kind: string, name: string, container: string, report: string])[] = [
  ['ReplicaSet', 'nginx-6d4cf56db6', 'nginx', 'replicaset-nginx-6d4cf56db6-nginx'],
  ['Pod', 'kube-apiserver-security-cluster-control-plane', 'kube-apiserver', 'pod-6ccff544b9'],
  ['CronJob', 'a'.repeat(52), 'bb', `cronjob-${'a'.repeat(52)}-bb`],
  ['CronJob', 'a'.repeat(52), 'bbb', `cronjob-${computeHash(`${'a'.repeat(52)}-bbb`)}`],
];
for (const [kind, name, container, report] of names) {
  test(`reportName() of ${kind} ${name} ${container} is that of trivy-operator`, () => {
    assert.equal(reportName(kind, name, container), report);
  });
}
