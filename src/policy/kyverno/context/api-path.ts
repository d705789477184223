import { kyvernoLimits } from '../limits.ts';

/** Subresources through which the API server reaches further: pods, nodes and services answer there, and not it. */
const doors: ReadonlySet<string> = new Set(['proxy', 'exec', 'attach', 'portforward']);

/**
 * Says what is wrong with a path that a policy would have the API server asked for; undefined where nothing is. It is a path of
 * resources, spelt in one way, so that no part of it that came from an object leads elsewhere (CVE-2026-22039, CVE-2026-4789).
 *
 * @param namespace of a policy that may read its own namespace alone
 */
export function apiPathMistake(text: string, namespace: string | undefined): string | undefined {
  if (text.length > kyvernoLimits.apiPath) return `has more than ${kyvernoLimits.apiPath} characters`;
  const [, path = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  if (!/^\/[A-Za-z0-9._~:@/-]*$/.test(path) || /\/\/|\/\.{1,2}(?:\/|$)/.test(path)) {
    return 'is no plain path of the API server, such as /api/v1/namespaces/default/configmaps';
  }
  if (query !== undefined && !/^[A-Za-z0-9._~:@/?!$'()*+,;=&%-]*$/.test(query)) return 'has a query that cannot be one';
  const parts = path.replace(/\/$/, '').split('/').slice(1);
  const [root] = parts;
  const rest = root === 'api' ? parts.slice(2) : root === 'apis' ? parts.slice(3) : undefined;
  if (rest === undefined) return 'begins with neither /api/ nor /apis/';
  const [first, place] = rest;
  const isNamespaced = first === 'namespaces' && rest.length > 2;
  const [, , ...further] = isNamespaced ? rest.slice(2) : rest;
  if (further.some((part) => doors.has(part))) return 'leads through the API server to something else';
  if (rest[0] === 'watch' || /(?:^|&)(?:watch|follow)=/.test(query ?? '')) return 'would be an answer without an end';
  if (namespace === undefined) return undefined;
  if (isNamespaced && place === namespace) return undefined;
  return `is outside namespace ${namespace}, which the policy may read alone`;
}
