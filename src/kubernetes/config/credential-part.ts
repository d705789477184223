import type { ClientCertificate } from './model.ts';

/** What one way of proving who asks gives. */
export interface PartCredentials {
  readonly authorization?: string;
  readonly certificate?: ClientCertificate;
}

/** One way of proving who asks: a token, a password, a certificate, a plugin. */
export interface CredentialPart {
  /** @throws KubernetesError CREDENTIAL_FAILED, or the signal's reason */
  current(signal: AbortSignal | undefined): Promise<PartCredentials>;
  /** Forgets what was remembered. False where nothing is: the next would be the same. */
  expire(): boolean;
}

/** A part that never changes. */
export function fixedPart(credentials: PartCredentials): CredentialPart {
  return { current: () => Promise.resolve(credentials), expire: () => false };
}
