import type { JsonObject } from '../json/fields.ts';

/** Which services a signer is told to use. */
export interface SigningConfigOptions {
  /** The major versions of Rekor; none leaves the log out. */
  readonly rekor: readonly (1 | 2)[];
  readonly timestamps: boolean;
}

/** A `SigningConfig` of version 0.2 (sigstore_trustroot.proto). */
export function signingConfigOf(url: string, since: Date, { rekor, timestamps }: SigningConfigOptions): JsonObject {
  const service = (address: string, majorApiVersion: number): JsonObject => ({
    url: address,
    majorApiVersion,
    validFor: { start: since.toISOString() },
    operator: 'sigstore-dev',
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(url, 1)],
    oidcUrls: [service(`${url}/oidc`, 1)],
    // Newest first, as signers may expect.
    rekorTlogUrls: rekor.toSorted((a, b) => b - a).map((version) => service(url, version)),
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: timestamps ? [service(`${url}/api/v1/timestamp`, 1)] : [],
    tsaConfig: { selector: 'ANY' },
  };
}
