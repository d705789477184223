import type { KubernetesClient, ListOptions } from '../client.ts';
import { KubernetesError } from '../error.ts';
import { listAll, type WholeList } from '../list-all.ts';
import type { KubernetesObject, ResourceType } from '../model.ts';

/** As `listAll`, of at most so many bytes. @throws KubernetesError LIMIT_EXCEEDED, and what `listAll` throws */
export async function listWithin(
  client: Pick<KubernetesClient, 'list'>,
  type: ResourceType,
  options: ListOptions,
  most: number,
  keep: (object: KubernetesObject) => KubernetesObject,
): Promise<WholeList> {
  const counted: Pick<KubernetesClient, 'list'> = {
    async *list(listed, asked) {
      let bytes = 0;
      for await (const page of client.list(listed, asked)) {
        bytes = page.restarted ? page.bytes : bytes + page.bytes;
        if (bytes > most) {
          const sentence = `The cluster's list of ${type.resource} has more than ${most} bytes; follow one namespace, or use a selector`;
          throw new KubernetesError('LIMIT_EXCEEDED', sentence);
        }
        yield page;
      }
    },
  };
  return await listAll(counted, type, options, keep);
}
