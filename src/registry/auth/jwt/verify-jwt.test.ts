import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JwtAlgorithm, keyFits } from './algorithm.ts';
import { fixedKeys, type JwtKey } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import { readUnverified } from './read-unverified.ts';
import { type JwtRules, verifyJwt } from './verify-jwt.ts';

const now = Date.UTC(2026, 5, 15, 12);
const seconds = now / 1000;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ed = generateKeyPairSync('ed25519');
const key = (pair: { readonly publicKey: KeyObject }, ...ids: readonly string[]): JwtKey => ({
  key: pair.publicKey,
  ids,
});
const rules: JwtRules = {
  issuer: 'https://issuer.example.com',
  audiences: ['registry.example.com', 'second'],
  algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
  keys: fixedKeys([key(ec, 'ec'), key(rsa, 'rsa'), key(ed, 'ed'), key(weak, 'weak')]),
};
const claims = { iss: rules.issuer, aud: 'registry.example.com', exp: seconds + 300, sub: 'alice' };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed as ES256 by the right key, unless something else is said. */
function make(header: object = {}, payload: object = claims, signer?: (text: Buffer) => Buffer): string {
  const text = `${encode({ alg: 'ES256', kid: 'ec', typ: 'JWT', ...header })}.${encode(payload)}`;
  const signature = (signer ?? signEc(ec.privateKey))(Buffer.from(text));
  return `${text}.${signature.toString('base64url')}`;
}

const signEc =
  (privateKey: KeyObject) =>
  (text: Buffer): Buffer =>
    sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' });
const signRsa =
  (privateKey: KeyObject) =>
  (text: Buffer): Buffer =>
    sign('sha256', text, privateKey);

async function verdict(token: string, some: Partial<JwtRules> = {}, at = now): Promise<string> {
  const result = await verifyJwt(token, { ...rules, ...some }, at);
  return 'refused' in result
    ? result.refused
    : `${String(result.claims['sub'])} until ${result.expires / 1000 - seconds}`;
}

test('verifyJwt() takes what is right', async () => {
  const right = 'alice until 300';
  assert.equal(await verdict(make()), right);
  assert.equal(await verdict(make({}, { ...claims, aud: ['x', 'second'] })), right);
  assert.equal(await verdict(make({}, { ...claims, nbf: seconds - 10, iat: seconds - 10 })), right);
  assert.equal(await verdict(make({ alg: 'RS256', kid: 'rsa' }, claims, signRsa(rsa.privateKey))), right);
  assert.equal(
    await verdict(make({ alg: 'EdDSA', kid: 'ed' }, claims, (text) => sign(null, text, ed.privateKey))),
    right,
  );
  // Without an id, the only key that fits; where several fit, none.
  assert.equal(await verdict(make({ kid: undefined })), right);
  const two = { keys: fixedKeys([key(ec, 'a'), key(other, 'b')]) };
  assert.equal(await verdict(make({ kid: undefined }), two), 'KEY_UNKNOWN');
  assert.equal(await verdict(make({ kid: 'a' }), two), right);
});

const publicPem = ec.publicKey.export({ type: 'spki', format: 'pem' });
const evil = make({ kid: 'x', jwk: other.publicKey.export({ format: 'jwk' }) }, claims, signEc(other.privateKey));

