import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { SignerTrust } from '../../model.ts';
import { pemCertificatesOf } from '../../signers/certificates.ts';
import { given } from '../../signers/identity.ts';
import { pemKeysOf } from '../../signers/keys.ts';
import type { CosignAttestor } from '../document/image-validating-policy/model.ts';
import { attempt } from '../../resource/attempt.ts';
import type { Translation } from './translation.ts';

/**
 * Which logs must know of a signature. Both are asked for unless the policy says otherwise, whether or not it names them. Where Rekor is
 * does not count: what it promised comes with the signature, and is held against its key.
 */
export function trustOf(cosign: CosignAttestor, path: ConfigPath, translation: Translation): SignerTrust {
  const { ctlog = {}, keyless, certificate } = cosign;
  // A key, or a certificate alone, is trusted whatever logs of certificates say.
  const isIssued = keyless !== undefined || certificate?.certChain !== undefined;
  const keys = (name: 'rekorPubKey' | 'ctLogPubKey'): string | undefined =>
    read(ctlog[name], [...path, 'ctlog', name], translation, (text) =>
      pemKeysOf(text)
        .map((each) => ('pem' in each ? each.pem : ''))
        .join(''),
    );
  const certificates = (text: string | undefined, at: ConfigPath): string | undefined =>
    read(text, at, translation, pemCertificatesOf);
  if (ctlog.url !== undefined && !/^https?:\/\/[^\s/]/.test(ctlog.url)) {
    const sentence = `is "${printable(ctlog.url)}", which is no address of a log`;
    translation.findings.push({ path: [...path, 'ctlog', 'url'], sentence });
  }
  const [logKeys, certificateLogKeys] = [keys('rekorPubKey'), keys('ctLogPubKey')];
  const authorities = certificates(keyless?.roots, [...path, 'keyless', 'roots']);
  const timestampAuthorities = certificates(ctlog.tsaCertChain, [...path, 'ctlog', 'tsaCertChain']);
  return {
    log: ctlog.insecureIgnoreTlog === true ? 'ignored' : 'required',
    ...(logKeys === undefined ? {} : { logKeys }),
    ...(isIssued ? { certificateLog: ctlog.insecureIgnoreSCT === true ? 'ignored' : 'required' } : {}),
    ...(certificateLogKeys === undefined ? {} : { certificateLogKeys }),
    ...(authorities === undefined ? {} : { authorities }),
    ...(timestampAuthorities === undefined ? {} : { timestampAuthorities }),
  };
}

function read(
  text: string | undefined,
  path: ConfigPath,
  translation: Translation,
  parse: (text: string) => string,
): string | undefined {
  return given(text) === undefined ? undefined : attempt(translation, path, () => parse(text ?? ''));
}
