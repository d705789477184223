import type { Certificate } from '../certificate/certificate.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** Whom to trust, and when: what a `trusted_root.json` says. */
export interface TrustMaterial {
  readonly authorities: readonly Authority[];
  readonly timestampAuthorities: readonly Authority[];
  readonly logs: readonly LogInstance[];
  readonly ctLogs: readonly LogInstance[];
}

/** From when until when, both included; an absent end is open. A log or authority without a start is not trusted at all. */
export interface ValidityWindow {
  readonly start?: Date;
  readonly end?: Date;
}

/** One chain of certificate authorities. */
export interface Authority {
  readonly uri: string;
  /** The one that signs leaves first, the root last. A timestamp authority's may begin with its own certificate. */
  readonly certificates: readonly Certificate[];
  readonly window: ValidityWindow;
}

/** A transparency log or certificate-transparency log. */
export interface LogInstance {
  readonly baseUrl: string;
  readonly logId: Buffer;
  /** The first four bytes of the key id in checkpoints, where the trusted root names them. */
  readonly checkpointKeyId?: Buffer;
  readonly key: VerificationKey;
  readonly window: ValidityWindow;
}

/** Whether a time lies within a window (both ends included, as the conformance suite has it). */
export function isWithin({ start, end }: ValidityWindow, time: Date): boolean {
  return start !== undefined && start <= time && (end === undefined || time <= end);
}

/** Nobody vouches for anything: for keys where no log is asked. */
export const nobody: TrustMaterial = { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] };
