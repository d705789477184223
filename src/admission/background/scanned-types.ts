import type { ResourceType } from '../../kubernetes/model.ts';

function typeOf(group: string, resource: string, kind: string): ResourceType {
  return { group, version: 'v1', resource, kind, namespaced: true };
}

/** What is looked over, in this order: what runs, and what makes it run. */
export const scannedTypes: readonly ResourceType[] = [
  typeOf('', 'pods', 'Pod'),
  typeOf('apps', 'deployments', 'Deployment'),
  typeOf('apps', 'statefulsets', 'StatefulSet'),
  typeOf('apps', 'daemonsets', 'DaemonSet'),
  typeOf('apps', 'replicasets', 'ReplicaSet'),
  typeOf('batch', 'jobs', 'Job'),
  typeOf('batch', 'cronjobs', 'CronJob'),
  typeOf('', 'replicationcontrollers', 'ReplicationController'),
];
