import { isSeaworthyError } from '../../base/error.ts';
import type { Outcome } from '../pipeline/pipeline.ts';
import type { Route } from '../route/route.ts';
import type { TracedRequest } from './span.ts';

/** Paths of the distribution API as templates: few, whatever clients ask for. */
const templates: Readonly<Record<Route['kind'], string>> = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  tags: '/v2/{name}/tags/list',
  manifest: '/v2/{name}/manifests/{reference}',
  blob: '/v2/{name}/blobs/{digest}',
  referrers: '/v2/{name}/referrers/{digest}',
  uploads: '/v2/{name}/blobs/uploads/',
  upload: '/v2/{name}/blobs/uploads/{id}',
};

/** What traces tell of a request that went through the pipeline. */
export function tracedOutcome({
  request,
  method,
  route,
  status,
  seconds,
  receivedBytes,
  bytes,
  error,
}: Outcome): TracedRequest {
  return {
    request,
    method,
    route: route === undefined ? undefined : templates[route.kind],
    status,
    seconds,
    receivedBytes,
    sentBytes: bytes,
    errorType: isSeaworthyError(error) ? error.code : undefined,
  };
}
