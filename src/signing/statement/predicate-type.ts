/** Names of `--type` and the predicate types that they stand for, as cosign has them. */
export const predicateTypes = {
  custom: 'https://cosign.sigstore.dev/attestation/v1',
  slsaprovenance: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance02: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance1: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document',
  spdxjson: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  link: 'https://in-toto.io/Link/v1',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  openvex: 'https://openvex.dev/ns',
} as const;

/** A name of `--type`. */
export type PredicateName = keyof typeof predicateTypes;

/** What `cosign sign` states since its version 3: that the subject is signed, and nothing else. */
export const signPredicateType = 'https://sigstore.dev/cosign/sign/v1';

/** Other names under which a kind of predicate is in use; a verifier that asks for the kind takes them too. */
const alsoKnownAs: ReadonlyMap<string, readonly RegExp[]> = new Map([
  ['https://openvex.dev/ns', [/^https:\/\/openvex\.dev\/ns\/v\d+(?:\.\d+){0,2}$/]],
]);

/** The predicate type that a name or a URI stands for; undefined when it is neither. */
export function predicateTypeOf(text: string): string | undefined {
  if (isPredicateName(text)) return predicateTypes[text];
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) ? text : undefined;
}

/** Whether a statement's predicate type is the wanted one. */
export function isPredicateType(found: string, wanted: string): boolean {
  return found === wanted || (alsoKnownAs.get(wanted) ?? []).some((pattern) => pattern.test(found));
}

/** Whether a text is a name of `--type`. */
export function isPredicateName(text: string): text is PredicateName {
  return Object.hasOwn(predicateTypes, text);
}
