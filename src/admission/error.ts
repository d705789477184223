import { SeaworthyError } from '../base/error.ts';

/** What can go wrong between an API server and whoever judges its reviews. */
export type AdmissionErrorCode =
  /** The body is no AdmissionReview. */
  | 'REVIEW_MALFORMED'
  /** It is one of a version that is not spoken here. */
  | 'REVIEW_UNSUPPORTED'
  /** It has more bytes, or more levels within each other, than are taken. */
  | 'REVIEW_TOO_LARGE'
  /** Its body did not come in time. */
  | 'REVIEW_TOO_SLOW'
  /** The time that the API server waits is nearly over. */
  | 'DEADLINE_EXCEEDED'
  /** More reviews are under way than are taken. */
  | 'OVERLOADED'
  /** Whoever judges did so in a way that cannot be answered with, such as a patch where nothing may be changed. */
  | 'ANSWER_INVALID'
  /** Whoever judges failed, and did not say how. */
  | 'JUDGE_FAILED'
  /** The API server does not wait for the answer any more. */
  | 'CALLER_GONE'
  /** A patch would change a place that the object does not have. */
  | 'PATCH_IMPOSSIBLE'
  /** A certificate or key cannot be read. */
  | 'CERTIFICATE_UNREADABLE'
  /** A certificate cannot be served: it is over, or not this key's, or not for this name. */
  | 'CERTIFICATE_UNUSABLE'
  /** What certificates are kept in cannot be read or written. */
  | 'CERTIFICATE_STORE_FAILED'
  /** The policies want to know more of an object than may be looked up. */
  | 'POLICY_UNDECIDABLE'
  /** There are more policies with webhooks of their own than one configuration holds. */
  | 'WEBHOOKS_TOO_MANY'
  /** The policies were not read yet, and any of them might deny. */
  | 'POLICIES_UNKNOWN'
  /** The webhook is to be taken out of a cluster, and runs. */
  | 'WEBHOOK_RUNS';

/** The webhook cannot do what it was asked; what is answered then is for its failure policy to say. */
export class AdmissionError extends SeaworthyError<AdmissionErrorCode> {
  override readonly name = 'AdmissionError';
}
