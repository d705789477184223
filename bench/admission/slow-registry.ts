import { Agent, request as ask } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { listen, type Listening } from '../../testing/registry/listen.ts';

/** A registry that is far away: what each request is passed on to, a while later. */
export interface SlowRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** What was asked for so far: method and path. On loopback alone it is tried out first whether TLS is spoken, which does not count. */
  readonly requests: readonly string[];
}

/** Starts one before another. @param delay milliseconds */
export async function startSlowRegistry(host: string, delay: number): Promise<SlowRegistry> {
  const requests: string[] = [];
  const agent = new Agent({ keepAlive: true });
  const listening: Listening = await listen((request, response) => {
    const { method = 'GET', url = '/' } = request;
    if (url !== '/v2/') requests.push(`${method} ${url}`);
    request.resume();
    void wait(delay).then(() => {
      const passed = ask(`http://${host}${url}`, { agent, method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy()).end();
    });
  });
  return {
    host: listening.host,
    requests,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      agent.destroy();
    },
  };
}
