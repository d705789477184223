import type { RemoteRepository } from '../oci/client/remote-repository.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { KnownSignatures } from '../signing/certificate/known-signatures.ts';
import type { TrustMaterial } from '../signing/trust/trust-material.ts';
import type { Looked } from './looked.ts';

/** What signatures are judged by besides who signed: whom to trust, and whether a log must know of them. */
export interface SignatureTrust {
  /** Undefined while it is not known: then nothing can be told of signatures that need it. */
  readonly trust: TrustMaterial | undefined;
  /** Logs that must hold signatures by keys; those by certificates are always in one. */
  readonly logsForKeys: number;
  /** Timestamp authorities that must vouch for the time of a signature. */
  readonly timestamps: number;
  /** Spares verifying anew how the certificates of the trusted root vouch for each other. */
  readonly known?: KnownSignatures;
}

/** Where signatures of an image are looked for, and what they are judged by. */
export interface SignatureContext {
  /** The image's own repository. */
  readonly remote: RemoteRepository;
  /**
   * Opens another repository, by its name with the host: `ghcr.io/org/signatures`. What proves who asks stays with its host, so whoever
   * gives this opens a client for each. Absent where no other registry may be asked.
   *
   * @throws what says why it cannot be asked
   */
  readonly remoteFor?: (repository: string) => RemoteRepository;
  readonly trust: SignatureTrust;
  readonly now: () => number;
  /** Manifests of the image that are known already, so that they are not fetched for their size and type. */
  readonly manifests?: readonly Descriptor[];
  /** Is told of each place that is looked at and of whatever is judged there, for whoever must explain an answer. */
  readonly observe?: (looked: Looked) => void;
}
