import type { ResourceVerdict, RuleResult } from '../../policy/resource/verdict.ts';
import type { ScanFacts } from './judge/scan-facts.ts';

/** What came of one policy, in Ratify's words (ratify.dev, "Verifier report"). */
interface VerifierReport {
  readonly verifierName: string;
  readonly name: string;
  readonly type: string;
  readonly isSuccess: boolean;
  readonly description: string;
  readonly message: string;
  readonly errorReason?: string;
  readonly detail: {
    readonly policy: string;
    readonly rule: string;
    readonly outcome: string;
    readonly action: string;
  };
}

/**
 * What a template of Rego reads of an image. It has the members of both forms of Ratify, so that its templates work with another
 * provider's name alone, and those of ours besides.
 */
export interface VerifyValue {
  /** As Ratify 1 says it, and as Ratify 2 does. */
  readonly isSuccess: boolean;
  readonly succeeded: boolean;
  readonly verifierReports: readonly VerifierReport[];
  readonly artifactReports: readonly {
    readonly subject: string;
    readonly artifact: string;
    readonly results: readonly VerifierReport[];
    readonly artifactReports: readonly [];
  }[];
  /** Why it is denied, for people; empty when it is not. */
  readonly message: string;
  readonly warnings: readonly string[];
  /** The image by its digest; absent where that was not looked up. */
  readonly pinned?: string;
  readonly digest?: string;
}

/** The value of an image that was judged. */
export function verifyValue(image: string, verdict: ResourceVerdict): VerifyValue {
  const reports = verdict.results.map(reportOf);
  const results = verdict.results.flatMap(({ images }) => images);
  const digest = results.find((each) => each.digest !== undefined)?.digest;
  const pinned = pinnedOf(verdict);
  return {
    isSuccess: verdict.allowed,
    succeeded: verdict.allowed,
    verifierReports: reports,
    artifactReports: [{ subject: image, artifact: digest ?? image, results: reports, artifactReports: [] }],
    message: verdict.allowed ? '' : verdict.message.trim(),
    warnings: verdict.warnings,
    ...(digest === undefined ? {} : { digest }),
    ...(pinned === undefined ? {} : { pinned }),
  };
}

/** The value of an image whose flaws are told as well. */
export interface ScanValue extends VerifyValue {
  readonly vulnerabilities: ScanFacts;
}

/** The value of an image that was judged and scanned. */
export function scanValue(value: VerifyValue, vulnerabilities: ScanFacts): ScanValue {
  return { ...value, vulnerabilities };
}

/** What an image is to be called by its digest; undefined where no policy wants that. */
export function pinnedOf({ pins }: ResourceVerdict): string | undefined {
  return pins[0]?.to;
}

function reportOf({ policy, rule, outcome, action, message }: RuleResult): VerifierReport {
  const isSuccess = outcome === 'passed' || outcome === 'skipped';
  return {
    verifierName: policy,
    name: policy,
    type: 'seaworthy',
    isSuccess,
    description: isSuccess ? `rule ${rule} ${outcome}` : message,
    message: isSuccess ? `rule ${rule} ${outcome}` : message,
    ...(isSuccess ? {} : { errorReason: message }),
    detail: { policy, rule, outcome, action },
  };
}
