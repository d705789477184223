import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { testTime } from '../../../testing/signing/certificate-maker.ts';
import {
  type EnvelopeParts,
  makeCose,
  makeJws,
  makeNotationAuthority,
  makeNotationSigner,
  payloadOf,
} from '../../../testing/signing/notation/maker.ts';
import { readCbor } from '../../codec/cbor/read.ts';
import { CborTag, type CborValue } from '../../codec/cbor/value.ts';
import { encodeCbor } from '../../codec/cbor/write.ts';
import { VerificationError, type VerificationErrorCode } from '../verify/verification-error.ts';
import { envelopeMediaTypes, type NotationEnvelope } from './envelope.ts';
import { notationLimits } from './limits.ts';
import { parseEnvelope } from './parse-envelope.ts';

const root = makeNotationAuthority('root');
const signer = makeNotationSigner(root);
const chain = [signer, root];
const expiry = new Date('2026-07-01T00:00:00Z');
const prefix = 'io.cncf.notary.';
const formats = { jws: makeJws, cose: makeCose } as const;
type Format = keyof typeof formats;

function make(format: Format, parts: Partial<EnvelopeParts> = {}): Buffer {
  return formats[format]({ chain, payload: payloadOf(Buffer.from('{}')), ...parts });
}

function read(format: Format, bytes: Uint8Array): NotationEnvelope {
  return parseEnvelope(bytes, envelopeMediaTypes[format]);
}

function refuses(bytes: Uint8Array, format: Format, code: VerificationErrorCode, name: string): void {
  assert.throws(
    () => read(format, bytes),
    (error) => error instanceof VerificationError && error.code === code && error.facts.check === 'shape',
    `${format}: ${name}`,
  );
}

for (const format of ['jws', 'cose'] as const) {
  test(`an envelope in ${format} is read whole`, () => {
    const envelope = read(format, make(format, { expiry, stamp: () => Buffer.from('stamp') }));
    assert.equal(envelope.format, format);
    assert.equal(envelope.algorithm.name, 'ES256');
    assert.deepEqual(envelope.attributes, { scheme: 'notary.x509', signingTime: testTime, expiry });
    assert.deepEqual(JSON.parse(envelope.payload.toString()), payloadOf(Buffer.from('{}')));
    assert.deepEqual(
      envelope.certificates,
      chain.map(({ der }) => der),
    );
    assert.equal(envelope.signature.length, 64);
    assert.equal(envelope.timestamp?.toString(), 'stamp');
    assert.equal(envelope.agent, 'test/1.0');
    const ofAuthority = read(format, make(format, { scheme: 'notary.x509.signingAuthority' }));
    assert.deepEqual(ofAuthority.attributes, { scheme: 'notary.x509.signingAuthority', signingTime: testTime });
    assert.equal(ofAuthority.timestamp, undefined);
  });
}

type Edit = NonNullable<EnvelopeParts['editUnsigned']>;
const without =
  (name: string): Edit =>
  (header) =>
    Object.fromEntries(Object.entries(header).filter(([one]) => one !== name));
const critName: Readonly<Record<Format, string>> = { jws: 'crit', cose: '#2' };
const alg: Readonly<Record<Format, string>> = { jws: 'alg', cose: '#1' };
const type: Readonly<Record<Format, string>> = { jws: 'cty', cose: '#3' };
const critical =
  (format: Format, change: (names: readonly string[]) => unknown): Edit =>
  (header) => ({ ...header, [critName[format]]: change(header[critName[format]] as string[]) });

/** What both formats refuse in what is signed. */
const spoiltHeaders: Readonly<
  Record<string, readonly [(format: Format) => Partial<EnvelopeParts>, VerificationErrorCode]>
