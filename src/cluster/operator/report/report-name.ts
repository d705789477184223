import { computeHash } from './compute-hash.ts';

/** What values of labels are (Kubernetes, "Labels and Selectors", "Syntax and character set"). */
const labelValue = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** Whether a text may be the value of a label. */
export function isLabelValue(text: string): boolean {
  return labelValue.test(text);
}

/**
 * The name of the reports about a container, as trivy-operator has it: `replicaset-nginx-6d4cf56db6-nginx`, or with a hash in the place of
 * names that are too long together.
 */
export function reportName(kind: string, name: string, container: string): string {
  const whole = `${kind.toLowerCase()}-${name}-${container}`;
  return isLabelValue(whole) ? whole : `${kind.toLowerCase()}-${computeHash(`${name}-${container}`)}`;
}
