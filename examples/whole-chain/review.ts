import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { ChainError } from './error.ts';

/** What a webhook says of an object (Kubernetes, admission.k8s.io/v1, AdmissionResponse); only what the chain shows. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly status?: { readonly message: string; readonly code: number };
  readonly patch: readonly PatchStep[];
}

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchStep {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** The review that an API server sends for a new Pod with this image. */
export function reviewOfPod(image: string): object {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'shop' },
    spec: { containers: [{ name: 'app', image }] },
  };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'd2f4a1c6-6a5e-4a0e-9f5b-3f6d6c1c7a01',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'app',
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: { username: 'developer' },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    },
  };
}

/**
 * Sends a review as the API server would, to a webhook whose certificate is of the authority in `caFile` and for `localhost`.
 *
 * @throws ChainError STEP_FAILED when the answer is none
 */
export async function sendReview(
  url: URL,
  review: Uint8Array,
  caFile: string,
  signal: AbortSignal,
): Promise<ReviewAnswer> {
  const ca = await readFile(caFile);
  const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const asked = request(
      url,
      { method: 'POST', ca, signal, agent: false, headers: { 'content-type': 'application/json' } },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => void (body += part));
        answer.on('end', () => resolve([answer.statusCode, body]));
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(review);
  });
  if (status !== 200) throw new ChainError('STEP_FAILED', `The webhook answered ${status}: ${text}`);
  return parseAnswer(text);
}

function parseAnswer(text: string): ReviewAnswer {
  const { response } = JSON.parse(text) as { response: Omit<ReviewAnswer, 'patch'> & { patch?: string } };
  const patch = response.patch === undefined ? '[]' : Buffer.from(response.patch, 'base64').toString();
  return { ...response, patch: JSON.parse(patch) as PatchStep[] };
}
