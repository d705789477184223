import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { isObject, type JsonObject, type JsonValue } from '../../lang/jmespath/value.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { ReviewOperation, ReviewRequest } from './model.ts';
import { reviewOperations } from './model.ts';
import { malformed, optionalObject, optionalText, readKind, readObject, readResource, readText } from './read-field.ts';
import { readUser } from './read-user.ts';

/** Caps that a caller may lower. */
export interface ReviewLimits {
  /** Bytes of the body; 8 MiB unless said otherwise. */
  readonly bytes?: number;
  /** Levels within each other. */
  readonly depth?: number;
}

/**
 * Reads an AdmissionReview of `admission.k8s.io/v1`. Fields that are not known are passed over, since API servers add some; names that
 * stand twice in an object are refused, since others may read the other one.
 *
 * @throws AdmissionError REVIEW_MALFORMED, REVIEW_UNSUPPORTED or REVIEW_TOO_LARGE
 */
export function parseReview(bytes: Uint8Array, limits: ReviewLimits = {}): ReviewRequest {
  const { bytes: most = admissionLimits.reviewBytes, depth = admissionLimits.reviewDepth } = limits;
  if (bytes.length > most) throw tooLarge(`has more than the ${most} bytes that are taken`);
  const review = readDocument(bytes, depth);
  if (!isObject(review)) throw malformed('it is no JSON object');
  if (review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') throw unsupported(review);
  return readRequest(readObject(review, 'request', 'request'));
}

function readRequest(request: JsonObject): ReviewRequest {
  const uid = readText(request, 'uid', 'request.uid');
  if (uid === '') throw malformed('request.uid is empty');
  const kind = readKind(request, 'kind');
  const resource = readResource(request, 'resource');
  const subResource = optionalText(request, 'subResource');
  const operation = readOperation(request['operation']);
  const object = optionalObject(request, 'object');
  const oldObject = optionalObject(request, 'oldObject');
  const options = optionalObject(request, 'options');
  // Whoever judges has something to look at, whatever is done.
  if (operation === 'DELETE' ? oldObject === undefined : object === undefined) {
    throw malformed(`request.${operation === 'DELETE' ? 'oldObject' : 'object'} is missing from a ${operation}`);
  }
  return {
    uid,
    kind,
    resource,
    subResource,
    requestKind: isAbsent(request['requestKind']) ? kind : readKind(request, 'requestKind'),
    requestResource: isAbsent(request['requestResource']) ? resource : readResource(request, 'requestResource'),
    requestSubResource: isAbsent(request['requestSubResource'])
      ? subResource
      : optionalText(request, 'requestSubResource'),
    name: optionalText(request, 'name'),
    namespace: optionalText(request, 'namespace'),
    operation,
    userInfo: readUser(request),
    ...(object === undefined ? {} : { object }),
    ...(oldObject === undefined ? {} : { oldObject }),
    ...(options === undefined ? {} : { options }),
    dryRun: readFlag(request['dryRun']),
  };
}

function readDocument(bytes: Uint8Array, depth: number): JsonValue {
  try {
    return parseStrictJson(bytes, depth) as JsonValue;
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    if (cause.code === 'LIMIT_EXCEEDED') throw tooLarge(`nests deeper than the ${depth} levels that are taken`, cause);
    throw malformed(cause.message, cause);
  }
}

function readOperation(value: JsonValue | undefined): ReviewOperation {
  const operation = reviewOperations.find((each) => each === value);
  if (operation === undefined) throw malformed(`request.operation is none of ${reviewOperations.join(', ')}`);
  return operation;
}

function readFlag(value: JsonValue | undefined): boolean {
  if (isAbsent(value)) return false;
  if (typeof value !== 'boolean') throw malformed('request.dryRun is neither true nor false');
  return value;
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function tooLarge(how: string, cause?: unknown): AdmissionError {
  const sentence = `The AdmissionReview ${how}; make the object smaller, or leave its kind out of the webhook's rules`;
  return new AdmissionError('REVIEW_TOO_LARGE', sentence, cause === undefined ? {} : { cause });
}

function unsupported(review: JsonObject): AdmissionError {
  if (review['kind'] !== 'AdmissionReview') return malformed('it is no AdmissionReview');
  return new AdmissionError(
    'REVIEW_UNSUPPORTED',
    'Only reviews of admission.k8s.io/v1 are answered; let admissionReviewVersions of the webhook be ["v1"]',
  );
}
