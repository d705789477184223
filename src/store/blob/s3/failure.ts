import { isNetError } from '../../../net/error.ts';
import { StoreError, type StoreErrorCode } from '../../error.ts';
import { unwrapSource } from '../incoming.ts';

/** An answer of the store that tells of an error; nobody outside this folder sees it. */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  readonly status: number;
  /** What the store calls it (Amazon S3, "Error responses"); empty when it said nothing that could be read. */
  readonly code: string;

  constructor(status: number, code: string, options?: ErrorOptions) {
    super(`status ${status}${code === '' ? '' : `, ${code}`}`, options);
    this.status = status;
    this.code = code;
  }
}

/** True when an object, or a multipart upload, is not there; a bucket that is not there is another matter. */
export function isAbsent(error: unknown): boolean {
  return error instanceof S3Failure && (error.code === 'NoSuchKey' || error.code === 'NoSuchUpload');
}

const full = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'InsufficientStorage']);
const damaged = new Set(['InvalidObjectState']);
const misdirected = new Set([
  'NoSuchBucket',
  'InvalidBucketName',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
const refused = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
]);
/** Our own word for an answer that broke off. */
export const brokenAnswer: string = 'BrokenAnswer';

const busy = new Set([
  brokenAnswer,
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
]);

/**
 * Answered where two requests met (Amazon S3, "Error responses"). The last is what versitygw says over plain folders when a folder that it
 * has just made for an object was empty to another request, which removed it.
 */
const met = new Set(['OperationAborted', 'ConditionalRequestConflict', 'ExistingObjectIsDirectory']);

/**
 * True for what may pass when the same is asked again, and was not asked again yet: an answer that began well and then told of
 * a failure, one that broke off, or one of two that met. Other bad statuses and connections are the network's to try again.
 */
export function isPassingFailure(error: unknown): boolean {
  if (!(error instanceof S3Failure)) return false;
  if (error.status === 409) return met.has(error.code);
  return error.code === brokenAnswer || (error.status < 300 && busy.has(error.code));
}

/** What a failure means to a caller of the store; anything else, such as what a client's stream threw, stays itself. */
export function storeFailure(thrown: unknown, place: string): unknown {
  const error = unwrapSource(thrown);
  if (error !== thrown) return error;
  if (isNetError(error)) {
    const sentence = `the object store ${place} cannot be reached; look at its address and the network: ${error.message}`;
    return new StoreError('STORE_UNAVAILABLE', sentence, { cause: error });
  }
  if (!(error instanceof S3Failure)) return error;
  const [code, sentence] = describe(error);
  return new StoreError(code, `the object store ${place} ${sentence} (${error.message})`, { cause: error });
}

function describe({ status, code }: S3Failure): readonly [StoreErrorCode, string] {
  if (full.has(code) || status === 507) return ['STORE_FULL', 'is full; give it more room or remove images'];
  if (damaged.has(code)) return ['STORE_DAMAGED', 'has moved an object to where it cannot be read; restore it'];
  if (misdirected.has(code))
    return ['STORE_SETTING_INVALID', 'has no such bucket there; look at bucket, region and address'];
  if (code === 'RequestTimeTooSkewed') return ['STORE_UNAVAILABLE', 'has another time; set the clock of this machine'];
  if (refused.has(code) || status === 401 || status === 403) {
    return ['STORE_UNAVAILABLE', 'refused the credentials, or what was asked with them; look at keys and permissions'];
  }
  if (busy.has(code) || status >= 500) {
    return ['STORE_UNAVAILABLE', 'cannot answer at the moment; try again later'];
  }
  return ['STORE_UNAVAILABLE', 'answered in a way that was not expected; see whether it offers the whole API'];
}
