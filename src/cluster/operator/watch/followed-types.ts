import { knownKinds, allKinds } from '../../kinds.ts';
import type { ResourceType } from '../../../kubernetes/model.ts';

/** What runs. */
export const pods: ResourceType = knownKinds.pods;
/** The platforms of what runs. */
export const nodes: ResourceType = knownKinds.nodes;
/** What CronJobs made. */
export const jobs: ResourceType = allKinds.find(({ kind }) => kind === 'Job') as ResourceType;
