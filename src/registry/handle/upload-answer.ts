import type { UploadRecord } from '../../store/metadata/uploads.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';

/**
 * Where an upload stands (distribution-spec, "Pushing a blob in chunks"). `Location` is a path alone: clients refuse those that
 * lead to other hosts, and behind a proxy this registry does not know its own name.
 */
export function uploadAnswer(
  status: 202 | 204 | 416,
  repository: string,
  { id, size }: Pick<UploadRecord, 'id' | 'size'>,
): Answer {
  const headers = uploadHeaders(repository, id, size);
  // 204 has no body, and no length of one (RFC 9110, 8.6).
  return status === 204 ? { status, headers } : emptyAnswer(status, headers);
}

/** The headers of it. */
export function uploadHeaders(repository: string, id: string, size: number): Readonly<Record<string, string>> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}
