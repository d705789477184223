import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { kyvernoPolicies, policyThatValidates } from '../../../../testing/policy/kyverno.ts';
import type { KyvernoRule } from '../document/policy/model.ts';
import { operationsOf } from './operations.ts';

describe('what a rule is registered for', () => {
  const validate = { validate: { deny: {} } };
  const images = { verifyImages: [{ imageReferences: ['*'] }] };
  const pods = { resources: { kinds: ['Pod'] } };
  const done = (...operations: readonly string[]): object => ({ resources: { kinds: ['Pod'], operations } });
  const cases: readonly (readonly [what: string, rule: object, expected: string])[] = [
    ['a rule that denies', { match: { any: [pods] }, ...validate }, 'CREATE UPDATE DELETE CONNECT'],
    ['a rule about images', { match: { any: [pods] }, ...images }, 'CREATE UPDATE'],
    ['a pattern', { match: { any: [pods] }, validate: { pattern: {} } }, 'CREATE UPDATE CONNECT'],
    ['patterns', { match: { any: [pods] }, validate: { anyPattern: [] } }, 'CREATE UPDATE CONNECT'],
    ['what is named', { match: { any: [done('DELETE')] }, ...validate }, 'DELETE'],
    ['what either names', { match: { any: [done('DELETE'), done('CREATE')] }, ...validate }, 'CREATE DELETE'],
    ['what only one names', { match: { any: [done('DELETE'), pods] }, ...validate }, 'CREATE UPDATE DELETE CONNECT'],
    ['what all name', { match: { all: [done('DELETE', 'CREATE'), done('CREATE'), pods] }, ...validate }, 'CREATE'],
    ['the old form', { match: done('CONNECT'), ...validate }, 'CONNECT'],
    ['an empty list', { match: done(), ...images }, 'CREATE UPDATE'],
    ['what no image comes by', { match: done('DELETE'), ...images }, ''],
    [
      'what is excluded whatever it is',
      { match: pods, exclude: { any: [{ resources: { operations: ['DELETE'] } }] }, ...validate },
      'CREATE UPDATE CONNECT',
    ],
    [
      'what is excluded for some',
      {
        match: pods,
        exclude: {
          any: [{ resources: { operations: ['DELETE'] }, clusterRoles: ['admin'] }, done('CREATE')],
          all: [{ resources: { operations: ['UPDATE'] } }, { resources: { names: ['a'] } }],
        },
        ...validate,
      },
      'CREATE UPDATE DELETE CONNECT',
    ],
  ];
  for (const [what, rule, expected] of cases) {
    test(what, () => assert.equal(operationsOf({ name: 'r', ...rule } as KyvernoRule).join(' '), expected));
  }

  test('and webhooks follow: nothing that is deleted reaches who changes objects', async () => {
    const policies = await kyvernoPolicies(policyThatValidates('deny: {}'));
    const [rule] = policies[0]?.rules ?? [];
    assert.deepEqual([rule?.operations, rule?.pins], [['CREATE', 'UPDATE', 'DELETE', 'CONNECT'], false]);
  });
});