const hostile: readonly (readonly [what: string, token: string, refused: string])[] = [
  ['nothing', '', 'MALFORMED'],
  ['two parts', make().split('.').slice(0, 2).join('.'), 'MALFORMED'],
  ['four parts', `${make()}.x`, 'MALFORMED'],
  ['no signature', `${make().split('.').slice(0, 2).join('.')}.`, 'MALFORMED'],
  ['padding', `${make()}=`, 'MALFORMED'],
  ['standard base64', make().replace('.', '+.'), 'MALFORMED'],
  ['a header that is no object', `${encode([])}.${encode(claims)}.x`, 'MALFORMED'],
  ['claims that are no object', `${encode({ alg: 'ES256' })}.${encode('x')}.x`, 'MALFORMED'],
  [
    'names twice',
    `${Buffer.from('{"alg":"none","alg":"ES256"}').toString('base64url')}.${encode(claims)}.x`,
    'MALFORMED',
  ],
  ['far too long', make({}, { ...claims, x: 'x'.repeat(jwtLimits.tokenLength) }), 'MALFORMED'],
  ['deep claims', make({}, { ...claims, x: deep(jwtLimits.depth + 1) }), 'MALFORMED'],
  ['alg none', `${encode({ alg: 'none' })}.${encode(claims)}.AA`, 'ALGORITHM'],
  ['alg None', `${encode({ alg: 'None', kid: 'ec' })}.${encode(claims)}.AA`, 'ALGORITHM'],
  ['no alg', make({ alg: undefined }), 'ALGORITHM'],
  ['alg that is a list', make({ alg: ['ES256'] }), 'ALGORITHM'],
  ['alg that is not allowed', make({ alg: 'ES384' }), 'ALGORITHM'],
  [
    'HMAC under the public key',
    make({ alg: 'HS256' }, claims, (text) => createHmac('sha256', publicPem).update(text).digest()),
    'ALGORITHM',
  ],
  ['an algorithm of another kind of key', make({ alg: 'RS256' }), 'KEY_UNKNOWN'],
  ['a weak key', make({ alg: 'RS256', kid: 'weak' }, claims, signRsa(weak.privateKey)), 'KEY_UNKNOWN'],
  ['an unknown key', make({ kid: 'nobody' }), 'KEY_UNKNOWN'],
  ['a kid that is a path', make({ kid: '../../dev/null' }), 'KEY_UNKNOWN'],
  ['a kid that is no text', make({ kid: ['ec'] }), 'MALFORMED'],
  ['a key in its header', evil, 'KEY_UNKNOWN'],
  [
    'a key in its header under a known id',
    make({ jwk: other.publicKey.export({ format: 'jwk' }) }, claims, signEc(other.privateKey)),
    'SIGNATURE',
  ],
  [
    'addresses of keys in its header',
    make(
      { jku: 'https://evil.example.com/', x5u: 'https://evil.example.com/', x5c: ['AAAA'] },
      claims,
      signEc(other.privateKey),
    ),
    'SIGNATURE',
  ],
  ['a critical extension', make({ crit: ['exp'] }), 'MALFORMED'],
  ['a payload that is not encoded', make({ b64: false, crit: ['b64'] }), 'MALFORMED'],
  ['the signature of another key', make({}, claims, signEc(other.privateKey)), 'SIGNATURE'],
  ['a signature of zeros', make({}, claims, () => Buffer.alloc(64)), 'SIGNATURE'],
  ['a signature in DER', make({}, claims, (text) => sign('sha256', text, ec.privateKey)), 'SIGNATURE'],
  ['other claims than were signed', swapClaims(make(), { ...claims, sub: 'root' }), 'SIGNATURE'],
  ['another issuer', make({}, { ...claims, iss: 'https://issuer.example.com/' }), 'ISSUER'],
  ['no issuer', make({}, { ...claims, iss: undefined }), 'ISSUER'],
  ['a list of issuers', make({}, { ...claims, iss: [rules.issuer] }), 'ISSUER'],
  ['another audience', make({}, { ...claims, aud: 'registry.example.com.evil' }), 'AUDIENCE'],
  ['no audience', make({}, { ...claims, aud: undefined }), 'AUDIENCE'],
  ['an empty audience', make({}, { ...claims, aud: [] }), 'AUDIENCE'],
  ['an audience of lists', make({}, { ...claims, aud: [['second']] }), 'AUDIENCE'],
  ['expired', make({}, { ...claims, exp: seconds - jwtLimits.leewaySeconds }), 'EXPIRED'],
  ['no end', make({}, { ...claims, exp: undefined }), 'CLAIMS'],
  ['an end that is a text', make({}, { ...claims, exp: String(seconds + 300) }), 'CLAIMS'],
  ['an end beyond all time', make({}, { ...claims, exp: 1e300 }), 'CLAIMS'],
  ['not yet', make({}, { ...claims, nbf: seconds + jwtLimits.leewaySeconds + 1 }), 'NOT_YET_VALID'],
  ['issued later', make({}, { ...claims, iat: seconds + jwtLimits.leewaySeconds + 1 }), 'NOT_YET_VALID'],
  ['a beginning that is a text', make({}, { ...claims, nbf: '0' }), 'CLAIMS'],
];

