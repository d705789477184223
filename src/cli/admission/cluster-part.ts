import { randomUUID } from 'node:crypto';
import { secretStore } from '../../admission/certificates/secret-store.ts';
import type { CertificateStore } from '../../admission/certificates/store.ts';
import { ownLabels } from '../../admission/ownership.ts';
import type { WebhookAddress, WebhookSettings } from '../../admission/webhooks/model.ts';
import { ownerOfWebhooks } from '../../admission/webhooks/owner.ts';
import { WebhookRegistrar } from '../../admission/webhooks/webhook-registrar.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { findCluster } from '../../kubernetes/config/find-cluster.ts';
import { Leader } from '../../kubernetes/leader/leader.ts';
import { openKubernetesClient } from '../../kubernetes/open-client.ts';
import { systemClock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import type { AdmissionFlags } from './flags.ts';

/** A webhook's place in a cluster. */
export interface ClusterPart extends AsyncDisposable {
  readonly client: KubernetesClient;
  readonly namespace: string;
  /** Of this process among its replicas: the name of its Pod, where it has one. */
  readonly identity: string;
  readonly leader: Leader;
  /** Absent where somebody else registers the webhook. */
  readonly registrar: WebhookRegistrar | undefined;
  readonly certificates: CertificateStore;
}

/** What a webhook is called in its cluster: its lease, its certificates, its registration and its role. */
const name = 'seaworthy-admission';

/**
 * Connects to the cluster, where that is wanted.
 *
 * @param parts.canAnswer whether a review could be answered by now
 * @param parts.onLead is told when this process begins to lead
 * @throws ConfigError, KubernetesError
 */
export async function openClusterPart(
  flags: AdmissionFlags,
  { canAnswer, onLead }: { readonly canAnswer: () => boolean; readonly onLead: () => void },
  host: Host,
  logger: Logger,
): Promise<ClusterPart | undefined> {
  if (flags.cluster !== true) {
    const flag = (['kubeconfig', 'context', 'url'] as const).find((each) => flags[each] !== undefined);
    if (flag === undefined) return undefined;
    throw new ConfigError('SETTING_INVALID', `--${flag} is about a cluster; add --cluster`);
  }
  const deps = { env: host.env, home: host.home, clock: systemClock, logger, signal: host.signal };
  const { kubeconfig, context, namespace } = flags;
  const config = await findCluster({ kubeconfig, context, namespace }, deps);
  const userAgent = `seaworthy-admission/${host.version}`;
  const client = openKubernetesClient(config, { clock: systemClock, logger, userAgent });
  const own = client.namespace;
  const live: { registrar?: WebhookRegistrar } = {};
  const identity = host.env['HOSTNAME'] ?? 'webhook';
  const leader = new Leader({
    client,
    namespace: own,
    name,
    labels: ownLabels,
    identity: `${identity}_${randomUUID()}`,
    clock: systemClock,
    logger,
    // What was wanted before is done now.
    onChange: (leads) => {
      if (!leads) return;
      live.registrar?.nudge();
      onLead();
    },
  });
  const address = addressOf(flags, own);
  const owner = address === undefined ? undefined : await ownerOfWebhooks(client, name).catch(() => undefined);
  const registrar =
    address === undefined
      ? undefined
      : new WebhookRegistrar({
          client,
          clock: systemClock,
          logger,
          settings: {
            name,
            namespace: own,
            address,
            leftOut: flags.exceptNamespace,
            ...(owner === undefined ? {} : { owner }),
            ...injectionOf(flags),
          },
          leads: () => leader.leads,
          canAnswer,
        });
  if (registrar !== undefined) live.registrar = registrar;
  return {
    client,
    namespace: own,
    identity,
    leader,
    registrar,
    certificates: secretStore({ client, namespace: own, name: `${name}-tls` }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** What has cert-manager write its authority into what is registered (cert-manager, "CA Injector"). */
function injectionOf({ injectCaFrom }: AdmissionFlags): Pick<WebhookSettings, 'annotations' | 'isInjected'> {
  if (injectCaFrom === undefined) return {};
  if (!/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(injectCaFrom)) {
    throw new ConfigError('SETTING_INVALID', `--inject-ca-from is "${injectCaFrom}"; write it as namespace/name`);
  }
  return { annotations: { 'cert-manager.io/inject-ca-from': injectCaFrom }, isInjected: true };
}

/** How API servers reach the webhook; undefined where nothing says so, and then somebody else registers it. */
function addressOf({ service, url }: AdmissionFlags, namespace: string): WebhookAddress | undefined {
  if (url !== undefined) {
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
      throw new ConfigError('SETTING_INVALID', `--url is "${url}"; write it as https://host:port`);
    }
    return { url: url.replace(/\/+$/, '') };
  }
  return service === undefined ? undefined : { service: { namespace, name: service, port: 443 } };
}
