import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openKubernetesClient } from '../../src/kubernetes/open-client.ts';
import { systemClock } from '../../src/net/clock.ts';
import { configOfText } from '../kubernetes/kubernetes-lab.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { ApiServer } from './start-api-server.ts';

/** The product's client of a real API server. @param token of who asks; an administrator's where it is absent */
export async function clientOfServer(
  { url, caPem, token: administrator }: Pick<ApiServer, 'url' | 'caPem' | 'token'>,
  token: string = administrator,
): Promise<KubernetesClient & AsyncDisposable> {
  const config = await configOfText(kubeconfigText({ url, caPem, user: { token } }), { clock: systemClock });
  return openKubernetesClient(config);
}
