import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { parsePatternName } from './anchor.ts';
import { compileLeaf } from './leaf.ts';
import { matchPattern } from './match-pattern.ts';
import { PreparedPattern } from './prepared-pattern.ts';

const leaves: readonly (readonly [value: JsonValue, pattern: JsonValue, matches: boolean])[] = [
  ['nginx:1', 'nginx:*', true],
  ['nginx', '?*', true],
  ['', '?*', false],
  ['', '*', true],
  [null, '*', false],
  ['a', 'b | a', true],
  ['abc', 'a* & *c', true],
  ['abd', 'a* & *c', false],
  ['x', 'a* & *c | x', true],
  ['latest', '!latest', false],
  ['1.2', '!latest', true],
  ['v1', '!latest & !v2*', true],
  ['v2.1', '!latest & !v2*', false],
  ['1Gi', '<=2Gi', true],
  ['3Gi', '<=2Gi', false],
  ['1Gi', '>=1024Mi', true],
  ['90m', '> 1h', true],
  ['30m', '> 1h', false],
  ['2h', '> 90s', true],
  [5, '1-10', true],
  [5, '1!-10', false],
  ['512Mi', '256Mi-1Gi', true],
  [1000, '>0', true],
  ['abc', '>0', false],
  [null, '>0', false],
  [null, '!x', false],
  [true, true, true],
  [true, 'true', true],
  ['true', true, false],
  [1, 1, true],
  ['1', 1, true],
  [1.5, '1500m', true],
  [null, null, true],
  ['', null, true],
  [0, null, true],
  ['a', null, false],
];

for (const [value, pattern, matches] of leaves) {
  test(`${JSON.stringify(value)} ${matches ? 'is' : 'is not'} as ${JSON.stringify(pattern)} says`, () => {
    assert.equal(compileLeaf(pattern)(value), matches);
  });
}

test('parsePatternName() tells what marks a name', () => {
  const names = ['(a)', '<(a)', '=(a)', '^(a)', 'X(a)', '+(a)', 'a', '(a', 'Y(a)', '()', '( a )'];
  assert.deepEqual(
    names.map((name) => Object.values(parsePatternName(name)).join()),
    [
      'conditional,a',
      'global,a',
      'equality,a',
      'existence,a',
      'negation,a',
      'addition,a',
      ',a',
      ',(a',
      ',Y(a)',
      ',()',
      'conditional,a',
    ],
  );
});

const pod = {
  metadata: { name: 'web', labels: { app: 'web', 'team.example/name': 'x' } },
  spec: {
    hostNetwork: false,
    containers: [
      { name: 'a', image: 'ghcr.io/a:1', securityContext: { privileged: false } },
      { name: 'b', image: 'docker.io/b:latest', imagePullPolicy: 'Always' },
    ],
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'h', hostPath: { path: '/var' } },
    ],
  },
} as unknown as JsonValue;

