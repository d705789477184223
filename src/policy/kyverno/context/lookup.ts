import type { Lookup, RegistryAccess } from '../../resource/policy.ts';

/** Asks for the labels of a namespace. */
export function namespaceLabelsLookup(namespace: string): Lookup {
  return { key: keyOf('namespaceLabels', namespace), kind: 'namespaceLabels', namespace };
}

/** Asks for the roles of whoever asks. */
export function rolesLookup(): Lookup {
  return { key: 'roles', kind: 'roles' };
}

/** Asks for a ConfigMap. */
export function configMapLookup(namespace: string, name: string): Lookup {
  return { key: keyOf('configMap', namespace, name), kind: 'configMap', namespace, name };
}

/** Asks the API server. @param path as `checkApiPath` lets it pass */
export function apiLookup(path: string): Lookup {
  return { key: keyOf('api', path), kind: 'api', path };
}

/** Asks for what is kept for all policies. */
export function globalReferenceLookup(name: string): Lookup {
  return { key: keyOf('globalReference', name), kind: 'globalReference', name };
}

/** Asks a registry for manifest and config of an image. */
export function imageDataLookup(reference: string, access: RegistryAccess): Lookup {
  const { plainHttp, secrets, providers } = access;
  const how = [plainHttp ? 'http' : 'https', [...secrets].sort().join(), [...providers].sort().join()];
  return { key: keyOf('imageData', reference, ...how), kind: 'imageData', reference, access };
}

/** No two questions have one key, whatever stands in them. */
function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll(' ', '%20')).join(' ');
}
