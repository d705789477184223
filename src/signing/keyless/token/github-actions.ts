import { SigningError } from '../../error.ts';
import { askService, jsonOfAnswer, protocolError } from '../../service.ts';
import type { TokenSource } from './source.ts';

const name = "GitHub's token service";

/** GitHub Actions, for jobs that have the permission `id-token: write`. */
export const githubActionsSource: TokenSource = {
  id: 'github-actions',
  async find({ env, network, audience }, signal) {
    const address = env['ACTIONS_ID_TOKEN_REQUEST_URL'];
    const bearer = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
    if (address === undefined || address === '' || bearer === undefined || bearer === '') return undefined;
    const url = URL.parse(address);
    if (url === null) {
      const message = 'ACTIONS_ID_TOKEN_REQUEST_URL is no address; run inside a job of GitHub Actions';
      throw new SigningError('IDENTITY_TOKEN_UNAVAILABLE', message);
    }
    url.searchParams.set('audience', audience);
    const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' };
    const answer = await askService(network, { name, url, headers, secrets: [bearer] }, signal);
    const { value } = jsonOfAnswer(answer, name);
    if (typeof value !== 'string') throw protocolError(name, 'its answer holds no token');
    return value;
  },
};
