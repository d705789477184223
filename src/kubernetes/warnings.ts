import { kubernetesLimits as limits } from './limits.ts';
import { clean } from './status-error.ts';

/** What the server warns of in the headers of an answer (RFC 7234, 5.5, code 299), webhooks' words among it. */
export function readWarnings(header: string | undefined): string[] {
  if (header === undefined) return [];
  const warnings: string[] = [];
  for (const [, text = ''] of header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
    if (warnings.length === limits.warnings) break;
    warnings.push(clean(text.replaceAll(/\\(.)/g, '$1')).slice(0, limits.warningLength));
  }
  return warnings;
}
