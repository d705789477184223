import { errorMessage } from '../../base/error.ts';
import { RememberedReads } from '../../base/remembered-reads.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { WorkloadError } from '../error.ts';
import type { CredentialSources } from './access-keychain.ts';
import { credentialLimits } from './limits.ts';
import { pullSecretKeychain } from './pull-secret.ts';

const secrets: ResourceType = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true };

/** What came of reading a Secret: its credentials, none where it is not there, or why that is not known. */
type Read =
  | { readonly state: 'found'; readonly keychain: Keychain }
  | { readonly state: 'absent' }
  | { readonly state: 'unavailable'; readonly reason: string };

/** The credentials in the Secrets of a cluster, read when they are asked for and remembered for a moment. */
export function clusterSecrets(client: Pick<KubernetesClient, 'get'>, clock: Clock): CredentialSources['secret'] {
  const isFound = ({ state }: Read): boolean => state === 'found';
  const reads = new RememberedReads<Read>(() => clock.now(), credentialLimits.reads, isFound);
  // Others may wait for the same, so that it does not end with whoever asked first.
  const read = async (full: string): Promise<Read> => {
    const [namespace = '', name = ''] = full.split('/');
    try {
      const secret = await client.get(secrets, name, { namespace });
      if (secret === undefined) return { state: 'absent' };
      return { state: 'found', keychain: pullSecretKeychain(dataOf(secret), full) };
    } catch (error) {
      return { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
    }
  };
  return async (full, signal = new AbortController().signal) => {
    const found = await reads.get(full, () => read(full), signal);
    if (found.state === 'found') return found.keychain;
    if (found.state === 'absent') return undefined;
    throw new WorkloadError('PULL_SECRET_INVALID', `The Secret ${full} cannot be used: ${found.reason}`);
  };
}

function dataOf({ type, data }: KubernetesObject): Parameters<typeof pullSecretKeychain>[0] {
  const held = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  const texts = held.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { type: typeof type === 'string' ? type : '', data: Object.fromEntries(texts) };
}
