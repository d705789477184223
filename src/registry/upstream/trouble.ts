import { isSeaworthyError, SeaworthyError } from '../../base/error.ts';
import { isNetError } from '../../net/error.ts';
import { OciError } from '../../oci/error.ts';
import { RegistryError } from '../error.ts';

/**
 * Why an upstream gave nothing. Only `absent` is its word that there is nothing; `hidden` is what it says of what is not there and of what
 * this registry may not see; `limited` means later; `invalid` is an answer that cannot be used; `failed` is none.
 */
export type TroubleKind = 'absent' | 'hidden' | 'limited' | 'invalid' | 'failed';

/** An upstream that was not asked, since it said so before, or did not answer, or was asked as often as it may be. */
export class UpstreamTrouble extends SeaworthyError<'LIMITED' | 'UNAVAILABLE'> {
  override readonly name = 'UpstreamTrouble';
  /** Milliseconds until it may be asked again. */
  readonly retryAfter: number;

  constructor(code: 'LIMITED' | 'UNAVAILABLE', message: string, retryAfter: number) {
    super(code, message);
    this.retryAfter = retryAfter;
  }
}

/** Tells what kind of trouble an error is; undefined for those that are not an upstream's. */
export function troubleOf(error: unknown): TroubleKind | undefined {
  if (error instanceof UpstreamTrouble) return error.code === 'LIMITED' ? 'limited' : 'failed';
  if (isNetError(error)) return 'failed';
  if (error instanceof RegistryError) return error.code === 'MANIFEST_INVALID' ? 'invalid' : undefined;
  if (!(error instanceof OciError)) return undefined;
  switch (error.code) {
    case 'IMAGE_NOT_FOUND':
    case 'BLOB_UNKNOWN':
      return 'absent';
    case 'UNAUTHORIZED':
    case 'DENIED':
      return 'hidden';
    case 'RATE_LIMITED':
      return 'limited';
    case 'REGISTRY_UNAVAILABLE':
    case 'CREDENTIALS_UNREADABLE':
    case 'CREDENTIALS_UNAVAILABLE':
      return 'failed';
    default:
      return 'invalid';
  }
}

/** What could not be had. */
export interface Wanted {
  readonly code: 'MANIFEST_UNKNOWN' | 'BLOB_UNKNOWN' | 'NAME_UNKNOWN';
  /** `docker.io` */
  readonly upstream: string;
  readonly retryAfter: number;
}

/** What a client is told when an upstream gave nothing, and nothing that it gave before can be served. */
export function answerOf(error: unknown, { code, upstream, retryAfter }: Wanted): unknown {
  const kind = troubleOf(error);
  const message = isSeaworthyError(error) ? error.message : '';
  const pause = error instanceof UpstreamTrouble ? error.retryAfter : retryAfter;
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(pause / 1000))) };
  switch (kind) {
    case undefined:
      return error;
    case 'absent':
      return new RegistryError(code, `${upstream} says that it has none`, { cause: error });
    case 'hidden':
      // Registries hide what there is from whoever may not see it (quay.io, ghcr.io), so this is not told apart.
      return new RegistryError(code, `${upstream} has none, or does not show it to this registry: ${message}`, {
        cause: error,
      });
    case 'limited':
      return new RegistryError('TOOMANYREQUESTS', `${upstream} takes no more requests now: ${message}`, {
        cause: error,
        headers,
      });
    case 'invalid':
      return new RegistryError('UNAVAILABLE', `${upstream} sent something that cannot be used: ${message}`, {
        cause: error,
        status: 502,
      });
    default:
      return new RegistryError('UNAVAILABLE', `${upstream} cannot be asked: ${message}`, { cause: error, headers });
  }
}
