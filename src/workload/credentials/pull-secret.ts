import { type AuthFile, parseAuthFile } from '../../oci/client/keychain/auth-file.ts';
import { findInAuthFile } from '../../oci/client/keychain/file-keychain.ts';
import { hostOfKey } from '../../oci/client/keychain/registry-key.ts';
import type { Credential, Keychain } from '../../oci/client/credential.ts';
import { WorkloadError } from '../error.ts';

/** What is read of a Secret (Kubernetes API, core/v1). Values are in base64. */
export interface SecretData {
  /** `kubernetes.io/dockerconfigjson`, or `kubernetes.io/dockercfg` for the older form. */
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

const forms = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
} as const;

/**
 * The credentials in a Secret, as the kubelet reads them (Kubernetes, "Images", "config.json"): keys may have `*` for parts of a
 * host, and paths. Programs that it names are never run: whoever may write a Secret may not run things here.
 *
 * @param name `namespace/name`, for messages
 * @throws WorkloadError PULL_SECRET_INVALID
 */
export function pullSecretKeychain({ type, data }: SecretData, name: string): Keychain {
  const form = Object.hasOwn(forms, type) ? forms[type as keyof typeof forms] : undefined;
  const value = form === undefined ? undefined : data[form];
  if (form === undefined || value === undefined) throw invalid(name, `it is of the type "${type.slice(0, 100)}"`);
  const bytes = Buffer.from(value, 'base64');
  const file = read(form === '.dockercfg' ? asAuths(bytes) : bytes, name);
  return { find: (registry, repository) => findIn(file, registry, repository) };
}

function read(bytes: Buffer, name: string): AuthFile {
  try {
    const { path, auths } = parseAuthFile(bytes, `the Secret ${name}`);
    return { path, auths, store: undefined, helpers: new Map() };
  } catch (cause) {
    throw invalid(name, 'what it holds is no configuration of credentials', cause);
  }
}

/** The older form has entries at its top. */
function asAuths(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"auths":'), bytes, Buffer.from('}')]);
}

async function findIn(file: AuthFile, registry: string, repository: string): Promise<Credential | undefined> {
  const found = await findInAuthFile(file, registry, repository, {});
  if (found !== undefined) return found;
  const matching = [...file.auths.keys()]
    .filter((key) => key.includes('*') && covers(key, registry, repository))
    .sort((a, b) => b.length - a.length);
  for (const key of matching) {
    const auths = new Map([[registry, file.auths.get(key) ?? {}]]);
    const credential = await findInAuthFile({ ...file, auths }, registry, repository, {});
    if (credential !== undefined) return credential;
  }
  return undefined;
}

/**
 * Whether a key with `*` is for a repository: part by part of the host, so that `*.example.com` is `a.example.com` and neither
 * `example.com` nor `a.b.example.com`, nor `example.com.evil.org`; its port and its path must be there as well.
 */
function covers(key: string, registry: string, repository: string): boolean {
  const plain = key.replace(/^https?:\/\//, '');
  const slash = plain.indexOf('/');
  const [host, path] = slash < 0 ? [plain, ''] : [plain.slice(0, slash), plain.slice(slash + 1)];
  const wanted = host.split('.');
  const found = (hostOfKey(registry) ?? registry).split('.');
  if (wanted.length !== found.length || !wanted.every((part, at) => matches(part, found[at] ?? ''))) return false;
  return path === '' || repository === path || repository.startsWith(`${path.replace(/\/$/, '')}/`);
}

/** One part of a host, with any number of `*`. */
function matches(pattern: string, part: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === part;
  const last = rest.pop() ?? '';
  if (part.length < first.length + last.length || !part.startsWith(first) || !part.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = part.indexOf(piece, at);
    if (found < 0 || found + piece.length > part.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

function invalid(name: string, why: string, cause?: unknown): WorkloadError {
  const sentence = `The Secret ${name} holds no credentials for registries: ${why}; make it with "kubectl create secret docker-registry"`;
  return new WorkloadError('PULL_SECRET_INVALID', sentence, cause === undefined ? undefined : { cause });
}
