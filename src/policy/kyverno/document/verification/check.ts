import type { Finding } from '../../../../codec/yaml/mistake.ts';
import type { KyvernoPolicy, KyvernoRule } from '../policy/model.ts';
import type { Attestor, AttestorSet, KyvernoVerification } from './model.ts';

type Path = readonly (string | number)[];

const kinds = ['keys', 'certificates', 'keyless', 'attestor'] as const;
/** Sets within sets; the documents of Kyverno go two deep. */
const depth = 8;

/** Finds what an entry of `verifyImages` cannot be (Kyverno, `ImageVerification.Validate`). */
export function checkVerification(
  policy: KyvernoPolicy,
  rule: KyvernoRule,
  entry: KyvernoVerification,
  path: Path,
): readonly Finding[] {
  const found: Finding[] = [];
  const { imageReferences = [], image, attestors = [], attestations = [], type } = entry;
  if (imageReferences.length === 0 && image === undefined) {
    found.push({ path: [...path, 'imageReferences'], sentence: 'needs one pattern at least' });
  }
  for (const [at, each] of imageReferences.entries()) {
    if (each.includes('{{')) found.push({ path: [...path, 'imageReferences', at], sentence: 'cannot have variables' });
  }
  found.push(...checkOldForms(policy, entry, path));
  // Many policies that people publish leave it out there, which then means false.
  if (entry.mutateDigest === true && !isEnforced(policy, rule, entry)) {
    const sentence = 'must be false where the failure action is Audit: what is not verified cannot be put in its place';
    found.push({ path: [...path, 'mutateDigest'], sentence });
  }
  for (const [at, set] of attestors.entries()) found.push(...checkSet(set, [...path, 'attestors', at], type));
  for (const [at, attestation] of attestations.entries()) {
    const own = [...path, 'attestations', at];
    if ((attestation.type ?? attestation.predicateType ?? '') === '') {
      found.push({ path: [...own, 'type'], sentence: 'is missing; write the type of the predicate' });
    }
    if (attestation.type !== undefined && attestation.predicateType !== undefined) {
      found.push({ path: [...own, 'predicateType'], sentence: 'is the old name of type; keep one' });
    }
    for (const [index, set] of (attestation.attestors ?? []).entries()) {
      found.push(...checkSet(set, [...own, 'attestors', index], type));
    }
  }
  return found;
}

/** In Kyverno, one entry that enforces makes the whole rule do so. */
function isEnforced({ spec }: KyvernoPolicy, { verifyImages = [] }: KyvernoRule, entry: KyvernoVerification): boolean {
  const said = verifyImages.flatMap(({ failureAction }) => failureAction ?? []);
  const action =
    entry.failureAction ?? (said.some(isEnforce) ? 'Enforce' : (said[0] ?? spec.validationFailureAction ?? 'Audit'));
  return isEnforce(action);
}

function isEnforce(action: string): boolean {
  return action.toLowerCase() === 'enforce';
}

const oldForms = ['image', 'key', 'roots', 'subject', 'issuer', 'additionalExtensions', 'annotations'] as const;

function checkOldForms({ apiVersion }: KyvernoPolicy, entry: KyvernoVerification, path: Path): readonly Finding[] {
  const found: Finding[] = [];
  for (const name of oldForms) {
    if (entry[name] === undefined) continue;
    if (apiVersion === 'kyverno.io/v2beta1') {
      found.push({ path: [...path, name], sentence: 'is no field of kyverno.io/v2beta1; write attestors' });
    } else if (name !== 'image' && entry.attestors !== undefined) {
      found.push({ path: [...path, name], sentence: 'stands beside attestors, which say the same; keep one' });
    }
  }
  if (entry.image !== undefined && entry.imageReferences !== undefined) {
    found.push({ path: [...path, 'image'], sentence: 'stands beside imageReferences; keep one' });
  }
  return found;
}

function checkSet(
  { count, entries }: AttestorSet,
  path: Path,
  type: KyvernoVerification['type'],
  level = 0,
): readonly Finding[] {
  if (level > depth) return [{ path, sentence: `has more than ${depth} sets within each other` }];
  const found: Finding[] = [];
  if (entries.length === 0) found.push({ path: [...path, 'entries'], sentence: 'needs one entry at least' });
  if (count !== undefined && count > entries.length) {
    found.push({ path: [...path, 'count'], sentence: `is more than there are entries (${entries.length})` });
  }
  for (const [at, each] of entries.entries()) found.push(...checkAttestor(each, [...path, 'entries', at], type, level));
  return found;
}

function checkAttestor(
  attestor: Attestor,
  path: Path,
  type: KyvernoVerification['type'],
  level: number,
): readonly Finding[] {
  const there = kinds.filter((each) => attestor[each] !== undefined);
  const [kind] = there;
  if (kind === undefined || there.length > 1) return [{ path, sentence: `takes exactly one of ${kinds.join(', ')}` }];
  if (type === 'Notary' && (kind === 'keys' || kind === 'keyless')) {
    return [{ path: [...path, kind], sentence: 'cannot be where the type is Notary, which knows certificates alone' }];
  }
  const found: Finding[] = [];
  const { keys, certificates, keyless } = attestor;
  const own = [...path, kind];
  if (keys !== undefined) {
    const given = [keys.publicKeys, keys.secret, keys.kms].filter((each) => each !== undefined).length;
    if (given !== 1) found.push({ path: own, sentence: 'takes exactly one of publicKeys, secret, kms' });
  }
  if (certificates !== undefined && certificates.cert === undefined && certificates.certChain === undefined) {
    found.push({ path: own, sentence: 'needs cert or certChain' });
  }
  if (keyless !== undefined && keyless.rekor === undefined && keyless.roots === undefined) {
    found.push({ path: own, sentence: 'needs rekor or roots' });
  }
  const rekor = keys?.rekor ?? certificates?.rekor ?? keyless?.rekor;
  if (rekor?.url === '') found.push({ path: [...own, 'rekor', 'url'], sentence: 'is empty' });
  if (attestor.attestor !== undefined) found.push(...checkSet(attestor.attestor, own, type, level + 1));
  return found;
}
