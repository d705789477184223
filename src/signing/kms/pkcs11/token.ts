import { X509Certificate } from 'node:crypto';
import { readOctets } from '../../../codec/der/primitives.ts';
import { readDer } from '../../../codec/der/read.ts';
import { derTag } from '../../../codec/der/tag.ts';
import { derBitString, derInteger, derOid, derSequence, derValue } from '../../../codec/der/write.ts';
import { SigningError } from '../../error.ts';
import type { Pkcs11Attribute, Pkcs11Maker, Pkcs11Module } from './module.ts';
import type { Pkcs11Reference } from './reference.ts';

/** Numbers of PKCS#11 (OASIS PKCS #11, 3.0, header files). */
const ck = {
  serialSession: 4,
  user: 1,
  loginRequired: 4,
  objectClass: 0,
  label: 3,
  value: 0x11,
  keyType: 0x100,
  id: 0x102,
  modulus: 0x120,
  publicExponent: 0x122,
  ecParams: 0x180,
  ecPoint: 0x181,
  certificate: 1,
  publicKey: 2,
  privateKey: 3,
  rsa: 0,
  ec: 3,
  edwards: 0x40,
} as const;

/** One open session on a token. */
export interface Token {
  readonly needsLogin: boolean;
  /** SubjectPublicKeyInfo; undefined when the token shows none, to anyone or to who logged in. */
  publicKey(): Buffer | undefined;
  /** @throws SigningError KEY_UNAVAILABLE when the token does not have the key */
  sign(mechanism: number, input: Uint8Array): Buffer;
}

/**
 * Opens the token, acts and closes it. All of it happens at once, so that two uses of one module never meet.
 *
 * @throws SigningError KEY_UNAVAILABLE, KEY_PASSWORD_WRONG
 */
export function useToken<Result>(
  make: Pkcs11Maker,
  path: string,
  reference: Pkcs11Reference,
  pin: string | undefined,
  act: (token: Token) => Result,
): Result {
  const pkcs11 = make();
  try {
    pkcs11.load(path);
    pkcs11.C_Initialize();
    try {
      const slot = findSlot(pkcs11, reference);
      const needsLogin = (pkcs11.C_GetTokenInfo(slot).flags & ck.loginRequired) !== 0;
      const session = pkcs11.C_OpenSession(slot, ck.serialSession);
      try {
        if (pin !== undefined) pkcs11.C_Login(session, ck.user, pin);
        return act(tokenOf(pkcs11, session, reference, needsLogin));
      } finally {
        pkcs11.C_CloseSession(session);
      }
    } finally {
      pkcs11.C_Finalize();
    }
  } catch (error) {
    throw failureOf(error);
  } finally {
    pkcs11.close();
  }
}

function findSlot(pkcs11: Pkcs11Module, { slot, token }: Pkcs11Reference): Buffer {
  const slots = pkcs11.C_GetSlotList(true);
  const found =
    slot === undefined
      ? slots.filter((one) => pkcs11.C_GetTokenInfo(one).label.trimEnd() === token)
      : slots.filter((one) => Number(one.readBigUInt64LE()) === slot);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw unavailable(found.length === 0 ? 'no token of that name or slot is there' : 'several tokens have that name');
}

function tokenOf(pkcs11: Pkcs11Module, session: Buffer, reference: Pkcs11Reference, needsLogin: boolean): Token {
  const { id, label } = reference;
  const named: Pkcs11Attribute = id === undefined ? { type: ck.label, value: label ?? '' } : { type: ck.id, value: id };

  function find(objectClass: number): Buffer | undefined {
    pkcs11.C_FindObjectsInit(session, [{ type: ck.objectClass, value: objectClass }, named]);
    try {
      const found = pkcs11.C_FindObjects(session, 2);
      if (found.length > 1) throw unavailable('several keys have that id or label; give one that only one has');
      return found[0];
    } finally {
      pkcs11.C_FindObjectsFinal(session);
    }
  }

  function read(object: Buffer, type: number): Buffer {
    const value = pkcs11.C_GetAttributeValue(session, object, [{ type }])[0]?.value;
    if (value === undefined) throw unavailable('the token does not show its public key');
    return value;
  }

  return {
    needsLogin,
    publicKey() {
      const object = find(ck.publicKey);
      if (object !== undefined) return encode(read(object, ck.keyType)[0] ?? -1, (type) => read(object, type));
      const certificate = find(ck.certificate);
      if (certificate === undefined) return undefined;
      return new X509Certificate(read(certificate, ck.value)).publicKey.export({ type: 'spki', format: 'der' });
    },
    sign(mechanism, input) {
      const key = find(ck.privateKey);
      if (key === undefined) throw unavailable('the token has no private key of that id or label');
      pkcs11.C_SignInit(session, { mechanism }, key);
      return Buffer.from(pkcs11.C_Sign(session, Buffer.from(input), Buffer.alloc(2048)));
    },
  };
}

function encode(keyType: number, read: (type: number) => Buffer): Buffer {
  if (keyType === ck.rsa) {
    const numbers = derSequence(derInteger(read(ck.modulus)), derInteger(read(ck.publicExponent)));
    return derSequence(derSequence(derOid('1.2.840.113549.1.1.1'), derValue(derTag.null)), derBitString(numbers));
  }
  const point = bare(read(ck.ecPoint));
  if (keyType === ck.edwards) return derSequence(derSequence(derOid('1.3.101.112')), derBitString(point));
  if (keyType !== ck.ec) throw unavailable('the key is of a kind that does not sign here');
  return derSequence(derSequence(derOid('1.2.840.10045.2.1'), read(ck.ecParams)), derBitString(point));
}

/** Lengths of points as they are: Ed25519, P-256, P-384, P-521. Within an OCTET STRING none has one of these. */
const pointLengths: ReadonlySet<number> = new Set([32, 65, 97, 133]);

/**
 * Points come in an OCTET STRING; some modules leave that away. What it is shows by its length alone: an uncompressed
 * point begins with the octet that an OCTET STRING begins with.
 */
function bare(point: Buffer): Buffer {
  if (pointLengths.has(point.length)) return point;
  try {
    return readOctets(readDer(point));
  } catch {
    // The reader of keys says what is wrong with it.
    return point;
  }
}

/** Modules fail with the name of a code; nothing else of what they say is passed on. */
function failureOf(error: unknown): SigningError {
  if (error instanceof SigningError) return error;
  const code = /CKR_[A-Z0-9_]+/.exec(error instanceof Error ? error.message : '')?.[0];
  if (code === 'CKR_PIN_INCORRECT' || code === 'CKR_PIN_LEN_RANGE') {
    return new SigningError('KEY_PASSWORD_WRONG', `The token does not take the PIN (${code})`);
  }
  return unavailable(code ?? 'the module cannot be loaded or called');
}

function unavailable(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The token cannot be used: ${why}`);
}
