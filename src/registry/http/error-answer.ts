import { errorMessage } from '../../base/error.ts';
import { StoreError } from '../../store/error.ts';
import { RegistryError } from '../error.ts';
import { type Answer, jsonAnswer } from './answer.ts';

/**
 * The answer to a request that failed (distribution-spec, "Error Codes"). What is not for clients, such as where something lies
 * on a disk, stays in the log.
 */
export function errorAnswer(error: unknown): Answer {
  const told = error instanceof RegistryError ? error : publicError(error);
  const { code, message, detail, status, headers } = told;
  const entry = detail === undefined ? { code, message } : { code, message, detail };
  return jsonAnswer(status, { errors: [entry] }, headers);
}

/** True for errors that are this registry's fault or its surroundings', and belong into the log. */
export function isOwnFault(error: unknown): boolean {
  return !(error instanceof RegistryError) || error.code === 'INTERNAL' || error.code === 'UNAVAILABLE';
}

function publicError(cause: unknown): RegistryError {
  if (cause instanceof StoreError) {
    switch (cause.code) {
      case 'STORE_BUSY':
        return new RegistryError('TOOMANYREQUESTS', 'The registry is busy; try again soon', {
          cause,
          headers: { 'retry-after': '1' },
        });
      case 'STORE_FULL':
        return new RegistryError('UNAVAILABLE', 'The registry has no room left; tell who runs it', {
          cause,
          status: 507,
        });
      case 'UPLOAD_CONFLICT':
        return new RegistryError(
          'BLOB_UPLOAD_UNKNOWN',
          'The upload is over, or another took its place; begin it again',
          {
            cause,
          },
        );
      case 'LIMIT_EXCEEDED':
        return new RegistryError('SIZE_INVALID', 'This is larger than the registry takes', { cause, status: 413 });
      default:
        return new RegistryError('UNAVAILABLE', 'The registry cannot reach what it stores; try again later', {
          cause,
          headers: { 'retry-after': '5' },
        });
    }
  }
  return new RegistryError('INTERNAL', 'The registry failed; its log says why', { cause: errorMessage(cause) });
}
