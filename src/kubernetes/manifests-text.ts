import { dump } from 'js-yaml';

/** Objects as a text of YAML, a document for each, in their order. */
export function manifestsText(manifests: readonly object[]): string {
  return manifests.map((manifest) => dump(manifest, { lineWidth: -1, noRefs: true })).join('---\n');
}