> = {
  'no algorithm': [(format) => ({ edit: without(alg[format]) }), 'SIGNATURE_MALFORMED'],
  'another content type': [
    (format) => ({ edit: (header) => ({ ...header, [type[format]]: 'text/plain' }) }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'no content type': [(format) => ({ edit: without(type[format]) }), 'SIGNATURE_UNSUPPORTED'],
  'no scheme': [() => ({ edit: without(`${prefix}signingScheme`) }), 'SIGNATURE_UNSUPPORTED'],
  'another scheme': [() => ({ scheme: 'notary.x509.other' }), 'SIGNATURE_UNSUPPORTED'],
  'no list of what is critical': [(format) => ({ edit: without(critName[format]) }), 'SIGNATURE_MALFORMED'],
  'an empty list': [(format) => ({ edit: critical(format, () => []) }), 'SIGNATURE_MALFORMED'],
  'a list that is a text': [(format) => ({ edit: critical(format, ([name]) => name) }), 'SIGNATURE_MALFORMED'],
  'a list of lists': [(format) => ({ edit: critical(format, (names) => [names]) }), 'SIGNATURE_MALFORMED'],
  'a name in it twice': [
    (format) => ({ edit: critical(format, (names) => [...names, ...names]) }),
    'SIGNATURE_MALFORMED',
  ],
  'an unknown critical attribute': [
    (format) => ({
      edit: (header) =>
        critical(format, (names) => [...names, 'com.example.mine'])({ ...header, 'com.example.mine': true }),
    }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'a critical attribute that is not there': [
    (format) => ({ edit: critical(format, (names) => [...names, 'com.example.mine']) }),
    'SIGNATURE_MALFORMED',
  ],
  'a critical attribute that the specification has not so': [
    (format) => ({ edit: critical(format, (names) => [...names, `${prefix}signingTime`]) }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'an expiry that is not critical': [
    (format) => ({ expiry, edit: critical(format, ([scheme]) => [scheme]) }),
    'SIGNATURE_MALFORMED',
  ],
  'a scheme that is not critical': [
    (format) => ({ expiry, edit: critical(format, ([, other]) => [other]) }),
    'SIGNATURE_MALFORMED',
  ],
  "an authority's time that is not critical": [
    (format) => ({ scheme: 'notary.x509.signingAuthority', edit: critical(format, ([scheme]) => [scheme]) }),
    'SIGNATURE_MALFORMED',
  ],
  'no time': [() => ({ edit: without(`${prefix}signingTime`) }), 'SIGNATURE_MALFORMED'],
  "no authority's time": [
    (format) => ({
      scheme: 'notary.x509.signingAuthority',
      edit: (header) => critical(format, ([scheme]) => [scheme])(without(`${prefix}authenticSigningTime`)(header)),
    }),
    'SIGNATURE_MALFORMED',
  ],
  'both times': [
    () => ({ edit: (header) => ({ ...header, [`${prefix}authenticSigningTime`]: testTime }) }),
    'SIGNATURE_MALFORMED',
  ],
  "both times, under an authority's scheme": [
    () => ({
      scheme: 'notary.x509.signingAuthority',
      edit: (header) => ({ ...header, [`${prefix}signingTime`]: testTime }),
    }),
    'SIGNATURE_MALFORMED',
  ],
  'a time that is none': [
    () => ({ edit: (header) => ({ ...header, [`${prefix}signingTime`]: 'yesterday' }) }),
    'SIGNATURE_MALFORMED',
  ],
  'a time that is a number': [
    (format) => ({ edit: (header) => ({ ...header, [`${prefix}signingTime`]: format === 'cose' ? 1n : 1 }) }),
    'SIGNATURE_MALFORMED',
  ],
  'an expiry before the signature': [() => ({ expiry: new Date(testTime.getTime() - 1000) }), 'SIGNATURE_MALFORMED'],
  'an expiry when it is made': [() => ({ expiry: testTime }), 'SIGNATURE_MALFORMED'],
  'a plugin': [
    (format) => ({
      edit: (header) =>
        critical(format, (names) => [...names, `${prefix}verificationPlugin`])({
          ...header,
          [`${prefix}verificationPlugin`]: 'com.example.plugin',
        }),
    }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'a plugin that is not critical': [
    () => ({ edit: (header) => ({ ...header, [`${prefix}verificationPlugin`]: 'com.example.plugin' }) }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'a version of a plugin': [
    () => ({ edit: (header) => ({ ...header, [`${prefix}verificationPluginMinVersion`]: '1.0.0' }) }),
    'SIGNATURE_UNSUPPORTED',
  ],
  'no chain': [
    (format) => ({ editUnsigned: (header) => ({ ...header, [format === 'jws' ? 'x5c' : '#33']: [] }) }),
    'SIGNATURE_MALFORMED',
  ],
  'a long chain': [() => ({ chain: Array.from({ length: 12 }, () => root) }), 'SIGNATURE_TOO_LARGE'],
  'a signed attribute among the unsigned': [
    () => ({ editUnsigned: (header) => ({ ...header, [`${prefix}expiry`]: expiry }) }),
    'SIGNATURE_MALFORMED',
  ],
  'a list of what is critical among the unsigned': [
    (format) => ({ editUnsigned: (header) => ({ ...header, [critName[format]]: ['x'] }) }),
    'SIGNATURE_MALFORMED',
  ],
  'an algorithm among the unsigned': [
    (format) => ({ editUnsigned: (header) => ({ ...header, [alg[format]]: format === 'cose' ? -7n : 'ES256' }) }),
    'SIGNATURE_MALFORMED',
  ],
  'one name in both headers': [
    () => ({
      edit: (header) => ({ ...header, 'com.example.mine': 'a' }),
      editUnsigned: (header) => ({ ...header, 'com.example.mine': 'b' }),
    }),
    'SIGNATURE_MALFORMED',
  ],
  'no signature': [() => ({ spoil: () => Buffer.alloc(0) }), 'SIGNATURE_MALFORMED'],
};

for (const [name, [parts, code]] of Object.entries(spoiltHeaders)) {
  test(`an envelope is refused for ${name}`, () => {
    for (const format of ['jws', 'cose'] as const) {
      // COSE has no text for an algorithm; what is missing there is not allowed either.
      const other = name === 'no algorithm' && format === 'cose' ? 'SIGNATURE_UNSUPPORTED' : code;
      refuses(make(format, parts(format)), format, other, name);
    }
  });
}

test('algorithms that are not allowed are refused by their names', () => {
  for (const name of ['none', 'HS256', 'RS256', 'EdDSA', 'ES256K']) {
    refuses(make('jws', { edit: (header) => ({ ...header, alg: name }) }), 'jws', 'SIGNATURE_UNSUPPORTED', name);
  }
  for (const label of [5n, -8n, -47n, -257n]) {
    const bytes = make('cose', { edit: (header) => ({ ...header, '#1': label }) });
    refuses(bytes, 'cose', 'SIGNATURE_UNSUPPORTED', `${label}`);
  }
  refuses(make('cose', { edit: (header) => ({ ...header, '#1': 'ES256' }) }), 'cose', 'SIGNATURE_UNSUPPORTED', 'text');
});

test('attributes that are neither critical nor known mean nothing', () => {
  for (const format of ['jws', 'cose'] as const) {
    const edit: Edit = (header) => ({ ...header, 'com.example.mine': 'a' });
    read(format, make(format, { edit, editUnsigned: (header) => ({ ...header, 'com.example.other': 'b' }) }));
    const editUnsigned: Edit = (header) => ({ ...header, [`${prefix}signingAgent`]: format === 'jws' ? 1 : 1n });
    assert.equal(read(format, make(format, { editUnsigned })).agent, undefined);
  }
});

const good = JSON.parse(make('jws').toString()) as Readonly<Record<string, string | object>>;
const header = Buffer.from(good['protected'] as string, 'base64url').toString();
const jws = (changes: object): string => JSON.stringify({ ...good, ...changes });
const signedAs = (text: string): string => jws({ protected: Buffer.from(text).toString('base64url') });

const spoiltJws: Readonly<Record<string, string>> = {
  'a field more': jws({ signatures: [] }),
  'no payload': jws({ payload: undefined }),
  'a payload that is none': jws({ payload: 1 }),
  'a payload with padding': jws({ payload: `${good['payload'] as string}=` }),
  'a payload in the other alphabet': jws({ payload: 'a+b/' }),
  'a payload with stray bits': jws({ payload: 'QR' }),
  'a header that is a list': jws({ header: [] }),
  'no unsigned header': jws({ header: undefined }),
  'a chain in base64url': jws({ header: { x5c: [signer.der.toString('base64url')] } }),
  'a chain with line breaks': jws({ header: { x5c: [`${signer.der.toString('base64')}\n`] } }),
  'a chain that is a text': jws({ header: { x5c: signer.der.toString('base64') } }),
  'a chain of numbers': jws({ header: { x5c: [1] } }),
  'a timestamp that is a number': jws({
    header: { ...(good['header'] as object), [`${prefix}timestampSignature`]: 1 },
  }),
  'a timestamp that is not base64': jws({
    header: { ...(good['header'] as object), [`${prefix}timestampSignature`]: '%' },
  }),
  'a protected header that is no JSON': signedAs('x'),
  'a protected header that is a list': signedAs('[]'),
  'a name twice': signedAs(header.replace('{', '{"alg":"none",')),
  'a name in other capitals': signedAs(header.replace('{', '{"Alg":"none",')),
  'a critical list in other capitals': signedAs(header.replace('"crit"', '"Crit"')),
  'a top-level name in other capitals': jws({ Payload: 'e30' }),
  'an unsigned name in other capitals': jws({ header: { ...(good['header'] as object), X5C: [] } }),
  'a chain that is signed': signedAs(header.replace('{', '{"x5c":[],')),
  'a name of the prototype': signedAs(header.replace('"alg":"ES256"', '"toString":"ES256"')),
  'a time without a zone': signedAs(header.replace('00Z"', '00"')),
  'a day that does not exist': signedAs(header.replace('-06-15T', '-06-31T')),
  'a time in small letters': signedAs(header.replace('00Z"', '00z"')),
  'a time with words behind': signedAs(header.replace('00Z"', '00Z and more"')),
  'more than one document': `${jws({})}{}`,
  'the compact form': `${good['protected'] as string}.${good['payload'] as string}.${good['signature'] as string}`,
};

for (const [name, text] of Object.entries(spoiltJws)) {
  test(`an envelope in jws is refused for ${name}`, () => {
    refuses(Buffer.from(text), 'jws', 'SIGNATURE_MALFORMED', name);
  });
}

test('a payload that is not base64 is refused by its name (RFC 7797)', () => {
  refuses(Buffer.from(signedAs(header.replace('{', '{"b64":false,'))), 'jws', 'SIGNATURE_UNSUPPORTED', 'b64');
});

test('times in jws may have an offset and a fraction', () => {
  for (const [text, time] of [
    ['2026-06-15T14:00:00+02:00', testTime],
    ['2026-06-15T12:00:00.5Z', new Date(testTime.getTime() + 500)],
  ] as const) {
    const bytes = make('jws', { edit: (one) => ({ ...one, [`${prefix}signingTime`]: text }) });
    assert.deepEqual(read('jws', bytes).attributes.signingTime, time);
  }
});

const parts = (readCbor(make('cose')) as CborTag).value as readonly CborValue[];
const signed = parts[0] as Buffer;
const sign1 = (...parts: readonly (Buffer | string | ReadonlyMap<bigint, Buffer>)[]): Buffer =>
  encodeCbor(new CborTag(18n, parts));
const one = Buffer.alloc(1);
const spoiltCose: Readonly<Record<string, Buffer>> = {
  'no tag': make('cose').subarray(1),
  'another tag': encodeCbor(new CborTag(98n, parts)),
  'a tag around nothing': encodeCbor(new CborTag(18n, null)),
  'a payload that is elsewhere': encodeCbor(new CborTag(18n, [signed, new Map(), null, one])),
  'a text as payload': sign1(signed, new Map(), 'payload', one),
  'a part less': encodeCbor(new CborTag(18n, parts.slice(0, 3))),
  'a part more': encodeCbor(new CborTag(18n, [...parts, one])),
  'a protected header that is no map': sign1(encodeCbor([]), new Map(), one, one),
  'an empty protected header': sign1(Buffer.alloc(0), new Map(), one, one),
  'a protected header that is a map itself': encodeCbor(new CborTag(18n, [new Map(), new Map(), one, one])),
  'a protected header with something behind it': sign1(Buffer.concat([signed, one]), new Map(), one, one),
  'something behind it': Buffer.concat([make('cose'), one]),
  'a chain of one that is no list': make('cose', { editUnsigned: (unsigned) => ({ ...unsigned, '#33': signer.der }) }),
  'a chain of texts': make('cose', { editUnsigned: (unsigned) => ({ ...unsigned, '#33': ['text'] }) }),
  'a timestamp that is a text': make('cose', {
    editUnsigned: (unsigned) => ({ ...unsigned, [`${prefix}timestampSignature`]: 'text' }),
  }),
  'a time before 1970': make('cose', {
    edit: (header) => ({ ...header, [`${prefix}signingTime`]: new CborTag(1n, -1n) }),
  }),
  'a time after all': make('cose', {
    edit: (header) => ({ ...header, [`${prefix}signingTime`]: new CborTag(1n, 253_402_300_800n) }),
  }),
  'a time with no tag': make('cose', {
    edit: (header) => ({ ...header, [`${prefix}signingTime`]: 1_781_524_800n }),
  }),
  'a number with another tag': make('cose', {
    edit: (header) => ({ ...header, [`${prefix}signingTime`]: new CborTag(100n, 1_781_524_800n) }),
  }),
  'a time with another tag': make('cose', {
    edit: (header) => ({ ...header, [`${prefix}signingTime`]: new CborTag(0n, '2026-06-15T12:00:00Z') }),
  }),
};

for (const [name, bytes] of Object.entries(spoiltCose)) {
  test(`an envelope in cose is refused for ${name}`, () => refuses(bytes, 'cose', 'SIGNATURE_MALFORMED', name));
}

test('an envelope is of one format, and has a size', () => {
  refuses(make('cose'), 'jws', 'SIGNATURE_MALFORMED', 'cose as jws');
  refuses(make('jws'), 'cose', 'SIGNATURE_MALFORMED', 'jws as cose');
  for (const mediaType of ['', 'application/jose', 'application/JOSE+json', 'application/cose; cose-type="x"']) {
    assert.throws(
      () => parseEnvelope(make('jws'), mediaType),
      (error) => error instanceof VerificationError && error.code === 'SIGNATURE_UNSUPPORTED',
    );
  }
  const large = Buffer.alloc(notationLimits.envelopeBytes + 1, ' ');
  for (const format of ['jws', 'cose'] as const) refuses(large, format, 'SIGNATURE_TOO_LARGE', 'size');
});

test('envelopes survive hostile bytes', () => {
  for (const format of ['jws', 'cose'] as const) {
    const seeds = [make(format), make(format, { expiry, stamp: () => Buffer.from('stamp') })];
    assertSurvives(seeds, (bytes) => read(format, bytes));
  }
  assertSurvives([header], (bytes) => read('jws', Buffer.from(jws({ protected: bytes.toString('base64url') }))));
});
