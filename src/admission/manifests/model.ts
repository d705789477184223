import { providerQuestions } from '../gatekeeper/answer.ts';
import { gatekeeperLimits } from '../gatekeeper/limits.ts';
import { providerName } from '../gatekeeper/provider-name.ts';

/** What the manifests of a webhook say. */
export interface ManifestSettings {
  readonly namespace: string;
  /** Of all objects. */
  readonly name: string;
  /** With its digest, so that what runs is what was chosen. */
  readonly image: string;
  /** What the container is started with besides what its place in the cluster asks for. */
  readonly args: readonly string[];
  readonly replicas: number;
  /** Namespaces whose Secrets may be read, for credentials of registries. */
  readonly secretNamespaces: readonly string[];
  /** Every Secret of the cluster may be read. */
  readonly clusterWideSecrets: boolean;
  /** How Gatekeeper is answered; it is not where this is absent. */
  readonly gatekeeper?: GatekeeperManifestSettings;
  /** Such as `system-cluster-critical`; none where it is absent. */
  readonly priorityClass?: string;
  readonly resources: {
    readonly cpu: string;
    readonly memory: string;
    readonly memoryLimit: string;
  };
}

/** How Gatekeeper is answered, by a listener of its own. */
export interface GatekeeperManifestSettings {
  /** Of the container and of the Service. */
  readonly port: number;
  /** Where Gatekeeper runs: its Pods alone reach that port. */
  readonly namespace: string;
  /** Names of Providers that are kept trusting the webhook. */
  readonly providers: readonly string[];
  /** A ConfigMap of the webhook's namespace with `ca.crt`, whose certificates count; those of anybody where it is absent. */
  readonly clientCa?: string;
  /** Seconds that Gatekeeper's webhooks wait. */
  readonly verifySeconds: number;
  readonly mutateSeconds: number;
}

/** What is taken where nothing is said. */
export const defaultManifestSettings: Omit<ManifestSettings, 'image'> = {
  namespace: 'seaworthy-system',
  name: 'seaworthy-admission',
  args: [],
  replicas: 2,
  secretNamespaces: [],
  clusterWideSecrets: false,
  resources: { cpu: '100m', memory: '256Mi', memoryLimit: '512Mi' },
};

/** Of the webhook's configurations, in which its role is not one of all. */
export const configurationName = 'seaworthy-admission';

/** Names of what replicas share in their namespace. */
export const sharedNames = {
  certificates: 'seaworthy-admission-tls',
  sealKey: 'seaworthy-admission-seal',
  lease: 'seaworthy-admission',
} as const;

/** Ports of the container. */
export const ports = { reviews: 8443, plain: 8080 } as const;

/** What is taken of Gatekeeper where nothing is said: all Providers that may be written for it, and what its own chart sets. */
export const defaultGatekeeperSettings: GatekeeperManifestSettings = {
  port: 8444,
  namespace: 'gatekeeper-system',
  providers: providerQuestions.map(providerName),
  verifySeconds: gatekeeperLimits.verifySeconds,
  mutateSeconds: gatekeeperLimits.mutateSeconds,
};
