import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator, Fit } from './authenticator.ts';
import { RegistryAuthError, isRegistryAuthError } from './error.ts';
import { firstOf } from './first-of.ts';
import type { Identity } from './identity.ts';

type Behaviour = 'knows' | 'wrong' | 'down' | 'broken';

function authenticator(name: string, fit: Fit, behaviour: Behaviour, asked: string[] = []): Authenticator {
  const identity: Identity = { kind: 'user', name: `by-${name}`, groups: [], source: name };
  return {
    name,
    fits: () => fit,
    authenticate() {
      asked.push(name);
      if (behaviour === 'down') return Promise.reject(new RegistryAuthError('AUTH_UNAVAILABLE', 'It is down'));
      if (behaviour === 'broken') return Promise.reject(new Error('a bug'));
      return Promise.resolve(behaviour === 'knows' ? identity : undefined);
    },
    renew: (given) => Promise.resolve({ ...given, groups: [name] }),
  };
}

const credentials = { kind: 'basic', user: 'a', password: 'b' } as const;

const cases: readonly {
  readonly parts: readonly (readonly [Fit, Behaviour])[];
  readonly asked: string;
  readonly result: string;
}[] = [
  { parts: [], asked: '', result: 'wrong' },
  { parts: [['no', 'knows']], asked: '', result: 'wrong' },
  { parts: [['perhaps', 'knows']], asked: '0', result: 'by-0' },
  {
    parts: [
      ['perhaps', 'wrong'],
      ['perhaps', 'knows'],
    ],
    asked: '01',
    result: 'by-1',
  },
  {
    parts: [
      ['perhaps', 'wrong'],
      ['perhaps', 'wrong'],
    ],
    asked: '01',
    result: 'wrong',
  },
  // Whoever claims the credentials alone sees them alone, wherever it stands.
  {
    parts: [
      ['perhaps', 'knows'],
      ['alone', 'wrong'],
    ],
    asked: '1',
    result: 'wrong',
  },
  {
    parts: [
      ['alone', 'down'],
      ['perhaps', 'knows'],
    ],
    asked: '0',
    result: 'AUTH_UNAVAILABLE',
  },
  {
    parts: [
      ['alone', 'wrong'],
      ['alone', 'knows'],
    ],
    asked: '0',
    result: 'wrong',
  },
  // What cannot look does not stand before what can, and is never "wrong".
  {
    parts: [
      ['perhaps', 'down'],
      ['perhaps', 'knows'],
    ],
    asked: '01',
    result: 'by-1',
  },
  {
    parts: [
      ['perhaps', 'down'],
      ['perhaps', 'wrong'],
    ],
    asked: '01',
    result: 'AUTH_UNAVAILABLE',
  },
  {
    parts: [
      ['perhaps', 'wrong'],
      ['perhaps', 'down'],
    ],
    asked: '01',
    result: 'AUTH_UNAVAILABLE',
  },
  {
    parts: [
      ['no', 'down'],
      ['perhaps', 'wrong'],
    ],
    asked: '1',
    result: 'wrong',
  },
  {
    parts: [
      ['perhaps', 'broken'],
      ['perhaps', 'knows'],
    ],
    asked: '0',
    result: 'a bug',
  },
];

test('firstOf() asks those that fit until one knows', async () => {
  for (const { parts, asked, result } of cases) {
    const seen: string[] = [];
    const all = firstOf(parts.map(([fit, behaviour], index) => authenticator(String(index), fit, behaviour, seen)));
    let got: string;
    try {
      got = (await all.authenticate(credentials, {}))?.name ?? 'wrong';
    } catch (error) {
      got = isRegistryAuthError(error) ? error.code : (error as Error).message;
    }
    assert.deepEqual([seen.join(''), got], [asked, result], JSON.stringify(parts));
  }
});

test('firstOf() stops when the request is gone', async () => {
  const seen: string[] = [];
  const all = firstOf([authenticator('a', 'perhaps', 'knows', seen)]);
  await assert.rejects(all.authenticate(credentials, { signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  assert.deepEqual(seen, []);
});

test('firstOf() renews an identity where it came from', async () => {
  const inner = firstOf([authenticator('b', 'perhaps', 'knows'), authenticator('c', 'perhaps', 'knows')], 'inner');
  const once: Authenticator = { name: 'd', fits: () => 'no', authenticate: () => Promise.resolve(undefined) };
  const all = firstOf([authenticator('a', 'perhaps', 'knows'), inner, once]);
  const renewed = async (source: string): Promise<readonly string[] | undefined> =>
    (await all.renew?.({ kind: 'user', name: 'x', groups: ['old'], source }, {}))?.groups;
  assert.deepEqual(await renewed('a'), ['a']);
  assert.deepEqual(await renewed('c'), ['c']);
  assert.deepEqual(await renewed('d'), ['old']);
  assert.equal(await renewed('gone'), undefined);
  assert.equal(await all.renew?.({ kind: 'user', name: 'x', groups: [] }, {}), undefined);
});

test('firstOf() fits what one of them fits, and refuses two of one name', () => {
  const fit = (...fits: readonly Fit[]): Fit =>
    firstOf(fits.map((one, index) => authenticator(String(index), one, 'knows'))).fits(credentials);
  assert.deepEqual([fit(), fit('no'), fit('no', 'perhaps'), fit('perhaps', 'alone')], ['no', 'no', 'perhaps', 'alone']);
  assert.throws(
    () => firstOf([authenticator('a', 'no', 'knows'), authenticator('a', 'no', 'knows')]),
    (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID'),
  );
});
