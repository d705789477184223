import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../oci/reference.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import type { Evidence, Gathered, Gate } from '../../policy/evidence.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';

/** An image of which it is known what its name stands for. */
export interface NamedImage {
  readonly reference: Reference;
  /** Of a manifest or of an index. */
  readonly digest: Digest;
}

/** What is asked of an image. */
export interface ImageQuestion {
  readonly policy: CompiledPolicy;
  readonly image: NamedImage;
  readonly gate: Gate;
  /** Whether the gate puts digests in where rules ask for that. */
  readonly pins: boolean;
  readonly access: PullAccess;
  readonly context?: Evidence['context'];
  /** Whether what is known of the image is to be told besides the verdict. */
  readonly wantsEvidence?: true;
  /** Whether nothing that was found before counts, also where nobody can be asked now. */
  readonly anew?: true;
}

/** What is known of one of an image's manifests. */
export interface PlatformEvidence {
  /** `linux/arm64`; absent where the image is judged as a whole. */
  readonly platform?: string;
  readonly evidence: Evidence;
}

/** Where it is learnt what images are. */
export interface ImageSource {
  /** Another text whenever something else is trusted, or another database is asked. */
  readonly revision: () => string;
  /** The same of what is trusted alone, whichever database is asked: what was verified by the one before may count where nobody can be asked. */
  readonly trusted: () => string;
  /** What a name stands for. Names with a digest stand for that. */
  resolve(reference: Reference, access: PullAccess, signal: AbortSignal): Promise<Gathered<Digest>>;
  /**
   * What a policy needs to know of an image, of each platform that is asked for where that matters. How the image is named, what the
   * gate does, and what surrounds it are nothing to it: they are put in afterwards.
   *
   * @throws the signal's reason
   */
  gather(
    question: Pick<ImageQuestion, 'policy' | 'image' | 'gate' | 'access'>,
    signal: AbortSignal,
  ): Promise<readonly PlatformEvidence[]>;
}
