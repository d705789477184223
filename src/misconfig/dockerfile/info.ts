import type { CheckInfo } from '../../finding/misconfiguration.ts';

/**
 * A rule about Dockerfiles. Its other names are those that Trivy's checks have had: `AVD-DS-0002`, `DS002`, `docker-least-privilege-user`,
 * `least-privilege-user`.
 *
 * @param number four digits
 * @param name as Trivy calls it
 */
export function dockerfileInfo(
  number: string,
  name: string,
  words: Pick<CheckInfo, 'severity' | 'title' | 'description' | 'resolution'>,
): CheckInfo {
  const aliases = [`AVD-DS-${number}`, `DS${number.slice(1)}`, `docker-${name}`, name];
  return { id: `DS-${number}`, aliases, ...words };
}
