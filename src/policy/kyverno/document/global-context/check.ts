import type { ConfigPath, Finding } from '../../../../codec/yaml/mistake.ts';
import { parseGoDuration } from '../../../../lang/go/duration.ts';
import { compileJmespath } from '../../../../lang/jmespath/evaluate.ts';
import { LangError } from '../../../../lang/error.ts';
import { apiPathMistake } from '../../context/api-path.ts';
import type { KeptCall, KyvernoGlobalEntry } from './model.ts';

/**
 * Questions that are written as objects and kept nowhere (Kubernetes, "Authorization"): all that may be sent. Whoever may write an entry
 * must not have the webhook make objects with rights that it has and they have not.
 */
const questions =
  /^\/apis\/(?:authorization\.k8s\.io\/v1\/(?:namespaces\/[a-z0-9-]+\/local|self)?subject(?:access|rules)reviews|authentication\.k8s\.io\/v1\/tokenreviews)$/;

/** Finds what cannot be meant though each field is of its type, and what is not carried out. */
export function checkKyvernoGlobalEntry({ metadata, spec }: KyvernoGlobalEntry): readonly Finding[] {
  const found: Finding[] = [];
  const { kubernetesResource, apiCall, projections = [] } = spec;
  if ((kubernetesResource === undefined) === (apiCall === undefined)) {
    found.push({ path: ['spec'], sentence: 'needs either kubernetesResource or apiCall' });
  }
  if (metadata.name.includes('.')) {
    const sentence = 'has a dot, after which policies name a projection; leave it out';
    found.push({ path: ['metadata', 'name'], sentence });
  }
  if (
    kubernetesResource !== undefined &&
    (kubernetesResource.group ?? '') === '' &&
    kubernetesResource.version !== 'v1'
  ) {
    found.push({ path: ['spec', 'kubernetesResource', 'group'], sentence: 'is missing; only v1 has none' });
  }
  if (apiCall !== undefined) found.push(...checkCall(apiCall, ['spec', 'apiCall']));
  const names = new Set([metadata.name]);
  for (const [at, { name, jmesPath }] of projections.entries()) {
    const path = ['spec', 'projections', at];
    if (names.has(name)) found.push({ path: [...path, 'name'], sentence: 'is a name that is taken already' });
    names.add(name);
    const wrong = expressionMistake(jmesPath);
    if (wrong !== undefined) found.push({ path: [...path, 'jmesPath'], sentence: wrong });
  }
  return found;
}

function checkCall(
  { urlPath, method, data, service, refreshInterval }: KeptCall,
  path: ConfigPath,
): readonly Finding[] {
  const found: Finding[] = [];
  if (service !== undefined) {
    const sentence = 'is not supported: policies ask the API server alone, and no other addresses';
    found.push({ path: [...path, 'service'], sentence });
  }
  if (urlPath === undefined && service === undefined)
    found.push({ path: [...path, 'urlPath'], sentence: 'is missing; add it' });
  const wrong = urlPath === undefined ? undefined : apiPathMistake(urlPath, undefined);
  if (wrong !== undefined) found.push({ path: [...path, 'urlPath'], sentence: wrong });
  if (method === 'POST' && urlPath !== undefined && !questions.test(urlPath)) {
    const sentence =
      'is not supported here: only reviews of authorization.k8s.io and authentication.k8s.io are asked so';
    found.push({ path: [...path, 'method'], sentence });
  }
  if (data !== undefined && method !== 'POST') {
    found.push({ path: [...path, 'data'], sentence: 'is sent by POST alone; set method to it' });
  }
  const interval = refreshInterval === undefined ? undefined : parseGoDuration(refreshInterval);
  if (refreshInterval !== undefined && (interval === undefined || interval <= 0n)) {
    found.push({ path: [...path, 'refreshInterval'], sentence: 'is no duration above 0, such as 10m' });
  }
  return found;
}

function expressionMistake(text: string): string | undefined {
  try {
    compileJmespath(text);
    return undefined;
  } catch (error) {
    if (error instanceof LangError) return error.message;
    throw error;
  }
}
