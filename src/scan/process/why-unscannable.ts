import type { OciError } from '../../oci/error.ts';
import type { ChannelError } from './channel/question.ts';
import { UnscannableError } from './error.ts';

/** What an error about an image's documents means for its scan. */
export function unscannableDocument({
  code,
  message,
}: Pick<OciError, 'message'> & { readonly code: string }): UnscannableError {
  return new UnscannableError(code === 'MANIFEST_UNSUPPORTED' ? 'NOT_AN_IMAGE' : 'IMAGE_INVALID', message);
}

/** What a worker's failure means for a scan: that the image's documents are wrong, or that the worker is. */
export function unscannableAnswer(error: ChannelError): UnscannableError {
  const { reason = '', message } = error;
  if (/^(?:MANIFEST|CONFIG|PLATFORM|DIGEST|SIZE|LIMIT)_/.test(reason))
    return unscannableDocument({ code: reason, message });
  return new UnscannableError('SCAN_CRASHED', message, { cause: error });
}
