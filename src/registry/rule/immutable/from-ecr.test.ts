import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../oci/digest.ts';
import { compileImmutableRules } from './compile.ts';
import { immutableRuleFromEcr, type EcrTagMutability } from './from-ecr.ts';
import { judgeTagWrite } from './judge.ts';

const filters = [
  { filterType: 'WILDCARD', filter: 'dev-*' },
  { filterType: 'WILDCARD', filter: 'latest' },
];

test('immutableRuleFromEcr() freezes the tags that ECR freezes', () => {
  for (const [imageTagMutability, imageTagMutabilityExclusionFilters, frozen] of [
    ['MUTABLE', undefined, []],
    ['IMMUTABLE', undefined, ['dev-1', 'latest', 'v1']],
    ['IMMUTABLE_WITH_EXCLUSION', filters, ['v1']],
    ['MUTABLE_WITH_EXCLUSION', filters, ['dev-1', 'latest']],
  ] as const) {
    const rule = immutableRuleFromEcr({ imageTagMutability, imageTagMutabilityExclusionFilters }, ['team/**']);
    const rules = compileImmutableRules(rule === undefined ? [] : [rule]);
    const held = ['dev-1', 'latest', 'v1'].filter((tag) => {
      const current = { digest: 'sha256:a' as Digest, pushedAt: 0 };
      return !judgeTagWrite(rules, { repository: 'team/app', tag, current, next: 'sha256:b' as Digest, now: 1 })
        .allowed;
    });
    assert.deepEqual(held, frozen, imageTagMutability);
  }
});

test('immutableRuleFromEcr() refuses what ECR would refuse, and names the place', () => {
  const cases: readonly (readonly [EcrTagMutability, string])[] = [
    [{ imageTagMutability: 'FROZEN' }, '$.imageTagMutability'],
    [{ imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }, '$.imageTagMutabilityExclusionFilters'],
    [
      { imageTagMutability: 'IMMUTABLE', imageTagMutabilityExclusionFilters: filters },
      '$.imageTagMutabilityExclusionFilters',
    ],
    [
      {
        imageTagMutability: 'MUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [...filters, ...filters, ...filters],
      },
      '$.imageTagMutabilityExclusionFilters',
    ],
    [
      {
        imageTagMutability: 'MUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'REGEX', filter: 'a' }],
      },
      '$.imageTagMutabilityExclusionFilters[0].filterType',
    ],
    [
      {
        imageTagMutability: 'MUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'a?' }],
      },
      '$.imageTagMutabilityExclusionFilters[0].filter',
    ],
  ];
  for (const [setting, path] of cases) {
    assert.throws(
      () => immutableRuleFromEcr(setting, ['**']),
      (error: Error & { code?: string }) => error.code === 'POLICY_INVALID' && error.message.startsWith(`${path}:`),
      path,
    );
  }
});
