import { randomBytes } from 'node:crypto';
import type { Answer } from './fault.ts';
import { sha256, type RegistryStore } from './store.ts';

/** A request as the API sees it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a path of the API names. */
export interface ApiPath {
  readonly repository: string;
  readonly kind: 'manifests' | 'blobs' | 'uploads';
  readonly reference: string;
}

/** Reads a path of the distribution API; undefined for `/v2/` itself and for everything else. */
export function parseApiPath(pathname: string): ApiPath | undefined {
  const match = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/.exec(pathname);
  if (match === null) return undefined;
  const kind = match[2] === 'blobs/uploads' ? 'uploads' : (match[2] as 'manifests' | 'blobs');
  return { repository: match[1] as string, kind, reference: decodeURIComponent(match[3] as string) };
}

/** The pull and push parts of the OCI distribution specification, over one store. */
export class DistributionApi {
  readonly #store: RegistryStore;
  readonly #uploads = new Map<string, Buffer>();

  constructor(store: RegistryStore) {
    this.#store = store;
  }

  answer(path: ApiPath, request: ApiRequest): Answer {
    if (path.kind === 'manifests') return this.#manifest(path, request);
    if (path.kind === 'blobs') return this.#blob(path, request);
    return this.#upload(path, request);
  }

  #manifest({ repository, reference }: ApiPath, { method, headers, body }: ApiRequest): Answer {
    if (method === 'PUT') {
      const digest = this.#store.putManifest(repository, reference, headers['content-type'] ?? '', body);
      const location = `/v2/${repository}/manifests/${digest}`;
      return answer(201, { location, 'docker-content-digest': digest });
    }
    const stored = this.#store.manifest(repository, reference);
    if (stored === undefined) return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    return answer(200, { 'content-type': stored.mediaType, 'docker-content-digest': stored.digest }, stored.bytes);
  }

  #blob({ repository, reference }: ApiPath, { headers }: ApiRequest): Answer {
    const bytes = this.#store.blob(repository, reference);
    if (bytes === undefined) return problem(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    const common = { 'content-type': 'application/octet-stream', 'docker-content-digest': reference };
    const start = Number(/^bytes=(\d+)-$/.exec(headers['range'] ?? '')?.[1] ?? 0);
    if (start === 0) return answer(200, common, bytes);
    if (start >= bytes.length) return answer(416, { 'content-range': `bytes */${bytes.length}` });
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    return answer(206, { ...common, 'content-range': range }, bytes.subarray(start));
  }

  #upload(path: ApiPath, request: ApiRequest): Answer {
    const { repository, reference: id } = path;
    const parameters = request.url.searchParams;
    if (request.method === 'POST') {
      const mounted = this.#store.blob(parameters.get('from') ?? '', parameters.get('mount') ?? '');
      if (mounted !== undefined) return this.#stored(repository, mounted);
      const started = randomBytes(8).toString('hex');
      this.#uploads.set(started, Buffer.alloc(0));
      return accepted(repository, started, 0);
    }
    const sofar = this.#uploads.get(id);
    if (sofar === undefined) return problem(404, 'BLOB_UPLOAD_UNKNOWN', 'upload unknown');
    const start = Number(/^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1] ?? sofar.length);
    if (start !== sofar.length) return { ...accepted(repository, id, sofar.length), status: 416 };
    const bytes = Buffer.concat([sofar, request.body]);
    if (request.method === 'PATCH') {
      this.#uploads.set(id, bytes);
      return accepted(repository, id, bytes.length);
    }
    this.#uploads.delete(id);
    if (sha256(bytes) !== parameters.get('digest')) return problem(400, 'DIGEST_INVALID', 'digest did not match');
    return this.#stored(repository, bytes);
  }

  #stored(repository: string, bytes: Uint8Array): Answer {
    const digest = this.#store.putBlob(repository, bytes);
    return answer(201, { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest });
  }
}

/** An error as the specification words it. */
export function problem(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  return answer(status, { 'content-type': 'application/json', ...headers }, body);
}

function accepted(repository: string, id: string, length: number): Answer {
  const location = `/v2/${repository}/blobs/uploads/${id}?state=${length}`;
  return answer(202, { location, range: `0-${Math.max(0, length - 1)}` });
}

function answer(status: number, headers: Record<string, string>, body: Uint8Array = Buffer.alloc(0)): Answer {
  return { status, headers, body };
}
