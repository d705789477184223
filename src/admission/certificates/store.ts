import type { CertificateState } from './model.ts';

/** What a store holds. */
export interface StoredCertificates {
  /** Undefined where what is there cannot be understood; then it is replaced. */
  readonly state: CertificateState | undefined;
  /** Names exactly this state to {@link CertificateStore.write}. */
  readonly revision: string;
}

/** Keeps the certificates that all replicas of a webhook share. */
export interface CertificateStore {
  /**
   * Undefined where nothing is kept yet. That it could not be looked at is thrown: an authority that is only not seen must not be replaced.
   *
   * @throws AdmissionError CERTIFICATE_STORE_FAILED
   */
  readonly read: () => Promise<StoredCertificates | undefined>;
  /**
   * Keeps another state, unless somebody else did meanwhile.
   *
   * @param ifRevision of what was read; undefined where there was nothing
   * @returns whether it is kept; if not, read again
   * @throws AdmissionError CERTIFICATE_STORE_FAILED
   */
  readonly write: (state: CertificateState, ifRevision: string | undefined) => Promise<boolean>;
}
