import { createHash } from 'node:crypto';
import { isSeaworthyError } from '../../base/error.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { Signer, SignerIdentity, SignerKey, SignerSet, TextSpec } from '../model.ts';
import { signerNamesOf } from '../rule/signer-set/names.ts';

/** Ways to be a signer that are told; a signer may have fifty. */
const most = 3;

/**
 * Says who counts as a signer, and where its signatures are looked for, for whoever has to get one:
 * `key sha256:1f0e… at ghcr.io/org/signatures`. Keys have the fingerprints that verdicts tell of those who did sign.
 */
function describeSigner({ keys, identities, certificates = [], annotations, repository }: Signer): string {
  const ways = [
    ...keys.map(describeKey),
    ...identities.map(describeIdentity),
    ...certificates.map(({ leaf, identities: own = [] }) => {
      const whose = own.length === 0 ? '' : ` for ${own.map(describeIdentity).join(' or ')}`;
      return leaf === undefined ? `a certificate of its authorities${whose}` : `its certificate${whose}`;
    }),
  ];
  const more = ways.length > most ? `, or ${ways.length - most} others` : '';
  const carrying = annotations === undefined ? '' : ` with annotations ${Object.keys(annotations).sort().join(', ')}`;
  const where = repository === undefined ? '' : ` at ${repository}`;
  return `${ways.slice(0, most).join(' or ')}${more}${carrying}${where}`;
}

/** Prepares the member of facts that says who would count, for the signers that a rule names. */
export function wantedOf(set: SignerSet, signers: readonly Signer[]): (name: string) => { readonly wanted?: string } {
  const named = new Set(signerNamesOf(set));
  const texts = new Map(
    signers.filter(({ name }) => named.has(name)).map((signer) => [signer.name, describeSigner(signer)]),
  );
  return (name) => {
    const wanted = texts.get(name);
    return wanted === undefined ? {} : { wanted };
  };
}

function describeKey(key: SignerKey): string {
  if ('file' in key) return `the key in ${key.file}`;
  if ('reference' in key) return `the key ${key.reference}`;
  try {
    return `key sha256:${createHash('sha256').update(parsePublicKey(key.pem).spki).digest('hex')}`;
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return 'a key that cannot be read';
  }
}

function describeIdentity({ issuer, subject }: SignerIdentity): string {
  const who = subject === undefined ? 'anybody' : describeText(subject);
  return issuer === undefined ? who : `${who} of ${describeText(issuer)}`;
}

function describeText(text: TextSpec): string {
  if ('exact' in text) return text.exact;
  if ('glob' in text) return text.glob;
  if ('regex' in text) return `/^${text.regex}$/`;
  if ('search' in text) return `/${text.search}/`;
  return text.all.map(describeText).join(' and ');
}
