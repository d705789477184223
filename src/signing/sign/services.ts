import type { Network } from '../../net/network.ts';

/** Who vouches for new signatures. */
export interface SigningServices {
  readonly network: Network;
  /** Every one of these takes the signature. */
  readonly logs: readonly LogAddress[];
  /** Whole addresses of RFC 3161 authorities; every one of these stamps the signature. */
  readonly timestampAuthorities: readonly string[];
}

/** A transparency log. */
export interface LogAddress {
  readonly url: string;
  /** Of Rekor's interface. */
  readonly version: 1 | 2;
}
