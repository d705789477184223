/** An object that a report is about. */
export interface ReportTarget {
  /** `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * What one rule says of an object, as both kinds of reports have it (wgpolicyk8s.io/v1alpha2, PolicyReportResult; openreports.io/v1alpha1,
 * ReportResult).
 */
export interface ReportResult {
  readonly source: string;
  readonly policy: string;
  readonly rule: string;
  /** `warn`: it failed, and does not count; `error`: it could not be decided. */
  readonly result: ReportOutcome;
  readonly scored: boolean;
  readonly message?: string;
  readonly severity?: ReportSeverity;
  readonly category?: string;
  /** Since when it is so. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  /** `images`: those that it looked at, with their digests. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** How a rule ended, in the words of reports. */
export const reportOutcomes = ['pass', 'fail', 'warn', 'error', 'skip'] as const;

/** One of {@link reportOutcomes}. */
export type ReportOutcome = (typeof reportOutcomes)[number];

/** How much it matters that a policy is broken, in the words of reports. */
export type ReportSeverity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** What a policy says of itself, for reports. */
export interface PolicyDescription {
  readonly severity?: ReportSeverity;
  readonly category?: string;
}

/** New results of an object. */
export interface ReportChange {
  readonly target: ReportTarget;
  /** By policy: what stands in the place of all that the report said of it before; nothing where it is not about the object any more. */
  readonly results: ReadonlyMap<string, readonly ReportResult[]>;
}
