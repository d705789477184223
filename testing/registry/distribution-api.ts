import { randomBytes } from 'node:crypto';
import type { Answer } from './fault.ts';
import { missingReferences, subjectOf } from './manifest-references.ts';
import { listPage, referrersOf } from './lists.ts';
import { sha256, type RegistryStore, type StoredManifest } from './store.ts';

/** A request as the API sees it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a path of the API names. */
export interface ApiPath {
  /** Empty for the catalog. */
  readonly repository: string;
  readonly kind: 'manifests' | 'blobs' | 'uploads' | 'tags' | 'referrers' | 'catalog';
  readonly reference: string;
}

/** What a registry can do; real ones differ in all of it. */
export interface ApiOptions {
  /** Answers the referrers API; else 404. Default true. */
  readonly referrers?: boolean;
  /** Lists referrers with their types and annotations. Default true. */
  readonly referrerHints?: boolean;
  /** Says `OCI-Subject` when a manifest with a subject is pushed. By default as `referrers`. */
  readonly subjectHeader?: boolean;
  /** Gives manifests an `ETag`. Default false. */
  readonly etag?: boolean;
  /** Obeys `If-Match` and `If-None-Match` when manifests are pushed (RFC 9110, 13.1). Default false. */
  readonly conditional?: boolean;
  /** Lets manifests be deleted: by tag and digest, by digest alone, or not at all. Default `all`. */
  readonly deletion?: 'all' | 'digest' | 'none';
  /** Refuses manifests whose blobs or children are not there. Default true. */
  readonly checkReferences?: boolean;
  /** Entries of one page of a list, where the client asks for no fewer. Default: all. */
  readonly pageSize?: number;
}

/** Reads a path of the distribution API; undefined for `/v2/` itself and for everything else. */
export function parseApiPath(pathname: string): ApiPath | undefined {
  if (pathname === '/v2/_catalog') return { repository: '', kind: 'catalog', reference: '' };
  const match = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/([^/]*)$/.exec(pathname);
  if (match === null) return undefined;
  const kind = match[2] === 'blobs/uploads' ? 'uploads' : (match[2] as ApiPath['kind']);
  const reference = decodeURIComponent(match[3] as string);
  if (kind === 'tags' && reference !== 'list') return undefined;
  return { repository: match[1] as string, kind, reference };
}

/** The OCI distribution specification, over one store. */
export class DistributionApi {
  readonly #store: RegistryStore;
  readonly #options: ApiOptions;
  readonly #uploads = new Map<string, Buffer>();

  constructor(store: RegistryStore, options: ApiOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  answer(path: ApiPath, request: ApiRequest): Answer {
    switch (path.kind) {
      case 'manifests':
        if (request.method === 'PUT') return this.#putManifest(path, request);
        return request.method === 'DELETE' ? this.#deleteManifest(path) : this.#getManifest(path);
      case 'blobs':
        return this.#blob(path, request);
      case 'uploads':
        return this.#upload(path, request);
      case 'referrers':
        return this.#referrers(path, request.url);
      case 'tags':
        return this.#tags(path.repository, request.url);
      default:
        return this.#page(this.#store.repositories(), request.url, (repositories) => ({ repositories }));
    }
  }

  #getManifest({ repository, reference }: ApiPath): Answer {
    const stored = this.#store.manifest(repository, reference);
    if (stored === undefined) return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    const headers = {
      'content-type': stored.mediaType,
      'docker-content-digest': stored.digest,
      ...(this.#options.etag === true ? { etag: etagOf(stored) } : {}),
    };
    return answer(200, headers, stored.bytes);
  }

  #putManifest({ repository, reference }: ApiPath, { headers, body }: ApiRequest): Answer {
    const { checkReferences = true, referrers = true, subjectHeader = referrers } = this.#options;
    if (reference.startsWith('sha256:') && reference !== sha256(body)) {
      return problem(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    }
    const mediaType = headers['content-type'] ?? '';
    const missing = checkReferences ? missingReferences(this.#store, repository, body) : [];
    if (missing.length > 0) return problem(404, 'MANIFEST_BLOB_UNKNOWN', `unknown to registry: ${missing.join(', ')}`);
    if (this.#options.conditional === true && !this.#mayReplace(repository, reference, headers)) {
      return problem(412, 'PRECONDITION_FAILED', 'the manifest has changed');
    }
    const digest = this.#store.putManifest(repository, reference, mediaType, body);
    const subject = subjectOf(body);
    return answer(201, {
      location: `/v2/${repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subjectHeader && subject !== undefined ? { 'oci-subject': subject } : {}),
    });
  }

  #mayReplace(repository: string, reference: string, headers: ApiRequest['headers']): boolean {
    const stored = this.#store.manifest(repository, reference);
    const etag = stored === undefined ? undefined : etagOf(stored);
    const wanted = headers['if-match'];
    if (wanted !== undefined) return etag !== undefined && (wanted === '*' || wanted === etag);
    const unwanted = headers['if-none-match'];
    return unwanted === undefined || etag === undefined || !(unwanted === '*' || unwanted === etag);
  }

  #deleteManifest({ repository, reference }: ApiPath): Answer {
    const { deletion = 'all' } = this.#options;
    if (deletion === 'none') return problem(405, 'UNSUPPORTED', 'The operation is unsupported.');
    if (deletion === 'digest' && !reference.includes(':')) {
      return problem(400, 'DIGEST_INVALID', 'only digests can be deleted');
    }
    if (this.#store.deleteManifest(repository, reference)) return answer(202, {});
    return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  }

  #referrers({ repository, reference }: ApiPath, url: URL): Answer {
    if (this.#options.referrers === false) return answer(404, {}, Buffer.from('404 page not found\n'));
    const wanted = url.searchParams.get('artifactType') ?? undefined;
    const found = referrersOf(this.#store, repository, reference, wanted, this.#options.referrerHints !== false);
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const wrap = (manifests: readonly unknown[]): object => ({ schemaVersion: 2, mediaType, manifests });
    const headers = {
      'content-type': mediaType,
      ...(wanted === undefined ? {} : { 'oci-filters-applied': 'artifactType' }),
    };
    return this.#page(found, url, wrap, ({ digest }) => digest, headers);
  }

  #tags(repository: string, url: URL): Answer {
    const tags = this.#store.tags(repository);
    if (tags === undefined) return problem(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    return this.#page(tags, url, (page) => ({ name: repository, tags: page }));
  }

  #page<Entry>(
    entries: readonly Entry[],
    url: URL,
    wrap: (page: readonly Entry[]) => object,
    nameOf: (entry: Entry) => string = String,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ): Answer {
    const { page, link } = listPage(entries, url, this.#options.pageSize, nameOf);
    const body = Buffer.from(JSON.stringify(wrap(page)));
    return answer(200, { ...headers, ...(link === undefined ? {} : { link }) }, body);
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

function etagOf({ digest }: StoredManifest): string {
  return `"${digest}"`;
}

function accepted(repository: string, id: string, length: number): Answer {
  const location = `/v2/${repository}/blobs/uploads/${id}?state=${length}`;
  return answer(202, { location, range: `0-${Math.max(0, length - 1)}` });
}

function answer(status: number, headers: Record<string, string>, body: Uint8Array = Buffer.alloc(0)): Answer {
  return { status, headers, body };
}
