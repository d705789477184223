import type { IssuerKind } from './issuer-kind.ts';
import type { Claims } from './jwt.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const githubWorkflow = 'example/app/.github/workflows/release.yml@refs/heads/main';

/** What a token of each kind says where a caller names nothing else: the claims that the real issuers give out. */
export const sampleClaims: Readonly<Record<IssuerKind, Claims>> = {
  email: { sub: 'CgNkZXYSBmRldm1haWw', email: 'dev@example.com', email_verified: true },
  // https://docs.github.com/actions, "OpenID Connect reference".
  github: {
    sub: 'repo:example/app:ref:refs/heads/main',
    actor: 'octocat',
    event_name: 'push',
    job_workflow_ref: githubWorkflow,
    job_workflow_sha: commit,
    ref: 'refs/heads/main',
    ref_type: 'branch',
    repository: 'example/app',
    repository_id: '1001',
    repository_owner: 'example',
    repository_owner_id: '2002',
    repository_visibility: 'public',
    run_attempt: '1',
    run_id: '3003',
    run_number: '7',
    runner_environment: 'github-hosted',
    sha: commit,
    workflow: 'Release',
    workflow_ref: githubWorkflow,
    workflow_sha: commit,
  },
  // https://docs.gitlab.com/ci/secrets/id_token_authentication, "Token payload".
  gitlab: {
    sub: 'project_path:example/app:ref_type:branch:ref:main',
    ci_config_ref_uri: 'gitlab.com/example/app//.gitlab-ci.yml@refs/heads/main',
    ci_config_sha: commit,
    job_id: '4004',
    namespace_id: '72',
    namespace_path: 'example',
    pipeline_id: '5005',
    pipeline_source: 'push',
    project_id: '20',
    project_path: 'example/app',
    project_visibility: 'public',
    ref: 'main',
    ref_type: 'branch',
    runner_environment: 'gitlab-hosted',
    sha: commit,
  },
  // https://buildkite.com/docs/agent/cli/reference/oidc, "Claims".
  buildkite: {
    sub: `organization:example:pipeline:app:ref:refs/heads/main:commit:${commit}:step:build`,
    build_commit: commit,
    build_number: 9,
    build_source: 'webhook',
    job_id: '0184990a-477b-4fa8-9968-496074483cee',
    organization_slug: 'example',
    pipeline_slug: 'app',
    runner_environment: 'buildkite-hosted',
  },
  kubernetes: {
    sub: 'system:serviceaccount:build:signer',
    'kubernetes.io': {
      namespace: 'build',
      pod: { name: 'signer-0', uid: '49ad3572-b3dd-43a6-8d77-5858d3660275' },
      serviceaccount: { name: 'signer', uid: 'f5720c1d-e152-4356-a897-11b07aff165d' },
    },
  },
  spiffe: { sub: 'spiffe://example.com/ns/build/sa/signer' },
  uri: { sub: 'https://example.com/users/1' },
  username: { sub: 'sailor' },
};
