/** What a kubeconfig says of one cluster and one user. All certificates and keys are PEM. */
export interface KubeconfigParts {
  readonly url: string;
  readonly caPem: string;
  readonly user: { readonly token: string } | { readonly cert: string; readonly key: string };
}

/** The text of a kubeconfig with one context, `test`, as JSON, which is YAML too. */
export function kubeconfigText({ url, caPem, user }: KubeconfigParts): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const login =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name: 'test', user: login }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
