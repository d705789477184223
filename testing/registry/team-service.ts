import { hashSync } from 'bcryptjs';
import { makeCertificate } from './certificate.ts';
import { startServiceOf } from './service-of-text.ts';

/** A registry in which `sailor` (`hold-fast`) has `team/**`, everybody may pull `open/**`, and `guest` (`guest`) may no more than that. */
export interface TeamService extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** The authority of its certificate, PEM. */
  readonly authority: string | undefined;
}

/** Starts one as its configuration does. Its certificate is for 127.0.0.1 and `registry.test`. */
export async function startTeamService(auth: 'basic' | 'token', isTls: boolean): Promise<TeamService> {
  const authority = makeCertificate('Test authority');
  const { cert, key } = makeCertificate('registry', {
    issuer: authority,
    ips: ['127.0.0.1'],
    dnsNames: ['registry.test'],
  });
  const text = `
registry:
  listen: 127.0.0.1:0
${isTls ? '  tls: { cert: cert.pem, key: key.pem }\n' : ''}  auth:
    htpasswd: users
${auth === 'token' ? '    token: {}\n' : ''}    anonymous:
      - repositories: [open/**]
        actions: [pull, list]
  permissions:
    - repositories: [team/**, open/**]
      actions: ['*']
      to: [user:sailor]
`;
  const users = `sailor:${hashSync('hold-fast', 4)}\nguest:${hashSync('guest', 4)}\n`;
  const service = await startServiceOf(text, { users, 'cert.pem': cert, 'key.pem': key });
  return {
    host: service.host,
    authority: isTls ? authority.cert : undefined,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
