import type { KubernetesClient, ListOptions } from './client.ts';
import type { KubernetesObject, ResourceType } from './model.ts';

/** A whole list in memory. */
export interface WholeList {
  readonly objects: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

/**
 * Lists all objects of a type, each once, though the list may have begun anew on the way.
 *
 * @param keep makes of each object what is kept of it, page by page
 * @throws KubernetesError, or the signal's reason
 */
export async function listAll(
  client: Pick<KubernetesClient, 'list'>,
  type: ResourceType,
  options: ListOptions = {},
  keep: (object: KubernetesObject) => KubernetesObject = (object) => object,
): Promise<WholeList> {
  let objects: KubernetesObject[] = [];
  let resourceVersion = '';
  for await (const page of client.list(type, options)) {
    if (page.restarted) objects = [];
    for (const object of page.objects) objects.push(keep(object));
    resourceVersion = page.resourceVersion;
  }
  return { objects, resourceVersion };
}
