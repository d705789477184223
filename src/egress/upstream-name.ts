/**
 * The first part of the names of an upstream's repositories at the private registry, as it is called there unless somebody gave it
 * another name. A colon is none of a repository's letters.
 */
export function upstreamName(host: string): string {
  return host.replace(':', '-');
}
