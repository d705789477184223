/** Layers of `.sig` and `.att` images (cosign, SIGNATURE_SPEC.md and ATTESTATION_SPEC.md). */
export const simpleSigningMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const envelopeMediaType = 'application/vnd.dsse.envelope.v1+json';

/** Artifact types of cosign's experimental layouts from before bundles. */
export const legacySignatureType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
export const legacySbomType = 'application/vnd.dev.cosign.artifact.sbom.v1+json';
export const inTotoType = 'application/vnd.in-toto+json';

/** A signature of Notary Project (notaryproject, signature-specification.md). */
export const notationType = 'application/vnd.cncf.notary.signature';

/** Media types of artifacts in general (OCI image-spec). */
export const emptyMediaType = 'application/vnd.oci.empty.v1+json';
export const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';
export const configMediaType = 'application/vnd.oci.image.config.v1+json';

/** What a bundle's media type begins with, however its version is written. */
const bundlePrefix = 'application/vnd.dev.sigstore.bundle';
const bundlePattern =
  /^application\/vnd\.dev\.sigstore\.bundle(?:\.v(\d{1,4})\.(\d{1,4})\+json|\+json;\s*version=(\d{1,4})\.(\d{1,4}))$/;

/** True for what means to be a bundle, readable or not. */
export function looksLikeBundle(mediaType: string): boolean {
  return mediaType.startsWith(bundlePrefix);
}

/** The version that a bundle's media type names (protobuf-specs, sigstore_bundle.proto); undefined for other texts. */
export function bundleVersion(mediaType: string): { readonly major: number; readonly minor: number } | undefined {
  const match = bundlePattern.exec(mediaType);
  if (match === null) return undefined;
  return { major: Number(match[1] ?? match[3]), minor: Number(match[2] ?? match[4]) };
}
