import type { Certificate } from './certificate.ts';

/**
 * Signatures that were found to hold, by the very objects: the certificates of a trusted root are read once and verify
 * each other the same way in every verification. Times and purposes are judged anew each time. Holds on to nothing.
 */
export class KnownSignatures {
  readonly #issuers = new WeakMap<Certificate, WeakSet<Certificate>>();

  has(certificate: Certificate, issuer: Certificate): boolean {
    return this.#issuers.get(certificate)?.has(issuer) === true;
  }

  add(certificate: Certificate, issuer: Certificate): void {
    const issuers = this.#issuers.get(certificate) ?? new WeakSet();
    this.#issuers.set(certificate, issuers.add(issuer));
  }
}
