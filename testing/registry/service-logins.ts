import assert from 'node:assert/strict';
import type { ServiceOfText } from './service-of-text.ts';

/** An access token of the registry's own token service for pulling `team/app`. */
export async function tokenOf(own: ServiceOfText, user: string): Promise<string> {
  const answer = await own.ask('GET', '/token?service=seaworthy&scope=repository:team/app:pull', { user });
  assert.equal(answer.status, 200, answer.body);
  return (JSON.parse(answer.body) as { token: string }).token;
}

/** Whether somebody is let in to a repository in which nothing is: 404 then. */
export async function statusOf(
  own: ServiceOfText,
  login: { user: string } | { token: string },
  name = 'team',
): Promise<number> {
  const more = 'user' in login ? login : { headers: { authorization: `Bearer ${login.token}` } };
  return (await own.ask('GET', `/v2/${name}/app/manifests/a`, more)).status;
}
