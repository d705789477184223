import type { Problem } from '../../base/problem.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { readBundles } from '../../signing/cosign/bundles.ts';
import type { LayerBudget } from '../../signing/cosign/fetch-layers.ts';
import { legacyKind, type LegacyKind, readLegacyReferrers } from '../../signing/cosign/legacy-signatures.ts';
import type { AttachedManifest } from '../../signing/cosign/read-referrers.ts';
import { bundleCandidates, type Candidate, legacyCandidates } from '../../signing/image/candidate.ts';
import { type AttachedEnvelope, readEnvelopes } from '../../signing/notation/find-signatures.ts';
import { notationLimits } from '../../signing/notation/limits.ts';
import { statesOther } from './hints.ts';
import { once } from '../once.ts';

/** Something attached that may count for somebody. */
export type Found =
  /** With what stands before the tag that it was found at, where it was found at one. */
  | (Candidate & { readonly tagPrefix?: string })
  | { readonly layout: 'notation'; readonly manifest: Digest; readonly envelope: AttachedEnvelope };

/** What one look brought: what was found, and what was listed but could not be read. */
export interface Look {
  readonly found: readonly Found[];
  readonly problems: readonly Problem[];
}

/** Manifests, and what was listed but could not be read. */
export interface Manifests {
  readonly manifests: readonly AttachedManifest[];
  readonly problems: readonly Problem[];
}

/** Some of what is listed, and what is read of it when somebody asks. */
export interface Part {
  readonly manifests: () => Promise<Manifests>;
  /** Bundles that do not say that they state something else, and those that do. */
  readonly signing: () => Promise<Look>;
  readonly stating: () => Promise<Look>;
  readonly older: Readonly<Record<LegacyKind, () => Promise<Look>>>;
  readonly envelopes: () => Promise<Look>;
}

/** Makes a part of what is listed. @param read gives the manifests, and is asked once */
export function openPart(
  remote: RemoteRepository,
  digest: Digest,
  read: () => Promise<Manifests>,
  budget: LayerBudget,
  signal: AbortSignal,
): Part {
  const manifests = once(read);
  const bundles = (states: boolean): (() => Promise<Look>) =>
    once(async () => {
      const all = (await manifests()).manifests;
      const wanted = all.filter(({ manifest }) => statesOther(manifest.annotations) === states);
      const found = await readBundles(remote, wanted, signal, budget);
      return { found: bundleCandidates(found.bundles, false), problems: found.problems };
    });
  const older = (kind: LegacyKind): (() => Promise<Look>) =>
    once(async () => {
      const all = (await manifests()).manifests;
      const holders = all.filter(({ manifest, artifactType }) => legacyKind(manifest, artifactType) === kind);
      const { signatures, problems } = await readLegacyReferrers(remote, holders, signal, budget);
      return { found: legacyCandidates(signatures), problems };
    });
  const envelopes = once(async (): Promise<Look> => {
    const { signatures: most } = notationLimits;
    const found = await readEnvelopes(remote, digest, (await manifests()).manifests, most, signal, budget);
    return {
      found: found.envelopes.map((envelope) => ({ layout: 'notation', manifest: envelope.manifest.digest, envelope })),
      problems: found.problems,
    };
  });
  return {
    manifests,
    signing: bundles(false),
    stating: bundles(true),
    older: { signature: older('signature'), attestation: older('attestation') },
    envelopes,
  };
}
