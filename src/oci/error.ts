import { SeaworthyError } from '../base/error.ts';

/** What can go wrong with images, wherever they come from. */
export type OciErrorCode =
  | 'REFERENCE_INVALID'
  | 'DIGEST_INVALID'
  | 'DIGEST_MISMATCH'
  | 'SIZE_MISMATCH'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNSUPPORTED'
  | 'CONFIG_INVALID'
  | 'PLATFORM_INVALID'
  | 'PLATFORM_UNAVAILABLE'
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_AMBIGUOUS'
  /** Something else is there under the name that was to be written. */
  | 'IMAGE_EXISTS'
  | 'BLOB_UNKNOWN'
  | 'ARCHIVE_INVALID'
  | 'LAYOUT_INVALID'
  | 'LAYER_UNREADABLE'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'RATE_LIMITED'
  | 'REGISTRY_UNAVAILABLE'
  | 'REGISTRY_PROTOCOL'
  /** The registry deletes nothing, or not what it was asked to. */
  | 'DELETE_UNSUPPORTED'
  /** Others kept changing what was to be changed. */
  | 'CONFLICT'
  | 'CREDENTIALS_UNREADABLE'
  /** There are none where somebody says that there are some, or they cannot be had now. */
  | 'CREDENTIALS_UNAVAILABLE'
  | 'DAEMON_UNAVAILABLE'
  | 'LIMIT_EXCEEDED';

/** An image could not be named, found, fetched or trusted. */
export class OciError extends SeaworthyError<OciErrorCode> {
  override readonly name = 'OciError';
}
