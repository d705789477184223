import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { openNetwork } from '../net/open-network.ts';
import { listen } from '../../testing/registry/listen.ts';
import { askService } from './service.ts';

const name = 'the oracle';

async function refused(listener: RequestListener, secrets: readonly string[] = []): Promise<string> {
  await using server = await listen(listener);
  await using network = openNetwork();
  try {
    await askService(network, { name, url: server.url, secrets });
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return 'answered';
}

const saying =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status).end(body);
  };

test('askService() tells refusals apart, and repeats what was said without what is secret', async () => {
  for (const [status, body, wanted] of [
    [400, '{"message":"no"}', /^SERVICE_REFUSED: The oracle \(127\.0\.0\.1:\d+\) answered 400; it says "no"$/],
    [401, '{"error":"invalid","error_description":"a hush-hush token"}', /it says "a \*\*\* token"$/],
    [403, '<html>go away</html>', /answered 403$/],
    [409, '', /^SERVICE_REFUSED: .+ answered 409$/],
    [204, '', /^SERVICE_PROTOCOL: .+ answered 204; check that this is its address$/],
  ] as const) {
    assert.match(await refused(saying(status, body), ['hush-hush']), wanted);
  }
});

test('askService() reads no more than a service may send', async () => {
  assert.match(await refused(saying(200, 'x'.repeat(8_388_609))), /^SERVICE_PROTOCOL: The oracle cannot be asked: /);
  // Of a refusal, the start is enough.
  assert.match(await refused(saying(400, 'y'.repeat(20_000_000))), /^SERVICE_REFUSED: .+ it says "y{300}…"$/);
});
