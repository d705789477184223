import type { Descriptor } from '../../oci/descriptor.ts';
import { bundleAnnotations } from '../../signing/cosign/annotations.ts';
import {
  configMediaType,
  emptyMediaType,
  legacySignatureType,
  looksLikeBundle,
  notationType,
} from '../../signing/cosign/media-types.ts';
import { signPredicateType } from '../../signing/statement/predicate-type.ts';

/**
 * Whether an entry in a list of referrers says that it is something else than a signature. Lists are often wrong, and nobody signed
 * them: this decides only what is read first, never what is read at all.
 */
export function saysOther({
  annotations = {},
  artifactType = '',
}: Pick<Descriptor, 'annotations' | 'artifactType'>): boolean {
  if (statesOther(annotations)) return true;
  // Clients that attach bundles by the fallback tag, and some registries, write a type that says nothing.
  const isOpen = ['', emptyMediaType, configMediaType, legacySignatureType, notationType].includes(artifactType);
  return !isOpen && !looksLikeBundle(artifactType);
}

/** Whether the annotations of a bundle's manifest say that it states something else than that the image is signed. */
export function statesOther(annotations: Readonly<Record<string, string>>): boolean {
  const type = annotations[bundleAnnotations.predicateType];
  return type !== undefined && type !== '' && type !== signPredicateType;
}
