import { open } from 'node:fs/promises';
import { OciError } from '../../error.ts';
import { asText, type JsonObject, parseJsonObject } from '../../json.ts';
import type { Credential } from '../credential.ts';
import { clientLimits } from '../limits.ts';

/**
 * A file of credentials: Docker's `config.json` and the `auth.json` of Podman, Skopeo and Buildah share this form
 * (docker/cli, "Configuration file properties"; containers-auth.json(5)).
 */
export interface AuthFile {
  /** What error messages call it. */
  readonly path: string;
  /** Entries by key as written: a host, a host with a path, or an old address such as `https://index.docker.io/v1/`. */
  readonly auths: ReadonlyMap<string, JsonObject>;
  /** Credential helper for every host. */
  readonly store: string | undefined;
  /** Credential helpers by host. */
  readonly helpers: ReadonlyMap<string, string>;
}

/**
 * Reads a credentials file; undefined when there is none.
 *
 * @throws OciError CREDENTIALS_UNREADABLE when there is one that cannot be read
 */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  let bytes: Buffer;
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > clientLimits.authFileBytes) throw unreadable(path, 'it is too large');
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof OciError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, `reading it failed with ${code}`);
  }
  return parseAuthFile(bytes, path);
}

/** @throws OciError CREDENTIALS_UNREADABLE */
export function parseAuthFile(bytes: Uint8Array, path: string): AuthFile {
  if (Buffer.from(bytes).toString('latin1').trim() === '')
    return { path, auths: new Map(), store: undefined, helpers: new Map() };
  const document = parseJsonObject(bytes, (what) => unreadable(path, what));
  const auths = new Map<string, JsonObject>();
  for (const [key, entry] of entriesOf(document.auths)) {
    if (typeof entry === 'object' && entry !== null) auths.set(key, entry as JsonObject);
  }
  const helpers = new Map<string, string>();
  for (const [host, helper] of entriesOf(document.credHelpers)) {
    if (typeof helper === 'string' && helper !== '') helpers.set(host, helper);
  }
  return { path, auths, store: asText(document.credsStore), helpers };
}

/**
 * The credential in one entry; undefined for an entry that only marks a host whose secret a helper holds.
 *
 * @throws OciError CREDENTIALS_UNREADABLE
 */
export function credentialOf(entry: JsonObject, path: string): Credential | undefined {
  const identity = asText(entry.identitytoken);
  if (identity !== undefined) return { kind: 'identity-token', token: identity };
  const registry = asText(entry.registrytoken);
  if (registry !== undefined) return { kind: 'registry-token', token: registry };
  const auth = asText(entry.auth);
  if (auth === undefined) {
    const username = asText(entry.username);
    const password = asText(entry.password);
    return username === undefined || password === undefined ? undefined : { kind: 'password', username, password };
  }
  const pair = Buffer.from(auth, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon <= 0) throw unreadable(path, 'an "auth" in it is not the base64 of user:password');
  // Docker pads some passwords with zero bytes.
  return { kind: 'password', username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value);
}

function unreadable(path: string, why: string): OciError {
  return new OciError('CREDENTIALS_UNREADABLE', `The credentials in ${path} cannot be read: ${why}; log in again`);
}
