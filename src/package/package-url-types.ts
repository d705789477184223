/** The components of a package URL that a type's own rules look at and change. */
interface PackageUrlNames {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: Readonly<Record<string, string>>;
}

/** What one purl type asks for beyond the rules that all share. */
export interface PackageUrlTypeRules {
  /** Optional when absent. */
  readonly namespace?: 'required' | 'prohibited';
  /** The components that are not case-sensitive: they are written in lower case. */
  readonly lower?: readonly ('namespace' | 'name' | 'version')[];
  /** What the name must look like once normalised. */
  readonly namePattern?: RegExp;
  readonly versionPattern?: RegExp;
  readonly requiredQualifiers?: readonly string[];
  /** True where only the first path segment is the namespace and the name keeps its slashes. */
  readonly nameHasSlashes?: boolean;
  /** Changes that are more than lower-casing. */
  normalizeName?(names: PackageUrlNames): string;
}

const namespaceAndName = ['namespace', 'name'] as const;
const caseInsensitiveGitHosts: ReadonlySet<string> = new Set(['github', 'github.com', 'bitbucket', 'bitbucket.org']);

/**
 * Rules per type, from the `*-definition.json` files of the purl specification; a type that is not named here has only
 * the rules that all share.
 *
 * Knowingly different: the definition of `golang` requires a namespace, but Go modules of one path element exist
 * (`gotest.tools`, and `stdlib` as every scanner writes it), so it is optional here.
 * `opkg` is not registered and has the shape of `generic`.
 */
const typeRules: ReadonlyMap<string, PackageUrlTypeRules> = new Map<string, PackageUrlTypeRules>([
  ['alpm', { namespace: 'required', lower: namespaceAndName }],
  ['apk', { namespace: 'required', lower: namespaceAndName }],
  ['bazel', { namespace: 'prohibited' }],
  ['bitbucket', { namespace: 'required', lower: namespaceAndName }],
  ['bitnami', { namespace: 'prohibited', lower: ['name'] }],
  ['brew', { lower: namespaceAndName }],
  ['cargo', { namespace: 'prohibited' }],
  [
    'chrome-extension',
    { namespace: 'prohibited', lower: ['name'], namePattern: /^[a-p]{32}$/, versionPattern: /^\d+(?:\.\d+){0,3}$/ },
  ],
  ['cocoapods', { namespace: 'prohibited' }],
  ['composer', { namespace: 'required', lower: namespaceAndName }],
  ['conda', { namespace: 'prohibited' }],
  // A distribution's name, never a module's (`URI-PackageURL`, not `URI::PackageURL`).
  ['cpan', { namePattern: /^(?!.*::)/s }],
  ['cran', { namespace: 'prohibited' }],
  ['deb', { namespace: 'required', lower: namespaceAndName }],
  ['gem', { namespace: 'prohibited' }],
  [
    'git',
    {
      namespace: 'required',
      nameHasSlashes: true,
      normalizeName: ({ namespace, name }) =>
        namespace !== undefined && caseInsensitiveGitHosts.has(namespace) ? name.toLowerCase() : name,
    },
  ],
  ['github', { namespace: 'required', lower: namespaceAndName }],
  ['golang', {}],
  ['hackage', { namespace: 'prohibited' }],
  ['hex', { lower: namespaceAndName }],
  ['huggingface', { namespace: 'required', lower: ['version'] }],
  ['julia', { namespace: 'prohibited', requiredQualifiers: ['uuid'] }],
  ['luarocks', { lower: namespaceAndName }],
  ['maven', { namespace: 'required' }],
  [
    'mlflow',
    {
      namespace: 'prohibited',
      // Databricks ignores the case of model names, Azure ML does not.
      normalizeName: ({ name, qualifiers }) =>
        (qualifiers['repository_url'] ?? '').includes('databricks') ? name.toLowerCase() : name,
    },
  ],
  ['nuget', { namespace: 'prohibited' }],
  ['oci', { namespace: 'prohibited', lower: ['name', 'version'] }],
  ['opam', { namespace: 'prohibited' }],
  ['otp', { namespace: 'prohibited', lower: ['name'] }],
  [
    'pub',
    {
      namespace: 'prohibited',
      lower: ['name'],
      normalizeName: ({ name }) => name.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_'),
    },
  ],
  [
    'pypi',
    {
      namespace: 'prohibited',
      lower: ['name', 'version'],
      normalizeName: ({ name }) => name.toLowerCase().replaceAll('_', '-'),
    },
  ],
  ['qpkg', { namespace: 'required', lower: ['namespace'] }],
  ['rpm', { namespace: 'required', lower: ['namespace'] }],
  ['swid', { requiredQualifiers: ['tag_id'] }],
  ['swift', { namespace: 'required' }],
  ['vcpkg', { namespace: 'prohibited' }],
  ['vscode-extension', { namespace: 'required', lower: ['namespace', 'name', 'version'] }],
  ['yocto', { lower: ['namespace'] }],
]);

const noRules: PackageUrlTypeRules = {};

/** The rules of a purl type, given in lower case. */
export function packageUrlTypeRules(type: string): PackageUrlTypeRules {
  return typeRules.get(type) ?? noRules;
}
