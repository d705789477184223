import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { htpasswdLimits } from './limits.ts';
import { parseHtpasswd } from './parse.ts';

const hash = '$2y$05$Zwk3yHhHLo4q0CtB6fzh6uV0hUqTxKfVlXY8cM8b2i4x2rGk2oRjK';
const users = (text: string): readonly string[] => [...parseHtpasswd(text, 'f').hashes.keys()];
const problems = (text: string): readonly string[] => parseHtpasswd(text, 'f').problems.map(({ message }) => message);

test('parseHtpasswd() takes what htpasswd -B writes', () => {
  const text = `# users\r\n\nalice:${hash}\r\nbob:${hash.replace('$2y', '$2a')}\n  \ncarol dane:${hash.replace('$2y', '$2b')}`;
  assert.deepEqual(users(text), ['alice', 'bob', 'carol dane']);
  assert.deepEqual(problems(text), []);
  assert.deepEqual(parseHtpasswd(text, 'f').costs, [5, 5, 5]);
  assert.deepEqual(users(`\ufeffalice:${hash}`), ['alice']);
  assert.deepEqual(users(''), []);
});

const refused: readonly (readonly [line: string, why: RegExp])[] = [
  ['alice:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/', /MD5/],
  ['alice:$1$abc$def', /MD5/],
  ['alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', /SHA-1/],
  ['alice:$6$rounds=5000$salt$hash', /crypt/],
  ['alice:$5$salt$hash', /crypt/],
  ['alice:rqXexS6ZhobKA', /old Unix/],
  ['alice:secret', /plain/],
  ['alice:', /plain/],
  [`alice:${hash.replace('$2y', '$2x')}`, /bcrypt/],
  [`alice:${hash.replace('$2y', '$2')}`, /bcrypt/],
  [`alice:${hash.slice(0, -1)}`, /cut short/],
  [`alice:${hash}x`, /bcrypt/],
  [`alice:${hash}:more`, /bcrypt/],
  [`alice:${hash.replace('$05', '$03')}`, /cost is 3/],
  [`alice:${hash.replace('$05', '$15')}`, /cost is 15/],
  [`alice:${hash.replace('$05', '$31')}`, /cost is 31/],
  [`:${hash}`, /not USER:HASH/],
  ['alice', /not USER:HASH/],
  [`al\tice:${hash}`, /cannot be typed/],
  [`${'x'.repeat(300)}:${hash}`, /cannot be typed/],
  [`${'x'.repeat(2000)}:${hash}`, /too long/],
  [`good:${hash}`, /good is there already/],
];

test('parseHtpasswd() refuses every other line, and names it', () => {
  for (const [line, why] of refused) {
    const text = `good:${hash}\n${line}\nlast:${hash}`;
    assert.deepEqual(users(text), ['good', 'last'], line);
    const [problem, ...rest] = parseHtpasswd(text, 'f').problems;
    assert.deepEqual([problem?.code, problem?.subject, rest.length], ['HTPASSWD_LINE', 'f:2', 0], line);
    assert.match(problem?.message ?? '', why);
    // A password in plain text does not come out in messages.
    assert.doesNotMatch(problem?.message ?? '', /secret|W6ph5|rqXex/);
  }
});

test('parseHtpasswd() is bounded', () => {
  const many = Array.from({ length: htpasswdLimits.problems + 50 }, () => 'x:y').join('\n');
  assert.equal(problems(many).length, htpasswdLimits.problems);
  const crowd = Array.from({ length: htpasswdLimits.users + 3 }, (_, index) => `u${index}:${hash}`).join('\n');
  assert.equal(users(crowd).length, htpasswdLimits.users);
});

test('parseHtpasswd() takes any text', () => {
  const pieces = fc.constantFrom('alice', ':', '\n', '\r', '#', '$2y$05$', hash, ' ', '\0');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      for (const found of parseHtpasswd(parts.join(''), 'f').hashes.values()) assert.equal(found, hash);
    }),
  );
});
