import { LangError } from '../../../lang/error.ts';

/** What an expression asks the API server for. */
export interface ApiQuestion {
  /** `v1`, `apps/v1` */
  readonly apiVersion: string;
  /** As it stands in paths: `configmaps`. */
  readonly resource: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  /** Undefined for a list. */
  readonly name: string | undefined;
}

/**
 * The path of a question. Each part of it is one part of the path, so that nothing that came from an object leads elsewhere
 * (CVE-2026-22039).
 *
 * @param own the namespace of a namespaced policy, which may read nothing else
 * @throws LangError EVALUATION
 */
export function apiPathOf({ apiVersion, resource, namespace, name }: ApiQuestion, own: string | undefined): string {
  const isOne =
    /^(?:[a-z0-9][a-z0-9.-]*\/)?v\d+(?:(?:alpha|beta)\d+)?$/.test(apiVersion) &&
    /^[a-z][a-z0-9-]*$/.test(resource) &&
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)?$/.test(namespace) &&
    (name === undefined || /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,253}$/.test(name));
  if (!isOne) throw new LangError('EVALUATION', 'That is nothing that the API server could be asked for');
  if (own !== undefined && namespace !== own) {
    throw new LangError('EVALUATION', `A policy of namespace ${own} may read what is there alone`);
  }
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `${root}${place}/${resource}${name === undefined ? '' : `/${name}`}`;
}
