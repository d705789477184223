/** Small VEX documents, as values that become JSON. */

/** An OpenVEX document of 2026 with these statements. */
export function openVex(statements: readonly object[], members: object = {}): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex/1',
    author: 'Example',
    timestamp: '2026-01-02T03:04:05Z',
    version: 1,
    statements,
    ...members,
  };
}

/** One statement of OpenVEX: what, of which products, and how. */
export function openVexStatement(name: string, products: readonly (string | object)[], members: object = {}): object {
  return {
    vulnerability: { name },
    products: products.map((product) => (typeof product === 'string' ? { '@id': product } : product)),
    status: 'not_affected',
    justification: 'vulnerable_code_not_present',
    ...members,
  };
}

/** A CycloneDX document with these vulnerabilities. */
export function cycloneDxVex(vulnerabilities: readonly object[], members: object = {}): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: '2026-01-02T03:04:05Z' },
    vulnerabilities,
    ...members,
  };
}

/** A CSAF document of the VEX profile with this tree. */
export function csafVex(product_tree: object, vulnerabilities: readonly object[]): object {
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: 'Example',
      publisher: { category: 'vendor', name: 'Example', namespace: 'https://example.org' },
      tracking: {
        id: 'EX-1',
        status: 'final',
        version: '1',
        current_release_date: '2026-01-02T03:04:05Z',
        initial_release_date: '2026-01-01T00:00:00Z',
        revision_history: [],
      },
    },
    product_tree,
    vulnerabilities,
  };
}

/** The bytes of a document. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
