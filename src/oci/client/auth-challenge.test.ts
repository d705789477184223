import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAuthChallenges } from './auth-challenge.ts';

type Plain = readonly (readonly [scheme: string, parameters: Readonly<Record<string, string>>])[];

const cases: readonly (readonly [header: string, challenges: Plain])[] = [
  ['', []],
  ['Basic', [['basic', {}]]],
  ['Basic realm="a"', [['basic', { realm: 'a' }]]],
  ['basic REALM=a', [['basic', { realm: 'a' }]]],
  ['Basic realm="a \\"b\\" \\\\"', [['basic', { realm: 'a "b" \\' }]]],
  ['Basic realm = "a" , charset="UTF-8"', [['basic', { realm: 'a', charset: 'UTF-8' }]]],
  [
    'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        { realm: 'https://auth.example.com/token', service: 'registry.example.com', scope: 'repository:a/b:pull,push' },
      ],
    ],
  ],
  [
    'Bearer realm=https://a/t,scope=repository:x:pull',
    [['bearer', { realm: 'https://a/t', scope: 'repository:x:pull' }]],
  ],
  ['Bearer realm="a", realm="b"', [['bearer', { realm: 'a' }]]],
  [
    'Bearer realm="a", Basic realm="b"',
    [
      ['bearer', { realm: 'a' }],
      ['basic', { realm: 'b' }],
    ],
  ],
  [
    'Negotiate, Basic realm="b"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'b' }],
    ],
  ],
  [
    'Negotiate YIIabc==, Basic realm="b"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'b' }],
    ],
  ],
  [',, Basic realm="b",,', [['basic', { realm: 'b' }]]],
  ['Bearer realm="never closed', [['bearer', {}]]],
  ['"quoted"', []],
];

function plain(header: string): Plain {
  return parseAuthChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

test('parseAuthChallenges() reads what servers send', async (t) => {
  for (const [header, challenges] of cases) {
    await t.test(header === '' ? 'nothing' : header, () => assert.deepEqual(plain(header), challenges));
  }
});

test('parseAuthChallenges() takes any text, and never more than its bounds', () => {
  const pieces = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'a', '==', '\t', 'é', '\u0000');
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const challenges = parseAuthChallenges(text);
      assert.ok(challenges.length <= 32);
      for (const { scheme, parameters } of challenges) {
        assert.match(scheme, /^[!-~]+$/);
        assert.ok(parameters.size <= 32);
      }
    }),
    { numRuns: 2000 },
  );
});

test('parseAuthChallenges() reads back what is written by the grammar', () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const quoted = fc.string({ maxLength: 20 });
  const parameters = fc.uniqueArray(fc.tuple(token, quoted), {
    minLength: 1,
    maxLength: 4,
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(token, parameters), { maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(([scheme, pairs]) => {
          const list = pairs.map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`);
          return `${scheme} ${list.join(', ')}`;
        })
        .join(', ');
      const expected = challenges.map(([scheme, pairs]) => [scheme, Object.fromEntries(pairs)]);
      assert.deepEqual(plain(header), expected);
    }),
  );
});
