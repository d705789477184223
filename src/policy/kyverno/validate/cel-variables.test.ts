import assert from 'node:assert/strict';
import test from 'node:test';
import { judgedBy, kyvernoPolicies, policyThatValidates, subjectOf } from '../../../../testing/policy/kyverno.ts';

test('expressions in CEL see what the API server tells of a request', async () => {
  const told = `request.uid == 'r-1' && request.resource.resource == 'pods' && request.requestKind.kind == 'OldMap' &&
    request.options.fieldManager == 'kubectl' && request.options.grace == 30 && request.userInfo.uid == 'u-1' &&
    request.userInfo.extra.team[0] == 'shop' && !request.dryRun && request.requestSubResource == ''`.replaceAll(
    /\s+/g,
    ' ',
  );
  const text = policyThatValidates(`cel: {expressions: [{expression: "${told}"}]}`);
  const request = {
    uid: 'r-1',
    requestKind: { group: '', version: 'v0', kind: 'OldMap' },
    options: { fieldManager: 'kubectl', grace: 30 },
  };
  const user = { username: 'alice', groups: [], uid: 'u-1', extra: { team: ['shop'] } };
  const policies = await kyvernoPolicies(text);
  const outcomeOf = (more: Parameters<typeof subjectOf>[2]): string | undefined =>
    judgedBy(policies, subjectOf('Pod', {}, more)).verdict.results[0]?.outcome;
  assert.equal(outcomeOf({ request, user }), 'passed');
  assert.equal(outcomeOf({ request: { ...request, uid: 'r-2' }, user }), 'failed');
});
