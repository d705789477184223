import type { Finding } from '../endpoint.ts';
import type { ProbeResult } from './probe.ts';

/**
 * What probes say about a node.
 *
 * @param registry tries to reach the private registry: where nothing at all is reached, that nothing else is says nothing
 */
export function judgeProbes(elsewhere: readonly ProbeResult[], registry: readonly ProbeResult[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { host, family, outcome, why } of elsewhere) {
    if (outcome === 'reached') {
      const sentence = `${host} answers this node over IPv${family} (${why}); close the way to it`;
      findings.push({ code: 'PROBE_REACHED', level: 'way-out', sentence });
    }
    if (outcome === 'untried') {
      findings.push({ code: 'PROBE_UNTRIED', level: 'unknown', sentence: `${host} could not be tried (${why})` });
    }
  }
  if (registry.every(({ outcome }) => outcome !== 'reached')) {
    const why = [...new Set(registry.map((each) => each.why))].join(', ');
    const sentence = `the private registry does not answer either (${why}), so that silence elsewhere says nothing`;
    findings.push({ code: 'REGISTRY_SILENT', level: 'unknown', sentence });
  }
  return findings;
}
