import { askService, jsonOfAnswer, protocolError } from '../../service.ts';
import type { TokenSource } from './source.ts';

const name = "Buildkite's agent service";
const defaultEndpoint = 'https://agent.buildkite.com/v3';

/** Buildkite: a job's agent asks for a token of its own (Buildkite agent API, `POST /jobs/:id/oidc/tokens`). */
export const buildkiteSource: TokenSource = {
  id: 'buildkite-agent',
  async find({ env, network, audience }, signal) {
    const token = env['BUILDKITE_AGENT_ACCESS_TOKEN'];
    const job = env['BUILDKITE_JOB_ID'];
    if (token === undefined || token === '' || job === undefined || job === '') return undefined;
    const endpoint = (env['BUILDKITE_AGENT_ENDPOINT'] || defaultEndpoint).replace(/\/+$/, '');
    const answer = await askService(
      network,
      {
        name,
        method: 'POST',
        url: `${endpoint}/jobs/${encodeURIComponent(job)}/oidc/tokens`,
        headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ audience })),
        idempotent: true,
        secrets: [token],
      },
      signal,
    );
    const value = jsonOfAnswer(answer, name)['token'];
    if (typeof value !== 'string') throw protocolError(name, 'its answer holds no token');
    return value;
  },
};
