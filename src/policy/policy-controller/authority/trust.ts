import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { SignerTrust } from '../../model.ts';
import { given } from '../../signers/identity.ts';
import type { Authority } from '../document/cluster-image-policy/model.ts';
import type { TrustMaterial } from '../trust/trust-root.ts';
import { authoritiesOf } from './authorities.ts';
import { trustRootOf, type Translation } from './translation.ts';

/**
 * Which logs and authorities count for an authority (research: policy-controller, `checkOptsFromAuthority`). A log must hold what was
 * signed by the public services; of keys and of authorities of one's own, only where `ctlog` says so. Where a log is does not count: what
 * it promised comes with the signature, and is held against its key.
 */
export function trustOf(authority: Authority, path: ConfigPath, translation: Translation): SignerTrust {
  const { keyless, ctlog, rfc3161timestamp, signatureFormat } = authority;
  const rootOf = (name: string | undefined, at: ConfigPath): TrustMaterial | undefined =>
    given(name) === undefined ? undefined : trustRootOf(name ?? '', at, translation);
  const log = rootOf(ctlog?.trustRootRef, [...path, 'ctlog', 'trustRootRef']);
  const timestamps = timestampsOf(authority, path, translation);
  const own = keyless === undefined ? {} : authoritiesOf(keyless, [...path, 'keyless'], translation);
  checkRoots(authority, path, translation);
  const logKeys = log?.logKeys ?? (signatureFormat === 'bundle' && ctlog === undefined ? own.logKeys : undefined);
  if (log !== undefined && log.logKeys === undefined) {
    const sentence = 'names a TrustRoot without tLogs, so that no log could hold a signature';
    translation.findings.push({ path: [...path, 'ctlog', 'trustRootRef'], sentence });
  }
  const required = isLogRequired(authority);
  const { authorities, certificateLogKeys } = own;
  return {
    log: required ? 'required' : 'ignored',
    ...(logKeys === undefined || !required ? {} : { logKeys }),
    ...(keyless === undefined
      ? {}
      : { certificateLog: keyless.insecureIgnoreSCT === true ? ('ignored' as const) : ('required' as const) }),
    ...(certificateLogKeys === undefined ? {} : { certificateLogKeys }),
    ...(authorities === undefined ? {} : { authorities }),
    ...(rfc3161timestamp === undefined || timestamps === undefined ? {} : { timestampAuthorities: timestamps }),
  };
}

function isLogRequired({ keyless, ctlog, rfc3161timestamp, signatureFormat }: Authority): boolean {
  if (signatureFormat === 'bundle') return !(rfc3161timestamp !== undefined && ctlog !== undefined);
  if (rfc3161timestamp !== undefined) return false;
  if (ctlog !== undefined) return given(ctlog.url) !== undefined || given(ctlog.trustRootRef) !== undefined;
  return keyless !== undefined && given(keyless.trustRootRef) === undefined;
}

function timestampsOf({ rfc3161timestamp }: Authority, path: ConfigPath, translation: Translation): string | undefined {
  if (rfc3161timestamp === undefined) return undefined;
  const at = [...path, 'rfc3161timestamp', 'trustRootRef'];
  const name = given(rfc3161timestamp.trustRootRef);
  if (name === undefined) {
    translation.findings.push({ path: at, sentence: 'is missing; name the TrustRoot with the timestamp authorities' });
    return undefined;
  }
  const root = trustRootOf(name, at, translation);
  if (root !== undefined && root.timestampAuthorities === undefined) {
    translation.findings.push({ path: at, sentence: 'names a TrustRoot without timestampAuthorities' });
  }
  return root?.timestampAuthorities;
}

/** A bundle is held against one trust root as a whole, in policy-controller as well. */
function checkRoots(
  { keyless, ctlog, rfc3161timestamp, signatureFormat }: Authority,
  path: ConfigPath,
  { findings }: Translation,
): void {
  if (signatureFormat !== 'bundle' || keyless === undefined) return;
  const wanted = given(keyless.trustRootRef);
  for (const [name, part] of [
    ['ctlog', ctlog],
    ['rfc3161timestamp', rfc3161timestamp],
  ] as const) {
    if (part === undefined || given(part.trustRootRef) === wanted) continue;
    const sentence = 'must be that of keyless where the signatureFormat is bundle';
    findings.push({ path: [...path, name, 'trustRootRef'], sentence });
  }
}
