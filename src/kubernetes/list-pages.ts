import type { ListOptions, ObjectPage } from './client.ts';
import { isKubernetesError, KubernetesError } from './error.ts';
import { asList, asObject, asText, badAnswer, isObject, parseJson } from './json.ts';
import { kubernetesLimits as limits } from './limits.ts';
import { acceptMetadata, metadataOf } from './metadata-only.ts';
import { apiVersionOf, type ResourceType } from './model.ts';
import { kindOf, readObject } from './object.ts';
import { resourcePath } from './resource-path.ts';
import { checkSelector } from './selector.ts';
import type { Transport } from './transport.ts';

/** See `KubernetesClient.list` (API concepts, "Retrieving large results sets in chunks"). */
export async function* listPages(
  transport: Pick<Transport, 'read'>,
  type: ResourceType,
  options: ListOptions = {},
): AsyncGenerator<ObjectPage, void, undefined> {
  const { namespace, labelSelector, fieldSelector, resourceVersion, metadataOnly = false, signal } = options;
  const wanted = metadataOnly ? metadataOf(type) : type;
  const accept = metadataOnly ? acceptMetadata.list : undefined;
  const path = resourcePath(type, { namespace });
  const selectors = { labelSelector: checkSelector(labelSelector), fieldSelector: checkSelector(fieldSelector) };
  let size = Math.max(1, Math.trunc(options.pageSize ?? limits.pageSize));
  let token: string | undefined;
  let restarts = 0;
  let restarted = false;
  let bytes = 0;
  for (let pages = 0; pages < limits.listPages; pages += 1) {
    const query = {
      ...selectors,
      limit: String(size),
      continue: token,
      // A token says which version its list is of.
      resourceVersion: token === undefined ? resourceVersion : undefined,
    };
    let page: Page;
    try {
      const asked = { what: `list ${type.resource}`, method: 'GET', path, query, signal } as const;
      const body = await transport.read(accept === undefined ? asked : { ...asked, accept });
      bytes += body.length;
      page = readPage(body, wanted);
    } catch (error) {
      if (isKubernetesError(error, 'LIMIT_EXCEEDED') && size > 1) {
        size = Math.max(1, size >> 2);
        continue;
      }
      if (token === undefined || restarts >= limits.listRestarts || !isKubernetesError(error, 'GONE')) throw error;
      restarts += 1;
      restarted = true;
      token = undefined;
      continue;
    }
    if (bytes > limits.listBytes) break;
    yield { objects: page.objects, resourceVersion: page.resourceVersion, restarted, bytes: page.bytes };
    restarted = false;
    if (page.token === undefined) return;
    if (page.token === token) throw badAnswer('a page of a list is followed by itself');
    token = page.token;
  }
  const sentence = `The cluster's list of ${type.resource} does not end, or is larger than is read here; list one namespace, or use a selector`;
  throw new KubernetesError('LIMIT_EXCEEDED', sentence);
}

/** Custom resources are in groups of their own domains. */
function isDefined({ group }: ResourceType): boolean {
  return group.includes('.') && !group.endsWith('.k8s.io');
}

interface Page extends Pick<ObjectPage, 'objects' | 'resourceVersion' | 'bytes'> {
  readonly token: string | undefined;
}

function readPage(body: Buffer, type: ResourceType): Page {
  const document = asObject(parseJson(body), 'the list');
  const isOwn = document['kind'] === `${type.kind}List`;
  const isKnown = isOwn || (isDefined(type) && asText(document['kind'])?.endsWith('List') === true);
  if (document['apiVersion'] !== apiVersionOf(type) || !isKnown) {
    throw badAnswer(`a list of ${apiVersionOf(type)} ${type.kind} was asked for, and ${kindOf(document)} came`);
  }
  const metadata = isObject(document['metadata']) ? document['metadata'] : {};
  const resourceVersion = asText(metadata['resourceVersion']);
  if (resourceVersion === undefined) throw badAnswer('a list has no resource version');
  const token = asText(metadata['continue']);
  if (token !== undefined && token.length > limits.continueLength) throw badAnswer('the token of a page is too long');
  const items = asList(document['items'], 'items', Number.MAX_SAFE_INTEGER);
  // Definitions may name the lists of their objects as they like; what is in such a list says itself what it is.
  const objects = items.map((item) => readObject(item, type, isOwn ? 'list' : 'alone'));
  return { objects, resourceVersion, token, bytes: body.length };
}
