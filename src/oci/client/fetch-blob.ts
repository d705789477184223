import { createHash } from 'node:crypto';
import { isNetError } from '../../net/error.ts';
import type { NetworkResponse } from '../../net/network.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestAlgorithm, digestHex } from '../digest.ts';
import { OciError } from '../error.ts';
import { clientLimits } from './limits.ts';
import type { RegistryClient } from './registry-client.ts';
import { registryFailure } from './registry-error.ts';

/**
 * Streams a blob, checked on the way: bytes beyond the promised size are never handed over, and the stream ends well
 * only when size and digest are right. A connection that breaks is taken up where it broke off (RFC 9110, 14.2), a
 * bounded number of times.
 *
 * @throws OciError BLOB_UNKNOWN, SIZE_MISMATCH, DIGEST_MISMATCH, REGISTRY_UNAVAILABLE and the codes of other answers
 */
export async function* fetchBlob(
  client: RegistryClient,
  repository: string,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest, size } = descriptor;
  const hash = createHash(digestAlgorithm(digest));
  let received = 0;
  for (let resumes = 0; ; resumes += 1) {
    const { response, skip } = await open(client, repository, descriptor, received, signal);
    const start = received;
    let passed = 0;
    try {
      for await (const whole of response.body) {
        const chunk = passed >= skip ? whole : whole.subarray(Math.min(whole.length, skip - passed));
        passed += whole.length;
        if (received + chunk.length > size) throw sizeMismatch(descriptor, `at least ${received + chunk.length}`);
        if (chunk.length === 0) continue;
        hash.update(chunk);
        received += chunk.length;
        yield chunk;
      }
      break;
    } catch (error) {
      const broken = isNetError(error, 'RESET', 'TIMEOUT');
      if (broken && received === size) break;
      const again = broken && resumes < clientLimits.resumes;
      // A connection that brought nothing new does not count as progress: twice in a row is enough.
      if (!again || (resumes > 0 && received === start)) throw registryFailure(error);
    } finally {
      response.discard();
    }
  }
  if (received !== size) throw sizeMismatch(descriptor, `only ${received}`);
  if (hash.digest('hex') !== digestHex(digest)) {
    const sentence = `The content that came for ${digest} has another digest; it was damaged or swapped on the way`;
    throw new OciError('DIGEST_MISMATCH', sentence);
  }
}

async function open(
  client: RegistryClient,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  from: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly response: NetworkResponse; readonly skip: number }> {
  const response = await client.request({
    method: 'GET',
    path: `${repository}/blobs/${digest}`,
    access: { repository, actions: 'pull' },
    headers: { accept: '*/*', ...(from === 0 ? {} : { range: `bytes=${from}-` }) },
    // The size is checked here; a body may be longer only by what one chunk holds.
    limits: { maxBodyBytes: size + 1024 * 1024 },
    signal,
  });
  if (response.status === 200) {
    const announced = response.headers.get('content-length');
    if (announced === undefined || Number(announced) === size) return { response, skip: from };
    response.discard();
    throw sizeMismatch({ digest, size }, announced.slice(0, 20));
  }
  if (response.status === 206 && from > 0) {
    const start = /^bytes (\d{1,16})-/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (start !== undefined && Number(start) === from) return { response, skip: 0 };
    response.discard();
    const sentence = `${response.url.host} sent another part of ${digest} than it was asked for; try another registry`;
    throw new OciError('REGISTRY_PROTOCOL', sentence);
  }
  throw await client.explain(response, { kind: 'blob', name: digest });
}

function sizeMismatch({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, came: string): OciError {
  return new OciError('SIZE_MISMATCH', `${came} bytes came for ${digest} where ${size} were promised; try again`);
}
