import type { AdmissionFlags } from '../../src/cli/admission/flags.ts';

/** The flags of `admission serve` where nothing is typed, with changes. */
export function serveFlags(changes: Partial<AdmissionFlags> = {}): AdmissionFlags {
  return {
    listen: ':8443',
    policy: [],
    exceptNamespace: [],
    pullSecret: [],
    provider: [],
    registryRate: [],
    allowRegistry: [],
    denyRegistry: [],
    refuseNetwork: [],
    platform: [],
    kyvernoNamespace: 'kyverno',
    defaultRegistry: 'docker.io',
    verdictAge: '1h',
    staleAge: '24h',
    reports: true,
    events: true,
    backgroundInterval: '1h',
    scanWorkers: '1',
    scanMemory: '1GiB',
    scanTime: '10m',
    gatekeeperProvider: [],
    ...changes,
  };
}
