import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { configOfContext } from '../../src/kubernetes/config/config-of-context.ts';
import type { ConfigDeps } from '../../src/kubernetes/config/deps.ts';
import type { ClusterConfig } from '../../src/kubernetes/config/model.ts';
import { readKubeconfig } from '../../src/kubernetes/config/read-kubeconfig.ts';
import { type ClientOptions, openKubernetesClient } from '../../src/kubernetes/open-client.ts';
import type { Clock } from '../../src/net/clock.ts';
import { instantClock } from '../registry/instant-clock.ts';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './fake-api-server.ts';
import type { Json } from './status.ts';

/** A fake API server with a client of it. */
export interface KubernetesLab extends AsyncDisposable {
  readonly api: FakeApiServer;
  readonly client: KubernetesClient;
}

/** What reading a configuration needs: nothing of this process. */
export function configDeps(changes: Partial<ConfigDeps> = {}): ConfigDeps {
  return { env: {}, home: undefined, clock: instantClock(), logger: silentLogger, ...changes };
}

/** The configuration of a kubeconfig that is a text. */
export async function configOfText(text: string, changes: Partial<ConfigDeps> = {}): Promise<ClusterConfig> {
  const deps = configDeps({ readFile: async () => Buffer.from(text), ...changes });
  const kubeconfig = await readKubeconfig({ ...deps, readFile: async () => Buffer.from(text) }, '/kube/config');
  if (kubeconfig === undefined) throw new Error('there is no kubeconfig');
  return await configOfContext(kubeconfig, {}, deps);
}

/** A client of a fake API server, with a clock whose pauses take no time where nothing else is given. */
export async function clientOf(
  api: FakeApiServer,
  options: ClientOptions & { readonly user?: Json; readonly cluster?: Json } = {},
): Promise<KubernetesClient & AsyncDisposable> {
  const { user, cluster, clock = instantClock(), ...rest } = options;
  const config = await configOfText(api.kubeconfig(user, cluster), { clock });
  return openKubernetesClient(config, { clock, ...rest });
}

/** Starts a server, and opens a client of it. */
export async function kubernetesLab(
  options: FakeApiServerOptions & { readonly clientClock?: Clock } = {},
): Promise<KubernetesLab> {
  const api = await startFakeApiServer(options);
  const client = await clientOf(api, options.clientClock === undefined ? {} : { clock: options.clientClock });
  return {
    api,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}
