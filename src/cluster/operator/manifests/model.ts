/** What the manifests of an operator say. */
export interface OperatorManifestSettings {
  readonly namespace: string;
  /** Of all objects. */
  readonly name: string;
  /** With its digest, so that what runs is what was chosen. */
  readonly image: string;
  /** What the container is started with besides what its place in the cluster asks for. */
  readonly args: readonly string[];
  /** One works, and the others are there for when it ends. */
  readonly replicas: number;
  /** Namespaces whose Secrets and service accounts may be read, for credentials of registries. */
  readonly secretNamespaces: readonly string[];
  /** Those of all namespaces may be read. */
  readonly clusterWideSecrets: boolean;
  /** Whether the definitions of reports are among them: not where trivy-operator's are there. */
  readonly definitions: boolean;
  readonly resources: {
    readonly cpu: string;
    readonly memory: string;
    readonly memoryLimit: string;
  };
}

/** What is taken where nothing is said. */
export const defaultOperatorSettings: Omit<OperatorManifestSettings, 'image'> = {
  namespace: 'seaworthy-system',
  name: 'seaworthy-operator',
  args: [],
  replicas: 1,
  secretNamespaces: [],
  clusterWideSecrets: false,
  definitions: true,
  // Beside the operator's own, a process scans.
  resources: { cpu: '100m', memory: '256Mi', memoryLimit: '2Gi' },
};

/** The port of the container: health, readiness and metrics. */
export const operatorPort = 8080;
