import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { pemCertificatesOf } from '../../signers/certificates.ts';
import { given } from '../../signers/identity.ts';
import type { KeylessRef } from '../document/cluster-image-policy/model.ts';
import type { TrustMaterial } from '../trust/trust-root.ts';
import { wayOf } from './keys.ts';
import { attempt } from '../../resource/attempt.ts';
import { trustRootOf, type Translation } from './translation.ts';

/** Whose certificates count for a keyless authority; nothing where it is the gate's to say. */
export function authoritiesOf(keyless: KeylessRef, path: ConfigPath, translation: Translation): TrustMaterial {
  const { url, trustRootRef, 'ca-cert': own } = keyless;
  const { findings } = translation;
  if (own !== undefined && (given(url) !== undefined || given(trustRootRef) !== undefined)) {
    findings.push({ path: [...path, 'ca-cert'], sentence: 'stands beside url or trustRootRef; keep one' });
  }
  if (given(trustRootRef) !== undefined) {
    const at = [...path, 'trustRootRef'];
    const root = trustRootOf(trustRootRef ?? '', at, translation);
    if (root !== undefined && root.authorities === undefined) {
      findings.push({ path: at, sentence: 'names a TrustRoot without certificateAuthorities' });
    }
    return root ?? {};
  }
  if (own === undefined) return {};
  const at = [...path, 'ca-cert'];
  const way = wayOf(own, at, translation);
  if (way === undefined) return {};
  if (way !== 'data') {
    const sentence = 'is not supported: certificates of authorities are read from policies alone; write data';
    findings.push({ path: [...at, way], sentence });
    return {};
  }
  if (own.hashAlgorithm !== undefined) {
    findings.push({ path: [...at, 'hashAlgorithm'], sentence: 'says nothing of a certificate; leave it out' });
  }
  const authorities = attempt(translation, [...at, way], () => pemCertificatesOf(own.data ?? ''));
  return authorities === undefined ? {} : { authorities };
}
