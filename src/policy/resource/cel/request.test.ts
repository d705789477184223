import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf } from '../../../../testing/policy/judge-object.ts';
import { requestValues } from './request.ts';

test('a request has all that the API server tells of it, with whole numbers as expressions take them', () => {
  const { request } = requestValues(
    podOf(['a'], {
      user: { username: 'alice', groups: ['devs'], uid: 'u-1', extra: { team: ['shop'] } },
      request: {
        uid: 'r-1',
        requestKind: { group: '', version: 'v0', kind: 'Pod' },
        options: { gracePeriodSeconds: 30 },
      },
    }),
  ) as { request: Readonly<Record<string, unknown>> };
  const { object, oldObject, ...rest } = request;
  assert.equal((object as { metadata: { name: string } }).metadata.name, 'web');
  assert.equal(oldObject, null);
  assert.deepEqual(rest, {
    uid: 'r-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: '',
    requestKind: { group: '', version: 'v0', kind: 'Pod' },
    requestResource: { group: '', version: 'v1', resource: 'pods' },
    requestSubResource: '',
    namespace: 'team',
    name: 'web',
    dryRun: false,
    operation: 'CREATE',
    userInfo: { username: 'alice', groups: ['devs'], uid: 'u-1', extra: { team: ['shop'] } },
    options: { gracePeriodSeconds: 30n },
  });
});

test('what is there already was asked for by nobody', () => {
  const { request } = requestValues(podOf(['a'], { operation: 'audit' }));
  for (const name of ['uid', 'operation', 'userInfo', 'options']) assert.ok(!(name in request), name);
});
