import type { TextMistake } from '../../policy/dialects/model.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import type { ResultWord, SuiteDocument, SuiteUser, SuiteValues } from './document/model.ts';

/** A suite with all that its files hold. */
export interface Suite {
  /** Where it is, for people. */
  readonly file: string;
  readonly document: SuiteDocument;
  readonly policies: readonly PolicyText[];
  readonly exceptions: readonly PolicyText[];
  readonly objects: readonly JsonObject[];
  readonly values: SuiteValues;
  readonly user: SuiteUser | undefined;
}

/** What came of one expectation about one object. */
export interface TestResult {
  readonly policy: string;
  /** Empty for all rules. */
  readonly rule: string;
  /** `v1/Pod/default/app`, as far as it is known. */
  readonly resource: string;
  readonly wanted: ResultWord;
  /** Absent where nothing was judged. */
  readonly got?: ResultWord;
  readonly passed: boolean;
  /** For people, without a full stop: `Ok`, `Want pass, got fail: …`. */
  readonly reason: string;
}

/** What came of a suite: its results, or why it could not be run. */
export type SuiteOutcome =
  | { readonly results: readonly TestResult[]; readonly mistakes?: undefined }
  | { readonly results?: undefined; readonly mistakes: readonly TextMistake[] };
