import { SeaworthyError } from '../base/error.ts';

/** Why a cloud gave no credentials. */
export type CloudErrorCode =
  /** There are none in any of the places where they may be. */
  | 'CREDENTIALS_ABSENT'
  /** There are some, and they cannot be used as they are. */
  | 'CREDENTIALS_INVALID'
  /** A service could not be asked, or not now. */
  | 'SERVICE_UNAVAILABLE'
  /** A service was asked, and does not want to. */
  | 'SERVICE_REFUSED'
  /** A service answered with something that its interface does not have. */
  | 'ANSWER_INVALID';

/** Credentials of a cloud could not be had. Its message holds no secret, and of what services say no more than a short code. */
export class CloudError extends SeaworthyError<CloudErrorCode> {
  override readonly name = 'CloudError';
}
