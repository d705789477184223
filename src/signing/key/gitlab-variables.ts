import { asText } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import type { JsonAnswer, JsonQuestion } from '../../cloud/ask-json.ts';
import { askJson, expectOk } from './ask-json.ts';
import type { KeyDeps } from './key-deps.ts';
import type { GitlabReference } from './key-reference.ts';
import type { StoredKeyPair } from './stored-key-pair.ts';

const service = 'GitLab';

/** The names under which cosign keeps a key pair. */
const names = {
  publicKey: 'COSIGN_PUBLIC_KEY',
  privateKey: 'COSIGN_PRIVATE_KEY',
  password: 'COSIGN_PASSWORD',
} as const;

/** Where variables may be: cosign 3 keeps those of groups as well. */
const owners = ['projects', 'groups'] as const;
type Owner = (typeof owners)[number];

/** Reads the public key that a project keeps. @throws SigningError KEY_UNAVAILABLE */
export async function readPublicKeyVariable(reference: GitlabReference, deps: KeyDeps): Promise<string> {
  return readVariable(reference, deps, names.publicKey);
}

/** Reads the private key that a project keeps, and its password. @throws SigningError KEY_UNAVAILABLE */
export async function readPrivateKeyVariables(
  reference: GitlabReference,
  deps: KeyDeps,
): Promise<{ readonly pem: string; readonly password: Buffer }> {
  const pem = await readVariable(reference, deps, names.privateKey);
  return { pem, password: Buffer.from(await readVariable(reference, deps, names.password, true)) };
}

/**
 * Keeps a new key pair in the variables of a project or group. A variable that is there already is not replaced.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function writeKeyVariables(reference: GitlabReference, pair: StoredKeyPair, deps: KeyDeps): Promise<void> {
  const owner = await findOwner(reference, deps);
  const values: readonly (readonly [string, string])[] = [
    [names.password, Buffer.from(pair.password).toString('utf8')],
    [names.privateKey, pair.privateKey],
    [names.publicKey, pair.publicKey],
  ];
  for (const [key, value] of values) {
    const json = { key, value, variable_type: 'env_var', protected: false, masked: false };
    const answer = await ask(reference, deps, owner, '/variables', { body: { json }, idempotent: false });
    if (answer.status === 400) {
      throw new SigningError(
        'KEY_UNAVAILABLE',
        `${service} did not take the variable ${key}: it is there already, or not allowed`,
      );
    }
    expectOk(answer, service, `keep the variable ${key}`);
  }
}

async function readVariable(
  reference: GitlabReference,
  deps: KeyDeps,
  name: string,
  mayBeEmpty = false,
): Promise<string> {
  for (const owner of owners) {
    const answer = await ask(reference, deps, owner, `/variables/${name}`);
    if (answer.status === 404) continue;
    const { value } = expectOk(answer, service, `give the variable ${name}`);
    if (mayBeEmpty && value === '') return '';
    const text = asText(value);
    if (text !== undefined) return text;
  }
  throw new SigningError('KEY_UNAVAILABLE', `${service} has no variable ${name} for ${reference.project}`);
}

async function findOwner(reference: GitlabReference, deps: KeyDeps): Promise<Owner> {
  for (const owner of owners) {
    const answer = await ask(reference, deps, owner, '');
    if (answer.status === 404) continue;
    expectOk(answer, service, `show ${reference.project}`);
    return owner;
  }
  throw new SigningError('KEY_UNAVAILABLE', `${service} has no project or group ${reference.project}`);
}

function ask(
  { project }: GitlabReference,
  deps: KeyDeps,
  owner: Owner,
  path: string,
  question: Pick<JsonQuestion, 'body' | 'idempotent'> = {},
): Promise<JsonAnswer> {
  const token = deps.env['GITLAB_TOKEN'];
  if (token === undefined || !/^[\x21-\x7e]{1,1024}$/.test(token)) {
    throw new SigningError('KEY_UNAVAILABLE', `${service} cannot be asked without a token; set GITLAB_TOKEN`);
  }
  const set = deps.env['GITLAB_HOST'] ?? 'https://gitlab.com';
  const host = URL.parse(/^https?:\/\//.test(set) ? set : `https://${set}`);
  if (host === null) throw new SigningError('KEY_UNAVAILABLE', `${service} cannot be asked: GITLAB_HOST is no address`);
  const base = `${host.origin}${host.pathname.replace(/\/+$/, '').replace(/\/api\/v4$/, '')}`;
  return askJson(deps.network, {
    service,
    url: `${base}/api/v4/${owner}/${encodeURIComponent(project)}${path}`,
    // Not as PRIVATE-TOKEN, which would go along where a redirect leads.
    headers: { authorization: `Bearer ${token}` },
    signal: deps.signal,
    ...question,
  });
}
