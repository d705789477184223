import { errorMessage } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Discovery, DiscoveredResource } from '../../kubernetes/discovery/model.ts';
import type { KubernetesError } from '../../kubernetes/error.ts';
import type { Gap } from '../model.ts';
import { isOfOneList } from './gap.ts';

/**
 * Words for kinds that a cluster does not have: whoever mistypes one would take an empty answer for a good one. That no object of a kind
 * is there is no gap.
 *
 * @param words kinds that are not known here, and of which nothing runs
 * @throws KubernetesError where the cluster cannot be asked at all, the signal's reason
 */
export async function missingKinds(
  words: readonly string[],
  client: Pick<KubernetesClient, 'discover'>,
  signal: AbortSignal,
): Promise<readonly Gap[]> {
  if (words.length === 0) return [];
  const found = await discovered(client, signal);
  if ('error' in found) return words.map((word) => untold(word, found.error));
  return words
    .filter((word) => !found.resources.some((resource) => isCalled(resource, word)))
    .map((word) => {
      const [failure] = found.failures;
      return failure === undefined
        ? gap(word, 'absent', `There is no kind "${printable(word)}" in this cluster; check its name`)
        : untold(word, failure.error);
    });
}

async function discovered(
  client: Pick<KubernetesClient, 'discover'>,
  signal: AbortSignal,
): Promise<Discovery | { readonly error: KubernetesError }> {
  try {
    return await client.discover(signal);
  } catch (error) {
    if (!isOfOneList(error)) throw error;
    return { error };
  }
}

/** As kubectl takes it: by its kind, its plural, or what it is for short, with its group or without. */
function isCalled({ group, kind, resource, singular, shortNames }: DiscoveredResource, word: string): boolean {
  const text = word.toLowerCase();
  return [kind, resource, singular, ...shortNames].some((each) => {
    const name = each.toLowerCase();
    return text === name || (group !== '' && text === `${name}.${group}`);
  });
}

function untold(word: string, error: KubernetesError): Gap {
  const reason = error.code === 'FORBIDDEN' ? 'forbidden' : 'failed';
  return gap(
    word,
    reason,
    `Whether there is a kind "${printable(word)}" in this cluster cannot be told: ${errorMessage(error)}`,
  );
}

function gap(word: string, reason: Gap['reason'], message: string): Gap {
  return { group: '', resource: printable(word), kind: printable(word), reason, loses: 'workloads', message };
}
