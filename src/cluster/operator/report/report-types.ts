import type { ResourceType } from '../../../kubernetes/model.ts';

const group = 'aquasecurity.github.io';
const version = 'v1alpha1';

/** What is wrong with the image of a container, as trivy-operator's users read it. */
export const vulnerabilityReports: ResourceType = {
  group,
  version,
  resource: 'vulnerabilityreports',
  kind: 'VulnerabilityReport',
  namespaced: true,
};

/** What the image of a container is made of. */
export const sbomReports: ResourceType = {
  group,
  version,
  resource: 'sbomreports',
  kind: 'SbomReport',
  namespaced: true,
};
