import type { SignerTrust } from '../../model.ts';
import type { LogTrust } from '../document/verification/model.ts';
import { certificatesOf, logKeysOf } from './certificates.ts';
import { given, type Place, type Translation } from './translation.ts';

/**
 * Which logs must know of a signature. Both are asked for unless the policy says otherwise, whether or not it names them. Where Rekor is
 * does not count: what it promised comes with the signature, and is held against its key.
 */
export function trustOf(
  { rekor, ctlog }: LogTrust,
  place: Place,
  translation: Translation,
  hasCertificate: boolean,
): SignerTrust {
  const keys = (text: string | undefined, name: 'rekor' | 'ctlog'): string | undefined =>
    given(text) === undefined ? undefined : logKeysOf(text ?? '', place(name, 'pubkey'), translation);
  const logKeys = keys(rekor?.pubkey, 'rekor');
  const certificateLogKeys = keys(ctlog?.pubkey, 'ctlog');
  const chain = given(ctlog?.tsaCertChain);
  const timestampAuthorities =
    chain === undefined ? undefined : certificatesOf(chain, place('ctlog', 'tsaCertChain'), translation);
  return {
    log: rekor?.ignoreTlog === true ? 'ignored' : 'required',
    ...(logKeys === undefined ? {} : { logKeys }),
    ...(hasCertificate ? { certificateLog: ctlog?.ignoreSCT === true ? 'ignored' : 'required' } : {}),
    ...(certificateLogKeys === undefined ? {} : { certificateLogKeys }),
    ...(timestampAuthorities === undefined ? {} : { timestampAuthorities }),
  };
}
