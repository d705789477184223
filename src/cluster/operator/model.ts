import type { SeverityCounts } from '../../finding/scan-report.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../oci/reference.ts';
import type { LookedUp } from '../../scan/process/worker/tasks.ts';

/** What a report belongs to, and goes with (Kubernetes, "Owners and Dependents"). */
export interface ReportOwner {
  /** `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Where an image may be pulled from, and by which credentials. */
export interface ImagePlace {
  readonly reference: Reference;
  readonly namespace: string;
  /** Names of Secrets of that namespace that its Pod names. */
  readonly secrets: readonly string[];
  readonly serviceAccount: string;
}

/** An image that runs: one for each digest and platform. */
export interface RunningImage {
  /** See {@link imageKey}. */
  readonly key: string;
  readonly digest: Digest;
  /** `linux/amd64`, as its nodes are. */
  readonly platform: string;
  readonly places: readonly ImagePlace[];
}

/** A container that there is to be a report about. */
export interface ReportTarget {
  readonly namespace: string;
  /** Of its reports, of all kinds. */
  readonly name: string;
  readonly owner: ReportOwner;
  readonly container: string;
  readonly reference: Reference;
  /** {@link RunningImage.key} */
  readonly image: string;
  readonly digest: Digest;
  /** Another one where the owner makes Pods in another way. */
  readonly specHash: string;
}

/** What is known of an image by one state of the database. */
export interface FoundInImage {
  /** Of all that reports tell of it: others where anything of that is another. */
  readonly revision: string;
  /** When the database was built that was asked, in milliseconds since 1970. */
  readonly builtAt: number;
  /** When it was asked. */
  readonly checkedAt: number;
  readonly counts: SeverityCounts;
  readonly os: LookedUp['os'];
}

/** What tells running images apart. */
export function imageKey(digest: Digest, platform: string): string {
  return `${digest} ${platform}`;
}
