/** How to reach the API server of one cluster, and who asks it. */
export interface ClusterConfig {
  /** For messages: `context "prod" of /home/me/.kube/config`, `the service account of this pod`. */
  readonly origin: string;
  /** The name of its context in the kubeconfig; absent in a pod. */
  readonly context?: string;
  /** `https://10.0.0.1:6443/k8s/clusters/c`: without a slash at its end. */
  readonly server: string;
  readonly tls: ClusterTls;
  /** The only way to the server; undefined leaves it to the network's own settings. */
  readonly proxy: string | undefined;
  /** Where objects are whose namespace nobody named. */
  readonly namespace: string;
  readonly credentials: CredentialSource;
}

/** Whom to take for the API server. */
export interface ClusterTls {
  /** PEM; trusted alone where it is given. */
  readonly authority: Buffer | undefined;
  /** Verifies nothing. */
  readonly insecure: boolean;
  /** The name that its certificate is to have instead of the address. */
  readonly serverName: string | undefined;
}

/** What proves who asks. */
export interface Credentials {
  /** Headers with secrets: `authorization`, or those of impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate: ClientCertificate | undefined;
}

/** PEM, the leaf first. */
export interface ClientCertificate {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Gives credentials, anew where they change. */
export interface CredentialSource {
  /** @throws KubernetesError CREDENTIAL_FAILED, CONFIG_INVALID, or the signal's reason */
  current(signal?: AbortSignal): Promise<Credentials>;
  /** The server did not take these: the next ones are not from memory. False where there is no other way to get any. */
  refused(credentials: Credentials): boolean;
}
