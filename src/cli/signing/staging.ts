/** The TUF repository of sigstore's staging instance. */
export const stagingMirror = 'https://tuf-repo-cdn.sigstage.dev';
