import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { resourceTypes } from '../cluster/resource-types.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import { ownLabels } from '../ownership.ts';
import type { CertificateState } from './model.ts';
import { formatCertificateState, parseCertificateState } from './state-text.ts';
import type { CertificateStore } from './store.ts';

/** Where a Secret with certificates is. */
export interface SecretStoreOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
}

/** Under which all is kept that replicas need; the rest of the Secret is for others who mount it. */
const stateKey = 'state.json';

/**
 * Keeps certificates in a Secret, whose versions order those who write. It has the shape of `kubernetes.io/tls` with the `ca.crt` of
 * cert-manager, so that what is served, and whom to trust, can be mounted; and the authority's key besides.
 */
export function secretStore({ client, namespace, name }: SecretStoreOptions): CertificateStore {
  const type = resourceTypes.secrets;
  const attempt = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (cause) {
      if (!isKubernetesError(cause)) throw cause;
      const sentence = `Certificates cannot be kept in the Secret ${namespace}/${name} (${cause.code}); let the webhook get, create and update it`;
      throw new AdmissionError('CERTIFICATE_STORE_FAILED', sentence, { cause });
    }
  };
  return {
    read: () =>
      attempt(async () => {
        const found = await client.get(type, name, { namespace });
        const revision = found?.metadata.resourceVersion;
        return revision === undefined ? undefined : { state: stateOf(found as KubernetesObject), revision };
      }),
    write: (state, ifRevision) =>
      attempt(async () => {
        try {
          if (ifRevision === undefined) {
            const metadata = { name, namespace, labels: ownLabels };
            const made = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data: dataOf(state) };
            await client.create(type, made);
            return true;
          }
          const found = await client.get(type, name, { namespace });
          if (found?.metadata.resourceVersion !== ifRevision) return false;
          // Its type cannot change: one that somebody made beforehand stays of theirs.
          await client.replace(type, { ...found, data: dataOf(state) });
          return true;
        } catch (error) {
          if (isKubernetesError(error, 'ALREADY_EXISTS', 'CONFLICT', 'NOT_FOUND')) return false;
          throw error;
        }
      }),
  };
}

function stateOf({ data }: KubernetesObject): CertificateState | undefined {
  const encoded = ((data ?? {}) as Readonly<Record<string, unknown>>)[stateKey];
  if (typeof encoded !== 'string' || encoded.length > admissionLimits.certificateBytes) return undefined;
  return parseCertificateState(Buffer.from(encoded, 'base64').toString());
}

function dataOf(state: CertificateState): Readonly<Record<string, string>> {
  const { authority, leaf, previous = '' } = state;
  const texts = {
    'tls.crt': leaf.certificate,
    'tls.key': leaf.key,
    'ca.crt': `${authority.certificate}${previous}`,
    [stateKey]: formatCertificateState(state),
  };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}
