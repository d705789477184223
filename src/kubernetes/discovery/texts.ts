import { kubernetesLimits as limits } from '../limits.ts';

/** The strings of a list; other entries carry nothing that is used. */
export function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, limits.resources).filter((entry) => typeof entry === 'string');
}
