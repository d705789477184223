import { SigningError } from '../../error.ts';
import type { KeyDeps } from '../../key/key-deps.ts';

/** What an attribute of an object is asked by, and what it has. */
export interface Pkcs11Attribute {
  readonly type: number;
  readonly value?: number | string | Buffer;
}

/** The functions of PKCS#11 (OASIS PKCS #11, 3.0) that are called here, as the package `pkcs11js` names them. */
export interface Pkcs11Module {
  load(path: string): void;
  close(): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { readonly label: string; readonly flags: number };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, userType: number, pin: string): void;
  C_FindObjectsInit(session: Buffer, template: readonly Pkcs11Attribute[]): void;
  C_FindObjects(session: Buffer, most: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_GetAttributeValue(
    session: Buffer,
    object: Buffer,
    template: readonly Pkcs11Attribute[],
  ): { readonly type: number; readonly value: Buffer }[];
  C_SignInit(session: Buffer, mechanism: { readonly mechanism: number }, key: Buffer): void;
  C_Sign(session: Buffer, data: Buffer, out: Buffer): Buffer;
}

/** Makes an interface to one module; nothing of it is kept between uses. */
export type Pkcs11Maker = () => Pkcs11Module;

const packageName = 'pkcs11js';

/**
 * Loads the package through which modules are called: native code, so it comes only with those who want it.
 *
 * @throws SigningError KEY_UNAVAILABLE when it is not installed
 */
export async function loadPkcs11({ loadPackage }: KeyDeps): Promise<Pkcs11Maker> {
  let loaded: unknown;
  try {
    loaded = await (loadPackage ?? importPackage)(packageName);
  } catch (cause) {
    throw new SigningError(
      'KEY_UNAVAILABLE',
      `Keys on tokens need the package ${packageName}, which is not installed or does not load; run \`npm install ${packageName}\``,
      { cause },
    );
  }
  const { PKCS11, default: inner } = loaded as { PKCS11?: unknown; default?: { PKCS11?: unknown } };
  const Maker = (PKCS11 ?? inner?.PKCS11) as (new () => Pkcs11Module) | undefined;
  if (typeof Maker === 'function') return () => new Maker();
  throw new SigningError('KEY_UNAVAILABLE', `The package ${packageName} is not of a version that is known here`);
}

function importPackage(name: string): Promise<unknown> {
  return import(name);
}
