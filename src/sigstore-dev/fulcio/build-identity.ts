import { RefusedError } from '../error.ts';
import type { IssuerKind } from '../oidc/issuer-kind.ts';
import type { Claims } from '../oidc/jwt.ts';
import type { FulcioExtensions } from './extensions.ts';

/** Who a build is: the URI in its certificate, and what the extensions say. */
export interface BuildIdentity {
  readonly uri: string;
  readonly extensions: FulcioExtensions;
}

/** Reads one claim as text. */
type Claim = (name: string) => string;

/** The kinds whose tokens are about builds, with what is made of the claims (`ci-issuer-metadata` of fulcio's configuration). */
const builders: Readonly<Partial<Record<IssuerKind, (claim: Claim) => BuildIdentity>>> = {
  github: (claim) => {
    const url = 'https://github.com';
    const repository = `${url}/${claim('repository')}`;
    const signer = `${url}/${claim('job_workflow_ref')}`;
    return {
      uri: signer,
      extensions: {
        githubWorkflowTrigger: claim('event_name'),
        githubWorkflowSha: claim('sha'),
        githubWorkflowName: claim('workflow'),
        githubWorkflowRepository: claim('repository'),
        githubWorkflowRef: claim('ref'),
        buildSignerUri: signer,
        buildSignerDigest: claim('job_workflow_sha'),
        runnerEnvironment: claim('runner_environment'),
        sourceRepositoryUri: repository,
        sourceRepositoryDigest: claim('sha'),
        sourceRepositoryRef: claim('ref'),
        sourceRepositoryIdentifier: claim('repository_id'),
        sourceRepositoryOwnerUri: `${url}/${claim('repository_owner')}`,
        sourceRepositoryOwnerIdentifier: claim('repository_owner_id'),
        buildConfigUri: `${url}/${claim('workflow_ref')}`,
        buildConfigDigest: claim('workflow_sha'),
        buildTrigger: claim('event_name'),
        runInvocationUri: `${repository}/actions/runs/${claim('run_id')}/attempts/${claim('run_attempt')}`,
        sourceRepositoryVisibility: claim('repository_visibility'),
        deploymentEnvironment: claim('environment'),
      },
    };
  },
  gitlab: (claim) => {
    const url = 'https://gitlab.com';
    const project = `${url}/${claim('project_path')}`;
    const config = `https://${claim('ci_config_ref_uri')}`;
    return {
      uri: config,
      extensions: {
        buildSignerUri: config,
        buildSignerDigest: claim('ci_config_sha'),
        runnerEnvironment: claim('runner_environment'),
        sourceRepositoryUri: project,
        sourceRepositoryDigest: claim('sha'),
        sourceRepositoryRef: `refs/${claim('ref_type') === 'branch' ? 'heads' : 'tags'}/${claim('ref')}`,
        sourceRepositoryIdentifier: claim('project_id'),
        sourceRepositoryOwnerUri: `${url}/${claim('namespace_path')}`,
        sourceRepositoryOwnerIdentifier: claim('namespace_id'),
        buildConfigUri: config,
        buildConfigDigest: claim('ci_config_sha'),
        buildTrigger: claim('pipeline_source'),
        runInvocationUri: `${project}/-/jobs/${claim('job_id')}`,
        sourceRepositoryVisibility: claim('project_visibility'),
        deploymentEnvironment: claim('environment'),
      },
    };
  },
  buildkite: (claim) => {
    const pipeline = `https://buildkite.com/${claim('organization_slug')}/${claim('pipeline_slug')}`;
    return {
      uri: pipeline,
      extensions: {
        runnerEnvironment: claim('runner_environment'),
        sourceRepositoryDigest: claim('build_commit'),
        buildTrigger: claim('build_source'),
        runInvocationUri: `${pipeline}/builds/${claim('build_number')}#${claim('job_id')}`,
      },
    };
  },
};

/** Claims that a build need not have. */
const optional: ReadonlySet<string> = new Set(['environment']);

/** Who a build's token speaks of; undefined when the issuer is not one of builds. @throws RefusedError */
export function buildIdentityOf(kind: IssuerKind, claims: Claims): BuildIdentity | undefined {
  return builders[kind]?.((name) => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (optional.has(name)) return '';
    throw new RefusedError('REQUEST_INVALID', `The token has no claim "${name}"`);
  });
}
