/** The kinds of issuers, named by what vouches for whom; Fulcio makes another certificate for each. */
export type IssuerKind = 'email' | 'github' | 'gitlab' | 'buildkite' | 'kubernetes' | 'spiffe' | 'uri' | 'username';

/** What Fulcio has to know of an issuer besides its key (`config/identity/config.yaml` of fulcio). */
export interface IssuerSettings {
  /** Path below the address of the development sigstore. */
  readonly path: string;
  /** What subjects must belong to: a SPIFFE trust domain, the scheme and host of URIs, the domain of users. */
  readonly subjectDomain?: string;
}

/** Every issuer. That of people is where `cosign` looks for the browser's flow. */
export const issuerTable: Readonly<Record<IssuerKind, IssuerSettings>> = {
  email: { path: '/oidc' },
  github: { path: '/oidc/github' },
  gitlab: { path: '/oidc/gitlab' },
  buildkite: { path: '/oidc/buildkite' },
  kubernetes: { path: '/oidc/kubernetes' },
  spiffe: { path: '/oidc/spiffe', subjectDomain: 'example.com' },
  uri: { path: '/oidc/uri', subjectDomain: 'https://example.com' },
  username: { path: '/oidc/username', subjectDomain: 'example.com' },
};

/** All kinds, in the order of the table. */
export const issuerKinds: readonly IssuerKind[] = Object.keys(issuerTable) as IssuerKind[];
