import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { gathered } from '../../evidence/look.ts';
import { clusterLimits } from '../cluster/limits.ts';
import { resourceTypes } from '../cluster/resource-types.ts';
import { AdmissionError } from '../error.ts';
import { RememberedReads } from '../remembered-reads.ts';
import type { CredentialSources } from './access-keychain.ts';
import { pullSecretKeychain } from './pull-secret.ts';

/** The credentials in the Secrets of a cluster, read when they are asked for and remembered for a moment. */
export function clusterSecrets(client: Pick<KubernetesClient, 'get'>, clock: Clock): CredentialSources['secret'] {
  const reads = new RememberedReads<Keychain>(clock, clusterLimits.reads);
  const read = async (full: string): Promise<Keychain | undefined> => {
    const [namespace = '', name = ''] = full.split('/');
    const secret = await client.get(resourceTypes.secrets, name, { namespace });
    return secret === undefined ? undefined : pullSecretKeychain(dataOf(secret), full);
  };
  return async (full, signal = new AbortController().signal) => {
    // Others may wait for the same, so that it does not end with whoever asked first.
    const look = () =>
      gathered(
        () => clock.now(),
        new AbortController().signal,
        () => read(full),
      );
    const found = await reads.get(full, look, signal);
    if (found.state === 'known') return found.value;
    if (found.state === 'absent') return undefined;
    const reason = found.state === 'unavailable' ? found.reason : 'it is still being read';
    throw new AdmissionError('PULL_SECRET_INVALID', `The Secret ${full} cannot be used: ${reason}`);
  };
}

function dataOf({ type, data }: KubernetesObject): Parameters<typeof pullSecretKeychain>[0] {
  const held = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  const texts = held.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { type: typeof type === 'string' ? type : '', data: Object.fromEntries(texts) };
}
