import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { Attestor, AttestorSet, KyvernoVerification } from '../document/verification/model.ts';
import type { Place } from './translation.ts';

/** An entry as it is written today. */
export interface FoldedEntry {
  readonly entry: KyvernoVerification;
  readonly mistakes: readonly Finding[];
  /** The set that stands for fields of version 1, and where these are in the document. */
  readonly oldSet?: AttestorSet;
  readonly oldPlace: Place;
}

const keylessFields = ['issuer', 'subject', 'roots', 'additionalExtensions'] as const;

/**
 * Puts the fields of version 1 into the places that they have today: `image` is a pattern, and the rest one attestor, which is asked for
 * attestations where there are some and else for signatures (Kyverno, `ImageVerification.Convert`). There, a `subject` without an
 * `issuer` asks nothing at all, and a `key` beside attestations is lost, so that anybody may make them; here neither is.
 *
 * @param path of the entry
 */
export function foldOldForms(entry: KyvernoVerification, path: readonly (string | number)[]): FoldedEntry {
  const { image, key, roots, subject, issuer, additionalExtensions, annotations, ...rest } = entry;
  const named = image === undefined ? rest : { ...rest, imageReferences: [...(rest.imageReferences ?? []), image] };
  const keyless = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
    ...(roots === undefined ? {} : { roots }),
    ...(additionalExtensions === undefined ? {} : { additionalExtensions }),
  };
  const isKeyless = Object.keys(keyless).length > 0;
  // `key` is what the text of keys is, and the others are called as they are now.
  const oldPlace: Place = (kind, field, ...more) => {
    if (field === undefined) return kind === 'repository' ? [...path, kind] : path;
    return [...path, field === 'publicKeys' ? 'key' : field, ...more];
  };
  if (key === undefined && !isKeyless && annotations === undefined) return { entry: named, mistakes: [], oldPlace };
  const attestor: Attestor = {
    ...(key === undefined ? { keyless } : { keys: { publicKeys: key } }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const mistakes = !isKeyless || key === undefined ? [] : beside(entry, path);
  const oldSet: AttestorSet = { entries: [attestor] };
  const folded = { mistakes, oldSet, oldPlace };
  if (named.attestations === undefined || named.attestations.length === 0) {
    return { entry: { ...named, attestors: [...(named.attestors ?? []), oldSet] }, ...folded };
  }
  const attestations = named.attestations.map((each) => ({ ...each, attestors: [...(each.attestors ?? []), oldSet] }));
  return { entry: { ...named, attestations }, ...folded };
}

function beside(entry: KyvernoVerification, path: readonly (string | number)[]): readonly Finding[] {
  return keylessFields
    .filter((name) => entry[name] !== undefined)
    .map((name) => ({ path: [...path, name], sentence: 'is about certificates and stands beside key; keep one' }));
}
