import type { PackageUrl } from '../../package/package-url.ts';
import type { PathGlob } from '../../base/glob.ts';

/** What a rule speaks about: `any` in the plain format, which does not tell. */
export type IgnoreScope = 'any' | 'vulnerability' | 'misconfiguration' | 'secret' | 'license';

/** One statement of an ignore file: findings with this id, there, until then, are not to be shown. */
export interface IgnoreRule {
  readonly scope: IgnoreScope;
  /** Compared exactly, case included. */
  readonly id: string;
  /** One must match; empty means everywhere. */
  readonly paths: readonly PathGlob[];
  /** One must cover the package; empty means every package. */
  readonly purls: readonly PackageUrl[];
  /** Last instant at which the rule holds, in milliseconds since 1970; absent when it never ends. */
  readonly expiresAt?: number;
  /** The reason, in the user's words. */
  readonly statement?: string;
  /** Where the rule stands in its file, from 1. */
  readonly line: number;
}

/** Something in an ignore file that was left out or not understood, while the rest is used. */
export interface IgnoreWarning {
  readonly code: 'IGNORE_DATE_INVALID' | 'IGNORE_ID_INVALID' | 'IGNORE_KEY_UNKNOWN';
  /** From 1. */
  readonly line: number;
  /** One sentence for a person. */
  readonly message: string;
}

/** An ignore file, read. */
export interface IgnoreRules {
  /** The file's name as the user knows it; reports show it beside what the rules set aside. */
  readonly source: string;
  /** In the order of the file; the first that matches a finding decides. */
  readonly rules: readonly IgnoreRule[];
  readonly warnings: readonly IgnoreWarning[];
}

/** No file, no rules. */
export const noRules: IgnoreRules = { source: '', rules: [], warnings: [] };

/**
 * True when a rule's time is over. Trivy drops a rule as soon as its date lies before now (aquasecurity/trivy,
 * pkg/result/ignore.go, `Prune`), so the instant itself still counts.
 */
export function isExpired({ expiresAt }: IgnoreRule, now: Date): boolean {
  return expiresAt !== undefined && expiresAt < now.getTime();
}
