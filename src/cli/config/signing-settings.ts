/** What commands that sign and verify take from everywhere; the rest are options of single commands. */
export interface SigningSettings {
  // Who signs, or must have signed.
  readonly key: readonly string[];
  readonly certificateIdentity: readonly string[];
  readonly certificateIdentityRegexp: readonly string[];
  readonly certificateOidcIssuer: readonly string[];
  readonly certificateOidcIssuerRegexp: readonly string[];
  readonly githubWorkflowTrigger?: string;
  readonly githubWorkflowSha?: string;
  readonly githubWorkflowName?: string;
  readonly githubWorkflowRepository?: string;
  readonly githubWorkflowRef?: string;
  // Whom to trust.
  readonly trustedRoot?: string;
  readonly caRoots?: string;
  readonly caIntermediates?: string;
  readonly allowCertificateChain: boolean;
  readonly tufMirror?: string;
  readonly tufRoot?: string;
  // What must vouch for a signature.
  readonly insecureIgnoreTlog: boolean;
  readonly insecureIgnoreSct: boolean;
  readonly useSignedTimestamps: boolean;
  // With what and where to sign.
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly signingConfig?: string;
  readonly useSigningConfig: boolean;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly timestampServerUrl?: string;
  readonly tlogUpload: boolean;
  readonly oidcIssuer?: string;
  readonly oidcClientId: string;
  readonly oidcClientSecretFile?: string;
  readonly oidcProvider?: string;
  readonly oidcRedirectUrl?: string;
  readonly oidcDisableAmbientProviders: boolean;
  readonly fulcioAuthFlow?: 'normal' | 'device' | 'token' | 'client_credentials';
  readonly identityToken?: string;
  /** Where signatures lie when not beside the image (`COSIGN_REPOSITORY`). */
  readonly signatureRepository?: string;
}
