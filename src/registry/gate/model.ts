import type { SignatureTrust } from '../../evidence/context.ts';
import type { Digest } from '../../oci/digest.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import type { VulnerabilityFacts } from '../../policy/evidence.ts';

/** What scans know of an image. */
export type ScanFacts =
  | {
      readonly state: 'known';
      readonly facts: VulnerabilityFacts;
      /** Milliseconds since 1970: when its findings were looked up. */
      readonly at: number;
      /** Another one whenever the facts are others. */
      readonly revision: string;
    }
  | { readonly state: 'pending' }
  /** For good, or until somebody asks again; the reason is for people, without a full stop. */
  | { readonly state: 'unavailable'; readonly reason: string }
  | { readonly state: 'absent' };

/** An image that is to be scanned. */
export interface ScanWish {
  readonly repository: string;
  readonly digest: Digest;
  /** Its manifest, where the registry does not keep it yet. */
  readonly offered?: { readonly mediaType: string; readonly content: Uint8Array };
}

/** Who scans images, and remembers what was found. */
export interface ImageScans {
  find(digest: Digest): Promise<ScanFacts>;
  /** The revision alone, which is asked for each pull; undefined where nothing is known. */
  revision(digest: Digest): Promise<string | undefined>;
  /** Hears that the scan of an image will soon be asked for. */
  prepare(): void;
  /** Has an image scanned, unless that is under way; somebody waits for it. */
  request(wish: ScanWish): Promise<void>;
  /** Hears of an image of which nothing comes, so that no process takes it before others that wait. Does not throw. */
  stalled(digest: Digest): Promise<void>;
  /** Returns when nothing is pending any more, at once where nothing is. @throws the signal's reason */
  settled(digest: Digest, signal: AbortSignal): Promise<void>;
}

/** What the gate goes by; another one whenever the configuration changes. */
export interface GateRules {
  readonly policy: CompiledPolicy;
  readonly trust: SignatureTrust;
  /** Milliseconds that a client is held while something is still pending. */
  readonly hold: number;
  /** Milliseconds after which a client that was held for so long may try again. */
  readonly retryAfter: number;
  /** Platforms that an index is judged by: `linux/amd64`. */
  readonly platforms: readonly string[];
}

/**
 * What the gate tells of: what passed although a rule could not be decided (`opened`), by exceptions (`excepted`), by who asks
 * (`exempt`), or although it breaks a rule that only warns (`warned`) or is only written down (`audited`); what was refused, and who was
 * sent away to try again (`held`).
 */
export interface GateEvent {
  readonly kind: 'opened' | 'excepted' | 'exempt' | 'warned' | 'audited' | 'denied' | 'held';
  readonly repository: string;
  /** Absent where it was refused by its name, before anybody asked what that stands for. */
  readonly digest?: Digest;
  /** Of rules or, for `excepted`, of exceptions. */
  readonly rules: readonly string[];
}
