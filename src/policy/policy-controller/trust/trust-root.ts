import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { pemCertificatesOf } from '../../signers/certificates.ts';
import { pemKeysOf } from '../../signers/keys.ts';
import type { SigstoreKeys, TrustedAuthority, TrustedLog, TrustRoot } from '../document/trust-root/model.ts';

/** Whom a trust root says to trust, in PEM; what it does not name is absent. */
export interface TrustMaterial {
  readonly authorities?: string;
  readonly logKeys?: string;
  readonly certificateLogKeys?: string;
  readonly timestampAuthorities?: string;
}

const ways = ['remote', 'repository', 'sigstoreKeys', 'trustedRootJSON'] as const;

/** What cannot be carried by a policy, and why. */
const refused = {
  remote:
    'is not supported: a repository of TUF changes, and a policy does not; have the gate trust it, or write its keys as sigstoreKeys',
  repository:
    'is not supported: a repository of TUF expires, and nothing here would renew it; write its keys as sigstoreKeys',
  trustedRootJSON:
    'is not supported: it trusts each key for some time only, which sigstoreKeys do not; have the gate trust it, or write sigstoreKeys',
} as const;

/** Reads whom a trust root says to trust, with what is wrong with it. */
export function trustMaterialOf({ spec }: TrustRoot): {
  readonly material: TrustMaterial;
  readonly findings: readonly Finding[];
} {
  const there = ways.filter((way) => spec[way] !== undefined);
  const [way] = there;
  if (way === undefined || there.length > 1) {
    return { material: {}, findings: [{ path: ['spec'], sentence: `takes exactly one of ${ways.join(', ')}` }] };
  }
  if (way !== 'sigstoreKeys' || spec.sigstoreKeys === undefined) {
    const sentence = refused[way as keyof typeof refused];
    return { material: {}, findings: [{ path: ['spec', way], sentence }] };
  }
  return materialOf(spec.sigstoreKeys, ['spec', 'sigstoreKeys']);
}

function materialOf(
  { certificateAuthorities = [], tLogs = [], ctLogs = [], timestampAuthorities = [] }: SigstoreKeys,
  path: ConfigPath,
): ReturnType<typeof trustMaterialOf> {
  const findings: Finding[] = [];
  if (certificateAuthorities.length + timestampAuthorities.length === 0) {
    findings.push({ path, sentence: 'needs certificateAuthorities or timestampAuthorities' });
  }
  const authorities = (list: readonly TrustedAuthority[], name: string): string =>
    list.map((each, at) => chainOf(each, [...path, name, at], findings)).join('');
  const logs = (list: readonly TrustedLog[], name: string): string =>
    list.map((each, at) => logKeyOf(each, [...path, name, at], findings)).join('');
  const found: Record<keyof TrustMaterial, string> = {
    authorities: authorities(certificateAuthorities, 'certificateAuthorities'),
    logKeys: logs(tLogs, 'tLogs'),
    certificateLogKeys: logs(ctLogs, 'ctLogs'),
    timestampAuthorities: authorities(timestampAuthorities, 'timestampAuthorities'),
  };
  return { material: Object.fromEntries(Object.entries(found).filter(([, pem]) => pem !== '')), findings };
}

function chainOf({ subject, uri, certChain }: TrustedAuthority, path: ConfigPath, findings: Finding[]): string {
  for (const name of ['organization', 'commonName'] as const) {
    if (subject[name] === '') findings.push({ path: [...path, 'subject', name], sentence: 'is empty' });
  }
  if (uri === '') findings.push({ path: [...path, 'uri'], sentence: 'is empty' });
  return attempt([...path, 'certChain'], findings, () => pemCertificatesOf(decoded(certChain)));
}

function logKeyOf({ baseURL, hashAlgorithm, publicKey }: TrustedLog, path: ConfigPath, findings: Finding[]): string {
  if (baseURL === '') findings.push({ path: [...path, 'baseURL'], sentence: 'is empty' });
  if (!/^sha-?256$/i.test(hashAlgorithm)) {
    const sentence = `is "${printable(hashAlgorithm)}"; logs are trees of SHA-256 (RFC 6962): write sha-256`;
    findings.push({ path: [...path, 'hashAlgorithm'], sentence });
  }
  return attempt([...path, 'publicKey'], findings, () => {
    const keys = pemKeysOf(decoded(publicKey));
    if (keys.length > 1) throw new RangeError('a log has one key');
    return keys.map((key) => ('pem' in key ? key.pem : '')).join('');
  });
}

/** Bytes stand in base64 in objects of Kubernetes; a text that is PEM already says what it means. */
function decoded(text: string): string {
  if (text.includes('-----BEGIN')) return text;
  const bare = text.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+=*$/.test(bare)) throw new RangeError('it is no base64 of PEM');
  return Buffer.from(bare, 'base64').toString('utf8');
}

function attempt(path: ConfigPath, findings: Finding[], read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
    findings.push({ path, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
    return '';
  }
}
