import type { OperatorState } from '../operator.ts';
import type { Severity } from '../../../finding/severity.ts';
import { originFields } from '../report/report-object.ts';
import type { ReportTarget } from '../model.ts';
import { isLabelValue } from '../report/report-name.ts';

/** The severities as trivy-operator's metrics name them. */
const severities: readonly (readonly [name: string, severity: Severity])[] = [
  ['Critical', 'CRITICAL'],
  ['High', 'HIGH'],
  ['Medium', 'MEDIUM'],
  ['Low', 'LOW'],
  ['Unknown', 'UNKNOWN'],
];

/**
 * What trivy-operator's dashboards read, in the text format of Prometheus: `trivy_image_vulnerabilities` and `trivy_image_info`, a piece
 * for each report. It is made while it is sent: a cluster has tens of thousands of such series, and nobody holds them.
 *
 * @param isReported whether there is a report of that key
 */
export function* imageSeries(
  { wanted, book }: Pick<OperatorState, 'wanted' | 'book'>,
  isReported: (key: string) => boolean,
): Generator<string> {
  yield '# HELP trivy_image_vulnerabilities Number of container image vulnerabilities\n';
  yield '# TYPE trivy_image_vulnerabilities gauge\n';
  for (const [key, target] of wanted.targets) {
    const found = book.found(target.image);
    if (found === undefined || !isReported(key)) continue;
    const labels = labelsOf(target);
    yield severities
      .map(
        ([name, severity]) => `trivy_image_vulnerabilities{${labels},severity="${name}"} ${found.counts[severity]}\n`,
      )
      .join('');
  }
  yield '# HELP trivy_image_info scanned container image information\n';
  yield '# TYPE trivy_image_info gauge\n';
  for (const [key, target] of wanted.targets) {
    const found = book.found(target.image);
    if (found === undefined || !isReported(key)) continue;
    const { family = '', name = '', endOfLife = false } = found.os ?? {};
    const os = { image_os_family: family, image_os_name: name, image_os_eosl: String(endOfLife) };
    yield `trivy_image_info{${labelsOf(target)},${format(os)}} 1\n`;
  }
}

function labelsOf(target: ReportTarget): string {
  const { namespace, name, owner, container, digest, reference } = target;
  const { server } = originFields(target).registry;
  return format({
    namespace,
    name,
    resource_kind: owner.kind,
    // As the label of the report, which too long a name is not.
    resource_name: isLabelValue(owner.name) ? owner.name : '',
    container_name: container,
    image_registry: server,
    image_repository: reference.repository,
    image_tag: reference.tag ?? '',
    image_digest: digest,
  });
}

/** Prometheus, "Text format details": these are escaped, and nothing else. */
function format(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    .join(',');
}
