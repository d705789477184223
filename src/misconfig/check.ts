import type { CheckInfo, LineRange } from '../finding/misconfiguration.ts';

/** One place where a document breaks a rule. */
export interface Breach {
  readonly message: string;
  readonly lines?: LineRange;
  readonly resource?: string;
}

/** A rule over documents of one format. */
export interface Check<Document> {
  readonly info: CheckInfo;
  /** Pure, and total: whatever a document holds, it ends without an error. */
  find(document: Document): Iterable<Breach>;
}
