import type { CheckInfo } from '../finding/misconfiguration.ts';

/** The page about a check that Trivy's reports link: ids are the same, and so is what it is about. */
export function checkUrl({ id }: CheckInfo): string {
  return `https://avd.aquasec.com/misconfig/${id.toLowerCase()}`;
}
