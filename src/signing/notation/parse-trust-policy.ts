import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { SigningError } from '../error.ts';
import { notationLimits } from './limits.ts';
import { isSubsetOf, parseSubjectName } from './subject-name.ts';
import type { StoreName, StoreType, TrustedIdentity, TrustStatement } from './trust-policy.ts';
import { type Action, type Enforcement, levels, overrides } from './verification-level.ts';

/**
 * Reads a trust policy for images, `trustpolicy.json` (notaryproject, trust-store-trust-policy.md, version 1.0). Fields that
 * the specification does not have are refused, where notation passes them over: a rule that is misspelt must not vanish.
 *
 * @param name what a person calls the document
 * @throws SigningError TRUST_POLICY_INVALID
 */
export function parseTrustPolicy(bytes: Uint8Array, name: string): readonly TrustStatement[] {
  try {
    return readDocument(bytes);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new SigningError('TRUST_POLICY_INVALID', `The trust policy ${name} cannot be used: ${cause.message}`, {
      cause,
    });
  }
}

function readDocument(bytes: Uint8Array): readonly TrustStatement[] {
  if (bytes.length > notationLimits.policyBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `it has more than ${notationLimits.policyBytes} bytes`);
  }
  const document = fieldsOf(parseStrictJson(bytes, notationLimits.jsonDepth), 'it', ['version', 'trustPolicies']);
  if (document['version'] !== '1.0') throw malformed('its version is not 1.0');
  const statements = listOf(document['trustPolicies'], '"trustPolicies"').map(readStatement);
  const names = new Set<string>();
  const scopes = new Set<string>();
  for (const statement of statements) {
    if (names.has(statement.name)) throw malformed(`two statements have the name "${statement.name}"`);
    names.add(statement.name);
    for (const scope of statement.scopes) {
      if (scopes.has(scope)) throw malformed(`"${scope}" is in the scope of two statements, or twice in one`);
      scopes.add(scope);
    }
  }
  return statements;
}

function readStatement(value: unknown): TrustStatement {
  const fields = fieldsOf(value, 'a statement', [
    'name',
    'registryScopes',
    'signatureVerification',
    'trustStores',
    'trustedIdentities',
  ]);
  const { name } = fields;
  if (typeof name !== 'string' || name === '') throw malformed('a statement has no name');
  const where = `the statement "${name.slice(0, 100)}"`;
  const scopes = readScopes(fields['registryScopes'], where);
  const { level, enforcement, timestamps } = readVerification(fields['signatureVerification'], where);
  const stores = fields['trustStores'] ?? [];
  const identities = fields['trustedIdentities'] ?? [];
  if (enforcement !== undefined) {
    return {
      name,
      scopes,
      verification: {
        level,
        enforcement,
        timestamps,
        stores: textsOf(stores, `"trustStores" of ${where}`).map((text) => readStore(text, where)),
        identities: readIdentities(textsOf(identities, `"trustedIdentities" of ${where}`), where),
      },
    };
  }
  // "skip cannot be used with a global scope"; and whom to trust would be a promise that nobody keeps.
  if (scopes.includes('*')) throw malformed(`${where} skips all images; name the repositories`);
  if (!isEmpty(stores) || !isEmpty(identities)) throw malformed(`${where} skips signatures and says whom to trust`);
  return { name, scopes };
}

/** "Registry Scopes Constraints". The grammar is that of references, without tag and digest. */
const scopePattern = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/;

function readScopes(value: unknown, where: string): readonly string[] {
  const scopes = textsOf(value, `"registryScopes" of ${where}`);
  if (scopes.length === 1 && scopes[0] === '*') return scopes;
  const wrong = scopes.find((scope) => !scopePattern.test(scope));
  if (wrong === undefined) return scopes;
  throw malformed(`${where} has the scope "${wrong.slice(0, 100)}"; write REGISTRY/REPOSITORY, or * alone`);
}

interface Verification {
  readonly level: string;
  /** Absent for `skip`. */
  readonly enforcement?: Enforcement;
  readonly timestamps: 'always' | 'afterCertExpiry';
}

