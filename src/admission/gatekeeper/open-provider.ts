import type { AdmissionMetrics } from '../metrics.ts';
import { keyJudge, type KeyJudgeParts } from './judge/judge-key.ts';
import { ProviderMetrics } from './serve/metrics.ts';
import {
  openProviderServer,
  type ProviderServer,
  type ProviderServerParts,
  type ProviderSettings,
} from './serve/open-provider-server.ts';

/** What Gatekeeper is answered with: what judges reviews, and what serves them. */
export interface ProviderParts extends Omit<ProviderServerParts, 'judge' | 'metrics'> {
  readonly judge: KeyJudgeParts;
  readonly metrics: AdmissionMetrics;
}

/** Answers Gatekeeper by what reviews are judged with. @throws ListenError, AdmissionError CERTIFICATE_UNREADABLE */
export async function openProvider(settings: ProviderSettings, parts: ProviderParts): Promise<ProviderServer> {
  const metrics = new ProviderMetrics(parts.metrics.registry);
  return await openProviderServer(settings, { ...parts, judge: keyJudge(parts.judge), metrics });
}
