import type { Descriptor } from '../../oci/descriptor.ts';
import { bundleAnnotations } from '../../signing/cosign/annotations.ts';
import { emptyMediaType, looksLikeBundle } from '../../signing/cosign/media-types.ts';
import { predicateTypes } from '../../signing/statement/predicate-type.ts';
import { storedSbomLimits } from './limits.ts';

/** What is worth looking at among the referrers of an image. */
export interface Candidates {
  /** The newest first, as they say; no more than are looked at. */
  readonly chosen: readonly Descriptor[];
  /** Whether there is an SBOM in CycloneDX that is not signed. */
  readonly unsigned: boolean;
}

const billType = /^application\/vnd\.cyclonedx\b/;

/**
 * Chooses the referrers that may be a signed SBOM in CycloneDX. What a list says of them are hints that nobody signed: a wrong one
 * costs the use of an SBOM, and makes none trusted.
 */
export function chooseCandidates(listed: readonly Descriptor[]): Candidates {
  const may = listed.filter(({ artifactType, annotations = {} }) => {
    // Some clients list the type of the config for that of the artifact.
    const known = artifactType !== undefined && artifactType !== emptyMediaType;
    return (!known || looksLikeBundle(artifactType)) && mayBeBill(annotations);
  });
  return {
    chosen: may.toSorted((a, b) => timeOf(b) - timeOf(a)).slice(0, storedSbomLimits.candidates),
    unsigned: listed.some(({ artifactType = '' }) => billType.test(artifactType)),
  };
}

/** Whether the annotations of a bundle leave it open that it states an SBOM in CycloneDX. */
export function mayBeBill(annotations: Readonly<Record<string, string>>): boolean {
  const predicateType = annotations[bundleAnnotations.predicateType];
  return predicateType === undefined || predicateType === predicateTypes.cyclonedx;
}

function timeOf({ annotations }: Descriptor): number {
  const time = Date.parse(annotations?.[bundleAnnotations.created] ?? '');
  return Number.isNaN(time) ? 0 : time;
}
