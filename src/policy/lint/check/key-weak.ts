import { createPublicKey } from 'node:crypto';
import { attestorsOf } from '../identities.ts';
import type { LintCheck, Placed } from '../model.ts';
import { selectTexts } from '../select.ts';

/** Curves that signers of images use. */
const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Whoever can compute a private key signs what they like. */
export const keyWeak: LintCheck = {
  id: 'key-weak',
  severity: 'error',
  about: 'A public key is of a type or size that is no longer safe',
  find(document) {
    const { form, value } = document;
    const keys: readonly Placed<string>[] =
      form === 'kyverno'
        ? [
            ...attestorsOf(document).flatMap((entry) => selectTexts(entry.value, 'keys.publicKeys', entry.path)),
            ...selectTexts(value, 'spec.rules[].verifyImages[].key'),
          ]
        : form === 'kyvernoCel'
          ? selectTexts(value, 'spec.attestors[].cosign.key.data')
          : form === 'policyController'
            ? selectTexts(value, 'spec.authorities[].key.data')
            : selectTexts(value, 'spec.signers[].keys[].pem');
    return keys.flatMap(({ path, value: text }) =>
      (text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? []).flatMap((pem) => {
        const why = weakness(pem);
        return why === undefined ? [] : [{ path, sentence: `${why}; sign with a key for P-256 or Ed25519` }];
      }),
    );
  },
};

function weakness(pem: string): string | undefined {
  let key;
  try {
    key = createPublicKey(pem);
  } catch {
    // What is no key is told as a mistake.
    return undefined;
  }
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength < 2048) return `is an RSA key of ${modulusLength} bits`;
  if (key.asymmetricKeyType === 'dsa') return 'is a DSA key';
  return key.asymmetricKeyType === 'ec' && !curves.has(namedCurve) ? `is a key for ${namedCurve}` : undefined;
}
