import type { RegistryConfig } from '../config/model.ts';
import { RegistryError } from '../error.ts';
import type { Gate } from '../pipeline/gate.ts';

/** What the configuration forbids to everybody, whatever they are permitted: deleting, where that is switched off. */
export function gateOf(config: () => Pick<RegistryConfig, 'delete'>): Gate {
  return {
    enter({ method, route }) {
      if (method !== 'DELETE' || route.kind === 'upload' || config().delete.enabled) return;
      throw new RegistryError('UNSUPPORTED', 'Deleting is switched off in this registry');
    },
    judge: () => undefined,
  };
}