function deep(levels: number): unknown {
  return levels === 0 ? 0 : [deep(levels - 1)];
}

function swapClaims(token: string, payload: object): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encode(payload)}.${signature}`;
}

test('verifyJwt() refuses everything else, and says why', async (t) => {
  for (const [what, token, refused] of hostile) {
    await t.test(what, async () => assert.equal(await verdict(token), refused));
  }
});

test('verifyJwt() allows for clocks that differ, and no more', async () => {
  const leeway = jwtLimits.leewaySeconds;
  const ended = make({}, { ...claims, exp: seconds });
  assert.equal(await verdict(ended, {}, now + (leeway - 1) * 1000), 'alice until 0');
  assert.equal(await verdict(ended, {}, now + leeway * 1000), 'EXPIRED');
  const early = make({}, { ...claims, nbf: seconds + leeway });
  assert.equal(await verdict(early), 'alice until 300');
  assert.equal(await verdict(early, {}, now - 1000), 'NOT_YET_VALID');
});

test('verifyJwt() wants the type where it tells tokens apart', async () => {
  const typed = { type: 'refresh+jwt' };
  assert.equal(await verdict(make({ typ: 'refresh+jwt' }), typed), 'alice until 300');
  for (const typ of ['JWT', undefined, 'Refresh+jwt', ['refresh+jwt']]) {
    assert.equal(await verdict(make({ typ }), typed), 'TYPE');
  }
});

test('verifyJwt() asks for no key for a token that could not do', async () => {
  let asked = 0;
  const keys = { find: () => Promise.resolve(void (asked += 1)) };
  for (const payload of [
    { ...claims, iss: 'x' },
    { ...claims, aud: 'x' },
    { ...claims, exp: 1 },
  ]) {
    assert.notEqual(await verdict(make({}, payload), { keys }), 'KEY_UNKNOWN');
  }
  assert.equal(asked, 0);
  assert.equal(await verdict(make(), { keys }), 'KEY_UNKNOWN');
});

test('no change of a single character of a token is taken', async () => {
  const token = make();
  const places = fc.nat({ max: token.length - 1 });
  const characters = fc.constantFrom(...Array.from('AZaz09-_.'));
  await fc.assert(
    fc.asyncProperty(places, characters, async (place, character) => {
      const changed = token.slice(0, place) + character + token.slice(place + 1);
      if (changed !== token) assert.doesNotMatch(await verdict(changed), /until/);
    }),
    { numRuns: 300 },
  );
});

test('keyFits() pairs keys with their algorithms alone', () => {
  const pairs: readonly (readonly [KeyObject, JwtAlgorithm, boolean])[] = [
    [ec.publicKey, 'ES256', true],
    [ec.publicKey, 'ES384', false],
    [ec.publicKey, 'RS256', false],
    [ec.publicKey, 'EdDSA', false],
    [ec.privateKey, 'ES256', false],
    [rsa.publicKey, 'RS256', true],
    [rsa.publicKey, 'PS512', true],
    [rsa.publicKey, 'ES256', false],
    [weak.publicKey, 'RS256', false],
    [ed.publicKey, 'EdDSA', true],
    [ed.publicKey, 'Ed25519', true],
    [ed.publicKey, 'ES256', false],
  ];
  for (const [one, algorithm, fits] of pairs) assert.equal(keyFits(one, algorithm), fits, algorithm);
  assert.equal(keyFits(ec.publicKey, 'toString'), false);
});

test('readUnverified() takes any text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join('.')),
      ),
      (text) => {
        const read = readUnverified(text);
        assert.ok(read === undefined || typeof read.header === 'object');
      },
    ),
  );
});
