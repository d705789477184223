import { definitionOf, type StructuralSchema } from '../../../kubernetes/definition.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/model.ts';
import { sbomReports, vulnerabilityReports } from './report-types.ts';

const text: StructuralSchema = { type: 'string' };
const count: StructuralSchema = { type: 'integer', minimum: 0 };
/** What others who write such reports may have there, too. */
const open = { 'x-kubernetes-preserve-unknown-fields': true } as const;

function object(
  properties: Readonly<Record<string, StructuralSchema>>,
  required: readonly string[] = [],
): StructuralSchema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

const shared: Readonly<Record<string, StructuralSchema>> = {
  updateTimestamp: { type: 'string', format: 'date-time', description: 'When the report was last found to be so.' },
  scanner: object({ name: text, vendor: text, version: text }, ['name', 'vendor', 'version']),
  registry: object({ server: text }),
  artifact: object({ repository: text, digest: text, tag: text, mimeType: text }),
};

const vulnerability: StructuralSchema = {
  ...object(
    {
      vulnerabilityID: text,
      resource: text,
      installedVersion: text,
      fixedVersion: { type: 'string', description: 'Empty where none is known.' },
      publishedDate: text,
      lastModifiedDate: text,
      severity: { type: 'string', enum: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] },
      title: text,
      description: text,
      cvsssource: text,
      primaryLink: text,
      links: { type: 'array', items: text },
      score: { type: 'number' },
      target: text,
      cvss: { type: 'object', ...open },
      class: text,
      packageType: text,
      packagePath: text,
      packagePURL: text,
    },
    [
      'vulnerabilityID',
      'resource',
      'installedVersion',
      'fixedVersion',
      'publishedDate',
      'lastModifiedDate',
      'severity',
      'title',
    ],
  ),
};

/** The definition of VulnerabilityReport, for clusters that do not have trivy-operator's. */
export function vulnerabilityReportDefinition(): KubernetesObject {
  const severities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
  return define(vulnerabilityReports, {
    shortNames: ['vuln', 'vulns'],
    description: 'The known flaws of the image of a container.',
    report: object(
      {
        ...shared,
        os: object({ family: text, name: text, eosl: { type: 'boolean' } }),
        summary: object(
          Object.fromEntries([...severities, 'none'].map((severity) => [`${severity}Count`, count])),
          severities.map((severity) => `${severity}Count`),
        ),
        vulnerabilities: { type: 'array', items: vulnerability },
      },
      ['artifact', 'os', 'scanner', 'summary', 'updateTimestamp', 'vulnerabilities'],
    ),
    counts: severities.map((severity) => [severity, `${severity}Count`]),
  });
}

/** The definition of SbomReport, for clusters that do not have trivy-operator's. */
export function sbomReportDefinition(): KubernetesObject {
  const component = { type: 'object', ...open };
  const bill = object(
    {
      bomFormat: text,
      specVersion: text,
      serialNumber: text,
      version: { type: 'integer' },
      metadata: { type: 'object', ...open },
      components: { type: 'array', items: component },
      dependencies: {
        type: 'array',
        items: object({ ref: text, dependsOn: { type: 'array', items: text } }),
      },
    },
    ['bomFormat', 'specVersion'],
  );
  return define(sbomReports, {
    shortNames: ['sbom', 'sboms'],
    description: 'What the image of a container is made of.',
    report: object(
      {
        ...shared,
        summary: object({ componentsCount: count, dependenciesCount: count }, ['componentsCount', 'dependenciesCount']),
        components: { ...bill, description: 'A bill of materials in CycloneDX.' },
      },
      ['artifact', 'components', 'scanner', 'summary', 'updateTimestamp'],
    ),
    counts: [
      ['components', 'componentsCount'],
      ['dependencies', 'dependenciesCount'],
    ],
  });
}

function define(
  type: ResourceType,
  {
    shortNames,
    description,
    report,
    counts,
  }: {
    readonly shortNames: readonly string[];
    readonly description: string;
    readonly report: StructuralSchema;
    /** A word for a column, and the member of the summary. */
    readonly counts: readonly (readonly [word: string, member: string])[];
  },
): KubernetesObject {
  const column = (name: string, jsonPath: string, told: string) =>
    ({ name, type: 'string', jsonPath, description: told }) as const;
  return definitionOf(type, {
    singular: type.kind.toLowerCase(),
    shortNames,
    description,
    properties: { report: { ...report, ...open } },
    required: ['report'],
    status: false,
    columns: [
      column('Repository', '.report.artifact.repository', 'The repository of the image'),
      column('Tag', '.report.artifact.tag', 'The tag of the image'),
      column('Scanner', '.report.scanner.name', 'What looked at it'),
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'How old the report is' },
      ...counts.map(
        ([word, member]) =>
          ({
            name: `${word.charAt(0).toUpperCase()}${word.slice(1)}`,
            type: 'integer',
            jsonPath: `.report.summary.${member}`,
            description: `How many there are: ${word}`,
            priority: 1,
          }) as const,
      ),
    ],
  });
}
