import type { PullAccess } from '../../workload/credentials/pull-access.ts';

/** Registries are asked as the user says, whatever a policy does. */
export const ownAccess: PullAccess = { plainHttp: false, secrets: [], providers: [], podSecrets: [] };
