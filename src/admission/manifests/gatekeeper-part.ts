import type { GatekeeperManifestSettings, ManifestSettings } from './model.ts';

/** What answering Gatekeeper adds to the Pods of the webhook, to its Service and to who reaches it. */
export interface GatekeeperPart {
  readonly args: readonly string[];
  readonly containerPorts: readonly object[];
  readonly servicePorts: readonly object[];
  /** Rules of a network policy. */
  readonly ingress: readonly object[];
  readonly volumeMounts: readonly object[];
  readonly volumes: readonly object[];
}

const nothing: GatekeeperPart = {
  args: [],
  containerPorts: [],
  servicePorts: [],
  ingress: [],
  volumeMounts: [],
  volumes: [],
};

const name = 'gatekeeper';
const folder = '/etc/seaworthy/gatekeeper';

/** Nothing where Gatekeeper is not answered. */
export function gatekeeperPart({ gatekeeper }: Pick<ManifestSettings, 'gatekeeper'>): GatekeeperPart {
  if (gatekeeper === undefined) return nothing;
  const { clientCa } = gatekeeper;
  const listener = listenerPart(gatekeeper);
  if (clientCa === undefined) return listener;
  const known = clientCaPart(clientCa);
  return {
    ...listener,
    args: [...listener.args, ...known.args],
    volumeMounts: known.volumeMounts,
    volumes: known.volumes,
  };
}

/** The listener, and whom it keeps trusting. */
export function listenerPart(settings: GatekeeperManifestSettings): GatekeeperPart {
  const { port, namespace, providers, verifySeconds, mutateSeconds } = settings;
  const gatekeepers = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  return {
    ...nothing,
    args: [
      `--gatekeeper-listen=:${port}`,
      ...providers.map((each) => `--gatekeeper-provider=${each}`),
      `--gatekeeper-timeout=${verifySeconds}`,
      `--gatekeeper-mutate-timeout=${mutateSeconds}`,
    ],
    containerPorts: [{ name, containerPort: port }],
    servicePorts: [{ name, port, targetPort: name }],
    ingress: [{ ports: [{ protocol: 'TCP', port }], from: [gatekeepers] }],
  };
}

/** Whose certificates count there. @param configMap its name, with `ca.crt` */
export function clientCaPart(configMap: string): Pick<GatekeeperPart, 'args' | 'volumeMounts' | 'volumes'> {
  return {
    args: [`--gatekeeper-client-ca=${folder}/ca.crt`],
    volumeMounts: [{ name, mountPath: folder, readOnly: true }],
    volumes: [{ name, configMap: { name: configMap } }],
  };
}
