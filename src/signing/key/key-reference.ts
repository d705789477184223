import { SigningError } from '../error.ts';
import { type KmsReference, parseKmsReference } from '../kms/list.ts';

/** Where a key is, as `--key` says it. */
export type KeyReference =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'environment'; readonly variable: string }
  | KubernetesReference
  | GitlabReference
  | { readonly kind: 'kms'; readonly reference: KmsReference };

/** `k8s://NAMESPACE/NAME`: a Secret of a cluster. */
export interface KubernetesReference {
  readonly kind: 'kubernetes';
  readonly namespace: string;
  readonly name: string;
}

/** `gitlab://PROJECT`: variables of a project or group, by its path or number. */
export interface GitlabReference {
  readonly kind: 'gitlab';
  readonly project: string;
}

/** Names in Kubernetes (RFC 1123 labels and subdomains). */
const kubernetesName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const gitlabProject = /^[\w.-]{1,255}(?:\/[\w.-]{1,255}){0,20}$/;

/**
 * Parses what `--key` takes: a path, `https://…`, `env://VARIABLE`, `k8s://NAMESPACE/NAME`, `gitlab://PROJECT`, the
 * schemes of key management services, `pkcs11:…`, and `NAME://…` for the plugin `sigstore-kms-NAME`.
 *
 * @throws SigningError KEY_REFERENCE_INVALID
 */
export function parseKeyReference(text: string): KeyReference {
  if (text === '' || text.includes('\0') || text.length > 8192) throw invalid('A key is named by a path or an address');
  if (text.startsWith('pkcs11:')) return { kind: 'kms', reference: parseKmsReference(text) };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'file', path: text };
  const rest = text.slice(scheme.length + 3);
  switch (scheme) {
    case 'https':
      return { kind: 'url', url: parseUrl(text) };
    case 'http':
      throw invalid('A key is not fetched over plain HTTP, where anyone on the way could replace it; use https://');
    case 'env':
      if (!/^[A-Za-z_]\w{0,254}$/.test(rest)) throw invalid('Write env://VARIABLE for a key in the environment');
      return { kind: 'environment', variable: rest };
    case 'k8s':
      return parseKubernetes(rest);
    case 'gitlab':
      if (!gitlabProject.test(rest)) throw invalid('Write gitlab://OWNER/PROJECT or gitlab://NUMBER');
      return { kind: 'gitlab', project: rest };
    case 'github':
      throw invalid(
        'GitHub gives out no secret that it keeps: name the file of the public key, or env://VARIABLE in a job',
      );
    case 'file':
      throw invalid('A file is named by its path, without file://');
    default:
      return { kind: 'kms', reference: parseKmsReference(scheme + text.slice(scheme.length)) };
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === '') throw invalid('The address of the key is none');
  if (url.username !== '' || url.password !== '') throw invalid('The address of a key takes no user information');
  return url;
}

function parseKubernetes(rest: string): KubernetesReference {
  const [namespace = '', name = '', ...more] = rest.split('/');
  if (more.length > 0 || !kubernetesName.test(namespace) || namespace.includes('.') || !kubernetesName.test(name)) {
    throw invalid('Write k8s://NAMESPACE/NAME for a key in a Secret');
  }
  return { kind: 'kubernetes', namespace, name };
}

function invalid(sentence: string): SigningError {
  return new SigningError('KEY_REFERENCE_INVALID', sentence);
}