function readVerification(value: unknown, where: string): Verification {
  const what = `"signatureVerification" of ${where}`;
  const fields = fieldsOf(value, what, ['level', 'override', 'verifyTimestamp']);
  const { level, override, verifyTimestamp: timestamps = 'always' } = fields;
  if (timestamps !== 'always' && timestamps !== 'afterCertExpiry') {
    throw malformed(`"verifyTimestamp" of ${where} is neither always nor afterCertExpiry`);
  }
  if (level === 'skip') {
    if (override !== undefined) throw malformed(`${where} skips signatures and overrides how they are verified`);
    return { level, timestamps };
  }
  if (typeof level !== 'string' || !Object.hasOwn(levels, level)) {
    throw malformed(`${what} has another level than strict, permissive, audit and skip`);
  }
  const base = levels[level as keyof typeof levels];
  const changes = override === undefined ? {} : fieldsOf(override, `"override" of ${where}`, Object.keys(overrides));
  const enforcement: Record<string, Action> = { ...base };
  for (const [validation, action] of Object.entries(changes)) {
    const allowed = overrides[validation as keyof typeof overrides];
    if (!allowed.includes(action as Action)) {
      throw malformed(`"${validation}" of ${where} is none of ${allowed.join(', ')}`);
    }
    enforcement[validation] = action as Action;
  }
  return { level, enforcement: enforcement as Enforcement, timestamps };
}

const storeTypes: ReadonlySet<string> = new Set<StoreType>(['ca', 'signingAuthority', 'tsa']);

/** The name becomes the name of a folder, so it must not lead elsewhere. */
function readStore(text: string, where: string): StoreName {
  const [type = '', ...rest] = text.split(':');
  const name = rest.join(':');
  if (!storeTypes.has(type) || !/^[A-Za-z0-9_.-]+$/.test(name) || /^\.+$/.test(name)) {
    throw malformed(
      `${where} has the trust store "${text.slice(0, 100)}"; write ca:NAME, signingAuthority:NAME or tsa:NAME`,
    );
  }
  return { type: type as StoreType, name };
}

/** "Trusted Identities Constraints". Identities that only plugins know say nothing here, and so trust nobody. */
function readIdentities(texts: readonly string[], where: string): '*' | readonly TrustedIdentity[] {
  if (texts.includes('*')) {
    if (texts.length > 1) throw malformed(`${where} trusts everybody and somebody`);
    return '*';
  }
  const identities: TrustedIdentity[] = [];
  for (const text of texts) {
    const at = text.indexOf(':');
    if (at < 1)
      throw malformed(`${where} has the identity "${text.slice(0, 100)}"; write x509.subject: C=…, ST=…, O=…`);
    if (text.slice(0, at) !== 'x509.subject') continue;
    const name = parseSubjectName(text.slice(at + 1));
    const other = identities.find((one) => isSubsetOf(one.name, name) || isSubsetOf(name, one.name));
    if (other !== undefined) throw malformed(`${where} has overlapping identities: "${other.text}" and "${text}"`);
    identities.push({ text, name });
  }
  return identities;
}

function textsOf(value: unknown, what: string): readonly string[] {
  return listOf(value, what).map((text) => {
    if (typeof text !== 'string' || text === '') throw malformed(`an entry of ${what} is no text`);
    if (text.length > notationLimits.entryLength) throw malformed(`an entry of ${what} is too long`);
    return text;
  });
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed(`${what} is no list with something in it`);
  if (value.length <= notationLimits.policyEntries) return value;
  throw new CodecError('LIMIT_EXCEEDED', `${what} has more than ${notationLimits.policyEntries} entries`);
}

function fieldsOf(value: unknown, what: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  const stray = Object.keys(value).find((name) => !names.includes(name));
  if (stray !== undefined) throw malformed(`${what} has a field "${stray.slice(0, 60)}" that it cannot have`);
  // Without what objects inherit: `__proto__` is a field like any other.
  return Object.assign(Object.create(null) as Record<string, unknown>, value);
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', what);
}
