import type { RequestListener } from 'node:http';
import { isNetError, type NetErrorCode } from '../src/net/error.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../src/net/network.ts';

/** The body of an answer, as text. */
export async function textOf(response: NetworkResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * The code of the error of the network that a request ends in.
 *
 * @throws Error when it does not fail; what is no error of the network
 */
export async function codeOf(act: Promise<unknown>): Promise<NetErrorCode> {
  try {
    await act;
  } catch (error) {
    if (isNetError(error)) return error.code;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Answers with what came: method, path, chosen headers and body. */
export const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { authorization, host, 'user-agent': agent, 'content-length': length } = request.headers;
    const { method, url } = request;
    response.end(
      JSON.stringify({ method, url, authorization, host, agent, length, body: Buffer.concat(chunks).toString() }),
    );
  });
};

/** What {@link echo} answers to a request. */
export async function ask(network: Network, request: NetworkRequest): Promise<Record<string, unknown>> {
  return JSON.parse(await textOf(await network.request(request))) as Record<string, unknown>;
}
