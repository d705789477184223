import assert from 'node:assert/strict';
import { createECDH, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from 'node:crypto';
import { test } from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { testKeyDeps } from '../../../../testing/key-deps.ts';
import { makeCertificate } from '../../../../testing/registry/certificate.ts';
import { derOid, derValue } from '../../../codec/der/write.ts';
import { SigningError, type SigningErrorCode } from '../../error.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openPkcs11Key } from './client.ts';
import type { Pkcs11Attribute, Pkcs11Module } from './module.ts';
import { parsePkcs11Reference } from './reference.ts';

const message = Buffer.from('a message');
const module = '?module-path=/usr/lib/token.so';

interface FakeToken {
  readonly label?: string;
  readonly pin?: string;
  /** Objects by class, as maps of attributes. */
  readonly objects: readonly (ReadonlyMap<number, Buffer> & { readonly key?: KeyObject })[];
  readonly privateKey?: KeyObject;
  /** Shows public objects only to who logged in. */
  readonly hidden?: boolean;
}

const ulong = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** A module with one token in slot 7, which keeps to the order of calls that PKCS#11 demands. */
function fakeModule(token: FakeToken): { readonly PKCS11: new () => Pkcs11Module; readonly state: { open: number } } {
  const state = { open: 0 };
  class PKCS11 implements Pkcs11Module {
    #loaded = false;
    #ready = false;
    #loggedIn = false;
    #found: Buffer[] | undefined;
    #mechanism = 0;
    load(path: string): void {
      if (path !== '/usr/lib/token.so') throw new Error(`${path}: cannot open shared object file`);
      this.#loaded = true;
      state.open += 1;
    }
    close(): void {
      if (this.#loaded) state.open -= 1;
    }
    C_Initialize(): void {
      assert.ok(this.#loaded && !this.#ready);
      this.#ready = true;
    }
    C_Finalize(): void {
      assert.ok(this.#ready);
      this.#ready = false;
    }
    C_GetSlotList(): Buffer[] {
      assert.ok(this.#ready);
      return [ulong(7)];
    }
    C_GetTokenInfo(): { label: string; flags: number } {
      return { label: (token.label ?? 'team').padEnd(32), flags: token.pin === undefined ? 0x400 : 0x404 };
    }
    C_OpenSession(_slot: Buffer, flags: number): Buffer {
      assert.equal(flags, 4);
      return ulong(1);
    }
    C_CloseSession(): void {
      this.#loggedIn = false;
    }
    C_Login(_session: Buffer, userType: number, pin: string): void {
      assert.equal(userType, 1);
      if (pin !== token.pin) throw new Error('CKR_PIN_INCORRECT:160');
      this.#loggedIn = true;
    }
    C_FindObjectsInit(_session: Buffer, template: readonly Pkcs11Attribute[]): void {
      const shown = this.#loggedIn || token.hidden !== true ? token.objects : [];
      const matches = shown.filter((object) =>
        template.every(({ type, value }) => {
          const wanted = typeof value === 'number' ? ulong(value) : Buffer.from(value ?? '');
          return object.get(type)?.equals(wanted) === true;
        }),
      );
      this.#found = matches.map((object) => ulong(token.objects.indexOf(object)));
    }
    C_FindObjects(_session: Buffer, most: number): Buffer[] {
      return (this.#found ?? []).slice(0, most);
    }
    C_FindObjectsFinal(): void {
      assert.ok(this.#found !== undefined);
      this.#found = undefined;
    }
    C_GetAttributeValue(
      _session: Buffer,
      object: Buffer,
      template: readonly Pkcs11Attribute[],
    ): { type: number; value: Buffer }[] {
      return template.map(({ type }) => {
        const value = token.objects[Number(object.readBigUInt64LE())]?.get(type);
        if (value === undefined) throw new Error('CKR_ATTRIBUTE_TYPE_INVALID:18');
        return { type, value };
      });
    }
    C_SignInit(_session: Buffer, { mechanism }: { mechanism: number }): void {
      if (token.pin !== undefined && !this.#loggedIn) throw new Error('CKR_USER_NOT_LOGGED_IN:257');
      this.#mechanism = mechanism;
    }
    C_Sign(_session: Buffer, data: Buffer, out: Buffer): Buffer {
      const key = token.privateKey;
      assert.ok(key !== undefined && out.length >= 512);
      if (this.#mechanism === 0x1) return privateEncrypt(key, data);
      if (this.#mechanism === 0x1057) return sign(null, data, key);
      assert.equal(this.#mechanism, 0x1041);
      // The fake has the message, which the token has not.
      return sign(data.length === 48 ? 'sha384' : 'sha256', message, { key, dsaEncoding: 'ieee-p1363' });
    }
  }
  return { PKCS11, state };
}

const id = Buffer.from([0xa1, 0xff]);
const named = [
  [3, Buffer.from('signer')],
  [0x102, id],
] as const;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = misleading();
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const number = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');

function pointOf(key: KeyObject, length: number): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-length);
}

/** A key whose bare point looks like an OCTET STRING of the right length. */
function misleading(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  for (;;) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    if (pointOf(pair.publicKey, 97)[1] === 95) return pair;
  }
}

function objectsOf(keyType: number, attributes: readonly (readonly [number, Buffer])[]): Map<number, Buffer>[] {
  return [2, 3].map(
    (objectClass) => new Map([[0, ulong(objectClass)], [0x100, ulong(keyType)], ...named, ...attributes]),
  );
}

const ecObjects = objectsOf(3, [
  [0x180, derOid('1.2.840.10045.3.1.7')],
  [0x181, derValue(4, pointOf(ec.publicKey, 65))],
]);

async function fails(act: Promise<unknown>, code: SigningErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /1234|9999/);
    return true;
  });
}

test('parsePkcs11Reference() reads RFC 7512 as cosign uses it', () => {
  for (const [text, wanted] of [
    ['pkcs11:token=team;object=signer', { token: 'team', label: 'signer' }],
    ['pkcs11:slot-id=7;id=%a1%FF', { slot: 7, id }],
    [
      'pkcs11:token=My%20token;id=%01;object=k%c3%a9?module-path=/usr/lib/x.so&pin-value=12%3834',
      { token: 'My token', id: Buffer.from([1]), label: 'k\u00E9', modulePath: '/usr/lib/x.so', pin: '12834' },
    ],
    [
      'pkcs11:token=t;object=o;type=private?pin-source=file:/etc/pin',
      { token: 't', label: 'o', pinSource: '/etc/pin' },
    ],
    ['pkcs11:token=t;object=a%3Bb%26c', { token: 't', label: 'a;b&c' }],
  ] as const) {
    assert.deepEqual(parsePkcs11Reference(text), { provider: 'pkcs11', ...wanted });
  }
  for (const [text, sentence] of [
    ['pkcs11:', /token=LABEL/],
    ['pkcs11:object=o', /token=LABEL/],
    ['pkcs11:token=t', /object=LABEL/],
    ['pkcs11:token=t;object=o;token=u', /twice/],
    ['pkcs11:token=t;object=o;serial=1', /not known/],
    ['pkcs11:token=t;object=o?pin-value=1234&x=y', /not known/],
    ['pkcs11:token=t;object=o?pin-value=12 34', /percent-encoded/],
    ['pkcs11:token=t;object=%zz', /percent-encoded/],
    ['pkcs11:slot-id=x;object=o', /no number/],
    ['pkcs11:token=t;object=o;type=cert', /neither/],
    ['pkcs11:token=;object=o', /empty/],
    ['pkcs11:token=t;;object=o', /not known/],
  ] as const) {
    assert.throws(
      () => parsePkcs11Reference(text),
      (error) => error instanceof SigningError && sentence.test(error.message) && !error.message.includes('1234'),
      text,
    );
  }
});

test('parsePkcs11Reference() survives hostile text', () => {
  assertSurvives(['pkcs11:token=My%20token;id=%01;object=k?module-path=/usr/lib/x.so&pin-value=1'], (bytes) =>
    parsePkcs11Reference(`pkcs11:${bytes.toString('latin1')}`),
  );
});

test('openPkcs11Key() signs with each kind of key', async () => {
  const jwk = rsa.publicKey.export({ format: 'jwk' });
  const edPoint = pointOf(ed.publicKey, 32);
  const tokens: readonly (readonly [string, FakeToken])[] = [
    ['P-256', { objects: ecObjects, privateKey: ec.privateKey }],
    [
      'P-384, bare point',
      {
        objects: objectsOf(3, [
          [0x180, derOid('1.3.132.0.34')],
          [0x181, pointOf(p384.publicKey, 97)],
        ]),
        privateKey: p384.privateKey,
      },
    ],
    [
      'RSA',
      {
        objects: objectsOf(0, [
          [0x120, number(jwk.n)],
          [0x122, number(jwk.e)],
        ]),
        privateKey: rsa.privateKey,
      },
    ],
    ['Ed25519', { objects: objectsOf(0x40, [[0x181, derValue(4, edPoint)]]), privateKey: ed.privateKey }],
  ];
  for (const [name, token] of tokens) {
    for (const how of ['token=team;object=signer', 'slot-id=7;id=%a1%ff']) {
      const fake = fakeModule({ pin: '1234', ...token });
      await using deps = await testKeyDeps(
        {},
        { env: { COSIGN_PKCS11_PIN: '1234' }, loadPackage: () => Promise.resolve(fake) },
      );
      const { signer } = await openPkcs11Key(parsePkcs11Reference(`pkcs11:${how}${module}`), deps);
      assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)), name);
      assert.equal(fake.state.open, 0, 'every use of the module ends');
    }
  }
});

test('openPkcs11Key() takes the key of a certificate where no public key is shown', async () => {
  const { cert, key } = makeCertificate('signer');
  const der = Buffer.from(cert.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64');
  const objects = [new Map([[0, ulong(1)], [0x11, der], ...named]), new Map([[0, ulong(3)], ...named])];
  const { createPrivateKey } = await import('node:crypto');
  const fake = fakeModule({ objects, privateKey: createPrivateKey(key) });
  await using deps = await testKeyDeps({}, { loadPackage: () => Promise.resolve({ default: fake }) });
  const { signer } = await openPkcs11Key(parsePkcs11Reference(`pkcs11:token=team;object=signer${module}`), deps);
  assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
});

test('openPkcs11Key() takes the PIN from wherever it is, and asks for it last', async () => {
  const base = 'pkcs11:token=team;object=signer?module-path=/usr/lib/token.so';
  let asked = 0;
  const password = (): Promise<Buffer> => {
    asked += 1;
    return Promise.resolve(Buffer.from('1234'));
  };
  for (const [text, rest, questions] of [
    [`${base}&pin-value=1234`, {}, 0],
    [`${base}&pin-source=/pin`, { files: { '/pin': '1234\n' } }, 0],
    [base, { env: { COSIGN_PKCS11_PIN: '1234' } }, 0],
    [base, {}, 1],
    ['pkcs11:token=team;object=signer?pin-value=1234', { env: { COSIGN_PKCS11_MODULE_PATH: '/usr/lib/token.so' } }, 0],
  ] as const) {
    asked = 0;
    const fake = fakeModule({ objects: ecObjects, privateKey: ec.privateKey, pin: '1234' });
    await using deps = await testKeyDeps({}, { ...rest, password, loadPackage: () => Promise.resolve(fake) });
    const { publicKeys, signer } = await openPkcs11Key(parsePkcs11Reference(text), deps);
    assert.equal(publicKeys.length, 1);
    assert.equal(asked, 0, 'who only verifies needs no PIN');
    await signer.sign(message);
    assert.equal(asked, questions);
  }
  const hidden = fakeModule({ objects: ecObjects, privateKey: ec.privateKey, pin: '1234', hidden: true });
  await using deps = await testKeyDeps({}, { password, loadPackage: () => Promise.resolve(hidden) });
  assert.equal((await openPkcs11Key(parsePkcs11Reference(base), deps)).publicKeys.length, 1);
});

test('openPkcs11Key() says what is wrong, and never the PIN', async () => {
  const good: FakeToken = { objects: ecObjects, privateKey: ec.privateKey, pin: '1234' };
  const reference = `pkcs11:token=team;object=signer${module}&pin-value=`;
  const compressed = Buffer.from(createECDH('prime256v1').generateKeys('hex', 'compressed'), 'hex');
  for (const [token, text, code, sentence] of [
    [good, `${reference}9999`, 'KEY_PASSWORD_WRONG', /does not take the PIN/],
    [good, `pkcs11:token=other;object=signer${module}`, 'KEY_UNAVAILABLE', /no token of that name/],
    [good, `pkcs11:slot-id=8;object=signer${module}`, 'KEY_UNAVAILABLE', /no token of that name or slot/],
    [good, `pkcs11:token=team;object=other${module}&pin-value=1234`, 'KEY_UNAVAILABLE', /no public key/],
    [{ ...good, objects: [...ecObjects, ...ecObjects] }, `${reference}1234`, 'KEY_UNAVAILABLE', /several keys/],
    [{ ...good, objects: ecObjects.slice(0, 1) }, `${reference}1234`, 'KEY_UNAVAILABLE', /no private key/],
    [
      { ...good, privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
      `${reference}1234`,
      'KEY_UNAVAILABLE',
      /does not verify/,
    ],
    [
      {
        ...good,
        objects: objectsOf(3, [
          [0x180, derOid('1.2.840.10045.3.1.7')],
          [0x181, compressed],
        ]),
      },
      `${reference}1234`,
      'KEY_INVALID',
      /compressed/,
    ],
    [
      { ...good, objects: objectsOf(3, [[0x180, derOid('1.2.840.10045.3.1.7')]]) },
      `${reference}1234`,
      'KEY_UNAVAILABLE',
      /CKR_ATTRIBUTE_TYPE_INVALID$/,
    ],
    [
      { ...good, objects: objectsOf(0x1f, [[0x181, compressed]]) },
      `${reference}1234`,
      'KEY_UNAVAILABLE',
      /does not sign here/,
    ],
    [
      good,
      'pkcs11:token=team;object=signer?module-path=/usr/lib/none.so',
      'KEY_UNAVAILABLE',
      /module cannot be loaded/,
    ],
    [good, 'pkcs11:token=team;object=signer?module-path=token.so', 'KEY_UNAVAILABLE', /whole path/],
    [good, 'pkcs11:token=team;object=signer', 'KEY_UNAVAILABLE', /whole path/],
  ] as const) {
    await using deps = await testKeyDeps({}, { loadPackage: () => Promise.resolve(fakeModule(token)) });
    const open = openPkcs11Key(parsePkcs11Reference(text), deps);
    await fails(
      open.then(({ signer }) => signer.sign(message)),
      code,
      sentence,
    );
  }
});

test('openPkcs11Key() says how to get the package that it needs', async () => {
  const reference = parsePkcs11Reference(`pkcs11:token=team;object=signer${module}`);
  await using none = await testKeyDeps({}, { loadPackage: () => Promise.reject(new Error('none')) });
  await fails(openPkcs11Key(reference, none), 'KEY_UNAVAILABLE', /npm install pkcs11js/);
  await using other = await testKeyDeps({}, { loadPackage: () => Promise.resolve({}) });
  await fails(openPkcs11Key(reference, other), 'KEY_UNAVAILABLE', /not of a version/);
});
