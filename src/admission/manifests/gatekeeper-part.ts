import { type ManifestSettings, ports } from './model.ts';

/** What answering Gatekeeper adds to the Pods of the webhook and to its Service. */
export interface GatekeeperPart {
  readonly args: readonly string[];
  readonly containerPorts: readonly object[];
  readonly servicePorts: readonly object[];
  readonly openPorts: readonly number[];
  readonly volumeMounts: readonly object[];
  readonly volumes: readonly object[];
}

const nothing: GatekeeperPart = {
  args: [],
  containerPorts: [],
  servicePorts: [],
  openPorts: [],
  volumeMounts: [],
  volumes: [],
};

const name = 'gatekeeper';
const folder = '/etc/seaworthy/gatekeeper';

/** Nothing where Gatekeeper is not answered. */
export function gatekeeperPart({ gatekeeper }: Pick<ManifestSettings, 'gatekeeper'>): GatekeeperPart {
  if (gatekeeper === undefined) return nothing;
  const { providers, clientCa } = gatekeeper;
  const port = ports.gatekeeper;
  const served: GatekeeperPart = {
    ...nothing,
    args: ['--gatekeeper-listen', `:${port}`, ...providers.flatMap((each) => ['--gatekeeper-provider', each])],
    containerPorts: [{ name, containerPort: port }],
    servicePorts: [{ name, port, targetPort: name }],
    openPorts: [port],
  };
  if (clientCa === undefined) return served;
  return {
    ...served,
    args: [...served.args, '--gatekeeper-client-ca', `${folder}/ca.crt`],
    volumeMounts: [{ name, mountPath: folder, readOnly: true }],
    volumes: [{ name, configMap: { name: clientCa } }],
  };
}
