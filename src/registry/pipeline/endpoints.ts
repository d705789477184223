import type { Action } from '../auth/access.ts';
import { deleteBlob, deleteManifest } from '../handle/delete.ts';
import { getBlob } from '../handle/get-blob.ts';
import { getManifest } from '../handle/get-manifest.ts';
import { listReferrers } from '../handle/list-referrers.ts';
import { listRepositories } from '../handle/list-repositories.ts';
import { listTags } from '../handle/list-tags.ts';
import { putManifest } from '../handle/put-manifest.ts';
import { startUploads } from '../handle/start-upload.ts';
import { deleteUpload, patchUpload, putUpload, uploadStatus } from '../handle/upload.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import type { Route } from '../route/route.ts';
import type { Call } from './call.ts';
import type { Passage } from './subject.ts';

/** What may be asked of one kind of path, and the right that it takes. */
export interface Endpoint<Kind extends Route['kind'] = Route['kind']> {
  /** What the sender must be allowed to do to the route's repository; undefined where everybody who is known may. */
  readonly action: Action | undefined;
  /** Does what is asked; or, where content would pass, finds it and stops, so that the gate sees it first. */
  readonly handle: (call: Call<Kind>) => Promise<Answer | Passage>;
}

type Methods<Kind extends Route['kind']> = Readonly<Partial<Record<string, Endpoint<Kind>>>>;

const base: Endpoint<'base'> = {
  action: undefined,
  handle: () => Promise.resolve(jsonAnswer(200, {})),
};
const readManifest: Endpoint<'manifest'> = { action: 'pull', handle: getManifest };
const readBlob: Endpoint<'blob'> = { action: 'pull', handle: getBlob };
const readTags: Endpoint<'tags'> = { action: 'list', handle: listTags };
const readReferrers: Endpoint<'referrers'> = { action: 'pull', handle: listReferrers };
const readCatalog: Endpoint<'catalog'> = { action: 'list', handle: listRepositories };
const uploadPlace: Endpoint<'upload'> = { action: 'push', handle: uploadStatus };

/** The distribution API as data: all that is answered, by path and method, and nothing else. */
export const endpoints: { readonly [Kind in Route['kind']]: Methods<Kind> } = {
  base: { GET: base, HEAD: base },
  catalog: { GET: readCatalog, HEAD: readCatalog },
  tags: { GET: readTags, HEAD: readTags },
  manifest: {
    GET: readManifest,
    HEAD: readManifest,
    PUT: { action: 'push', handle: putManifest },
    DELETE: { action: 'delete', handle: deleteManifest },
  },
  blob: { GET: readBlob, HEAD: readBlob, DELETE: { action: 'delete', handle: deleteBlob } },
  referrers: { GET: readReferrers, HEAD: readReferrers },
  uploads: { POST: { action: 'push', handle: startUploads } },
  upload: {
    GET: uploadPlace,
    HEAD: uploadPlace,
    PATCH: { action: 'push', handle: patchUpload },
    PUT: { action: 'push', handle: putUpload },
    DELETE: { action: 'push', handle: deleteUpload },
  },
};