const cases: readonly (readonly [what: string, pattern: unknown, kind: string, path?: string])[] = [
  ['a name that is there', { metadata: { name: 'web' } }, 'passed'],
  ['a name that is not there', { metadata: { namespace: '?*' } }, 'failed', '/metadata/namespace/'],
  ['anything, but not nothing', { metadata: { namespace: '*' } }, 'failed', '/metadata/namespace/'],
  ['anything that is there', { metadata: { name: '*' } }, 'passed'],
  ['each element of a list', { spec: { containers: [{ image: '*:*' }] } }, 'passed'],
  [
    'an element that differs',
    { spec: { containers: [{ image: 'ghcr.io/*' }] } },
    'failed',
    '/spec/containers/1/image/',
  ],
  ['a list where there is none', { spec: { initContainers: [{ image: '*' }] } }, 'failed', '/spec/initContainers/'],
  ['what may be missing', { spec: { '=(initContainers)': [{ image: 'x' }] } }, 'passed'],
  [
    'what may be missing, and is not',
    { spec: { '=(containers)': [{ image: 'x' }] } },
    'failed',
    '/spec/containers/0/image/',
  ],
  [
    'what may be missing within',
    { spec: { containers: [{ '=(securityContext)': { '=(privileged)': false } }] } },
    'passed',
  ],
  ['what must be missing', { spec: { 'X(hostPID)': 'null' } }, 'passed'],
  ['what must be missing, and is not', { spec: { 'X(hostNetwork)': 'null' } }, 'failed', '/spec/hostNetwork/'],
  [
    'what must be missing in each',
    { spec: { volumes: [{ 'X(hostPath)': 'null' }] } },
    'failed',
    '/spec/volumes/1/hostPath/',
  ],
  ['one that is so', { spec: { '^(containers)': [{ name: 'b' }] } }, 'passed'],
  ['none that is so', { spec: { '^(containers)': [{ name: 'c' }] } }, 'failed', '/spec/containers/'],
  ['two of which each is there', { spec: { '^(containers)': [{ name: 'a' }, { name: 'b' }] } }, 'passed'],
  [
    'a condition that holds for one',
    { spec: { containers: [{ '(image)': '*:latest', imagePullPolicy: 'Always' }] } },
    'passed',
  ],
  [
    'a condition that holds for one, which differs',
    { spec: { containers: [{ '(image)': '*:latest', imagePullPolicy: 'Never' }] } },
    'failed',
    '/spec/containers/1/imagePullPolicy/',
  ],
  [
    'a condition that holds for none',
    { spec: { containers: [{ '(image)': 'quay.io/*', name: 'x' }] } },
    'skipped',
    '/spec/containers/0/image/',
  ],
  [
    'a condition of the whole',
    { metadata: { '<(name)': 'db' }, spec: { hostNetwork: true } },
    'skipped',
    '/metadata/name/',
  ],
  [
    'a condition of the whole that holds',
    { metadata: { '<(name)': 'web' }, spec: { hostNetwork: true } },
    'failed',
    '/spec/hostNetwork/',
  ],
  [
    'a condition after what it is for',
    { spec: { hostNetwork: true, '(volumes)': 'x' } },
    'skipped',
    '/spec/volumes/0/',
  ],
  ['a label by a pattern', { metadata: { labels: { 'team.example/*': 'x' } } }, 'passed'],
  [
    'a label by a pattern that differs',
    { metadata: { labels: { 'team.example/*': 'y' } } },
    'failed',
    '/metadata/labels/team.example/name/',
  ],
  [
    'a label by a pattern that none has',
    { metadata: { labels: { 'none/*': '?*' } } },
    'failed',
    '/metadata/labels/none/*/',
  ],
  ['an object where there is a text', { metadata: { name: { a: 1 } } }, 'failed', '/metadata/name/'],
  ['nobody has what only a prototype has', { metadata: { constructor: '*' } }, 'failed', '/metadata/constructor/'],
];

describe('a pattern of an object', () => {
  for (const [what, pattern, kind, path] of cases) {
    test(what, () => {
      const result = matchPattern(pod, new PreparedPattern(pattern as JsonValue), () => undefined);
      assert.deepEqual([result.kind, 'path' in result ? result.path : undefined], [kind, path]);
    });
  }
});

test('an object is as it says itself, unless it has names or texts that mean something', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, plain, fc.boolean(), fc.integer(), tie('object'), fc.tuple(tie('value'))),
    object: fc.dictionary(plain, tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(value, (each) => {
      assert.equal(
        matchPattern(each as JsonValue, new PreparedPattern(each as JsonValue), () => undefined).kind,
        'passed',
      );
    }),
  );
});

test('any pattern gives a result', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, pattern) => {
      assert.match(
        matchPattern(value as JsonValue, new PreparedPattern(pattern as JsonValue), () => undefined).kind,
        /^(?:passed|skipped|failed)$/,
      );
    }),
  );
});
