import { createHash } from 'node:crypto';
import { isSeaworthyError } from '../../../base/error.ts';
import { compileGlob, type PathGlob } from '../../../base/glob.ts';
import type { Certificate } from '../../../signing/certificate/certificate.ts';
import { readExtendedKeyUsage } from '../../../signing/certificate/extensions.ts';
import { parseCertificate } from '../../../signing/certificate/parse.ts';
import type { Authenticator, Fit } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import { RegistryAuthError } from '../error.ts';
import type { Identity } from '../identity.ts';
import { authLimits } from '../limits.ts';
import { certificateLimits } from './limits.ts';
import { type CertificateNameKind, certificateNameKinds, readNames, readUnits } from './names.ts';

/** Who somebody is by a name in the certificate of a TLS client. The first rule that a certificate meets counts. */
export interface CertificateRule {
  readonly from: CertificateNameKind;
  /**
   * A pattern of `base/glob.ts` for the whole name: `*` does not cross a "/", though it crosses dots; so
   * `spiffe://example.com/ns/build/sa/*` is any service account of one namespace.
   */
  readonly matches: string;
  /** Put before the name, so that names of different rules stay apart. */
  readonly prefix?: string;
  readonly groups?: readonly string[];
  /** Whether the organizational units of its subject are groups too. */
  readonly units?: boolean;
}

interface CompiledRule {
  readonly rule: CertificateRule;
  readonly glob: PathGlob;
}

interface Known {
  readonly identity: Identity | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** TLS client authentication, and any purpose (RFC 5280, 4.2.1.12). */
const clientPurposes: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

/**
 * Clients with a certificate. That its chain ends at an authority for clients, that its key was shown, and that it was not
 * revoked is the work of TLS, which must have been done; here it gets a name. Its times are looked at again at each request,
 * since connections live long.
 */
export class CertificateAuthenticator implements Authenticator {
  readonly name: string;
  readonly #rules: readonly CompiledRule[];
  readonly #clock: { now(): number };
  readonly #known = new Map<string, Known>();

  /** @throws RegistryAuthError AUTH_SETTING_INVALID that names the rule, counted from 1 */
  constructor(rules: readonly CertificateRule[], clock: { now(): number }, name = 'certificate') {
    this.name = name;
    if (rules.length > certificateLimits.rules) throw invalid(`there are more than ${certificateLimits.rules} of them`);
    this.#rules = rules.map((rule, index) => ({ rule, glob: checkRule(rule, index + 1) }));
    this.#clock = clock;
  }

  fits(credentials: Credentials): Fit {
    return credentials.kind === 'certificate' ? 'perhaps' : 'no';
  }

  authenticate(credentials: Credentials): Promise<Identity | undefined> {
    if (credentials.kind !== 'certificate') return Promise.resolve(undefined);
    const { identity, notBefore, notAfter } = this.#look(credentials.der);
    const now = this.#clock.now();
    return Promise.resolve(now >= notBefore && now <= notAfter ? identity : undefined);
  }

  #look(der: Uint8Array): Known {
    const key = createHash('sha256').update(der).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#read(der);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= certificateLimits.remembered && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, found);
    return found;
  }

  #read(der: Uint8Array): Known {
    try {
      const certificate = parseCertificate(der);
      const [notBefore, notAfter] = [certificate.notBefore.getTime(), certificate.notAfter.getTime()];
      const purposes = readExtendedKeyUsage(certificate);
      const isClient = purposes === undefined || purposes.some((purpose) => clientPurposes.has(purpose));
      return { identity: isClient ? this.#identityOf(certificate, notAfter) : undefined, notBefore, notAfter };
    } catch (error) {
      // TLS takes forms of certificates that are read in no single way; they name nobody.
      if (!isSeaworthyError(error)) throw error;
      return { identity: undefined, notBefore: 0, notAfter: 0 };
    }
  }

  #identityOf(certificate: Certificate, expires: number): Identity | undefined {
    for (const { rule, glob } of this.#rules) {
      const value = readNames(certificate, rule.from).find((name) => glob.matches(name) && !/\p{Cc}/u.test(name));
      if (value === undefined) continue;
      const name = `${rule.prefix ?? ''}${value}`;
      if (name.length > authLimits.nameLength) return undefined;
      const units = rule.units === true ? readUnits(certificate) : [];
      if (units.length > certificateLimits.groups || units.some((unit) => !isGroup(unit))) return undefined;
      const groups = [...new Set([...(rule.groups ?? []), ...units])];
      return { kind: 'certificate', name, groups, source: this.name, expires };
    }
    return undefined;
  }
}

function isGroup(unit: string): boolean {
  return unit !== '' && unit.length <= authLimits.nameLength && !/\p{Cc}/u.test(unit);
}

function checkRule({ from, matches, groups = [] }: CertificateRule, number: number): PathGlob {
  if (!certificateNameKinds.includes(from)) {
    throw invalid(`rule ${number}: its name is to be from ${certificateNameKinds.join(', ')}`);
  }
  if (groups.length > certificateLimits.groups) throw invalid(`rule ${number} has too many groups`);
  try {
    return compileGlob(matches);
  } catch (cause) {
    throw invalid(`rule ${number}: ${isSeaworthyError(cause) ? cause.message : 'its pattern cannot be read'}`);
  }
}

function invalid(why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The rules for certificates of clients cannot be used: ${why}`);
}
